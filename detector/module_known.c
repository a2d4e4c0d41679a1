/* SPDX-License-Identifier: MIT */
/* Libraries that are known by name (modules.def), for the library and the command alike. The
 * contract is in module.h. */
#include "module.h"

#include <string.h>

static const struct known {
    const char *name;
    enum ol_owner_class owner_class;
    enum ol_loops_by loops_by;
} known_modules[] = {
#define MODULE(name, owner, loops_by) {name, OL_CODE_##owner, OL_LOOPS_BY_##loops_by},
#include "modules.def"
#undef MODULE
};

const char *ol_module_base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

bool ol_module_is(const char *path, const char *library)
{
    const char *base = ol_module_base_name(path);
    size_t length = strlen(library);
    if (strncmp(base, library, length) != 0)
        return false;
    const char *rest = base + length; /* ".so.1", "-2.1.so.7", "3.11.so.1.0", or nothing at all */
    return *rest == '\0' || strncmp(rest, ".so", 3) == 0 ||
           ((*rest == '-' || (*rest >= '0' && *rest <= '9')) && strstr(rest, ".so"));
}

static const struct known *known_module(const char *path)
{
    for (size_t i = 0; i < sizeof known_modules / sizeof *known_modules; i++)
        if (ol_module_is(path, known_modules[i].name))
            return &known_modules[i];
    return NULL;
}

bool ol_module_known_class(const char *path, enum ol_owner_class *owner_class)
{
    const struct known *known = known_module(path);
    if (known)
        *owner_class = known->owner_class;
    return known;
}

enum ol_loops_by ol_module_loops_by(const char *path)
{
    const struct known *known = known_module(path);
    return known ? known->loops_by : OL_LOOPS_BY_none;
}
