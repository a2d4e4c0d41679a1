/* SPDX-License-Identifier: MIT */
/* The table of formats. */
#include "format.h"

#include <string.h>

#define FORMAT(name) extern const struct ol_format ol_format_##name;
#include "formats.def"
#undef FORMAT

static const struct ol_format *const formats[] = {
#define FORMAT(name) &ol_format_##name,
#include "formats.def"
#undef FORMAT
};

#define FORMATS (sizeof formats / sizeof *formats)

const struct ol_format *ol_format_at(size_t index)
{
    return index < FORMATS ? formats[index] : NULL;
}

const struct ol_format *ol_format_find(const char *name)
{
    for (size_t i = 0; i < FORMATS; i++)
        if (strcmp(formats[i]->name, name) == 0)
            return formats[i];
    return NULL;
}

const char *ol_format_names(struct obstack *pool)
{
    const char *names = formats[0]->name;
    for (size_t i = 1; i < FORMATS; i++)
        names = ol_pool_format(pool, "%s%s%s", names, i + 1 < FORMATS ? ", " : " or ",
                               formats[i]->name);
    return names;
}

const char *ol_format_help(struct obstack *pool)
{
    const char *lines = "";
    for (size_t i = 0; i < FORMATS; i++)
        lines = ol_pool_format(pool, "%s  %-9s %s\n", lines, formats[i]->name, formats[i]->text);
    return lines;
}
