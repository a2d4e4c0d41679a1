/* SPDX-License-Identifier: MIT */
/* Formats by name, and files for them. */
#include "output.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "choice.h"
#include "formats/format.h"
#include "say.h"

/* "report.html" for "html=report.html". */
static const char *guess_file(struct obstack *pool, const char *words)
{
    size_t length = strlen(words);
    for (size_t i = 0; ol_format_at(i); i++) {
        const char *suffix = ol_format_at(i)->suffix;
        size_t size = suffix ? strlen(suffix) : length;
        if (size < length && strcmp(words + length - size, suffix) == 0)
            return ol_pool_format(pool, "unknown format '%s': did you mean '%s=%s'?", words,
                                  ol_format_at(i)->name, words);
    }
    return NULL;
}

static const char *guess(struct obstack *pool, const char *name)
{
    size_t count = 0;
    while (ol_format_at(count))
        count++;
    const char **names = ol_pool_array(pool, count, sizeof *names);
    for (size_t i = 0; i < count; i++)
        names[i] = ol_format_at(i)->name;
    return ol_pool_format(pool, "unknown format '%s'%s", name,
                          ol_choice_guess(pool, name, names, count, ol_format_names(pool)));
}

bool ol_output_parse(struct ol_output *output, struct obstack *pool, const char *words,
                     const char **trouble)
{
    const char *equals = strchr(words, '=');
    const char *name = equals ? ol_pool_copy(pool, words, (size_t)(equals - words)) : words;
    const struct ol_format *format = ol_format_find(name);
    if (!format) {
        const char *file = equals ? NULL : guess_file(pool, words);
        *trouble = file ? file : guess(pool, name);
        return false;
    }
    if (equals && !equals[1]) {
        *trouble = ol_pool_format(pool, "'%s' names no file", words);
        return false;
    }
    *output = (struct ol_output){.format = format, .path = equals ? equals + 1 : NULL};
    return true;
}

static bool complain(const char *path, int error)
{
    ol_say_line("%s: %s", path ? path : "standard output", strerror(error));
    return false;
}

bool ol_output_write(const struct ol_output *output, struct ol_model *model)
{
    FILE *out = output->path ? fopen(output->path, "we") : stdout;
    if (!out)
        return complain(output->path, errno);
    output->format->write(model, out);
    bool written = fflush(out) == 0 && !ferror(out);
    int error = errno;
    if (output->path && fclose(out) != 0 && written) {
        written = false;
        error = errno;
    }
    return written || complain(output->path, error);
}
