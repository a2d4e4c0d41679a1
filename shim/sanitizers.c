/* SPDX-License-Identifier: MIT */
/* The runtime of AddressSanitizer, where it is a library, ends a program in which it is not the
 * first one. It asks for its options before, and we have one to give: our own place before it is no
 * mistake. */
#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "../detector/module.h"

const char *ol_sanitizers_asan_options(void);

struct first {
    uintptr_t own; /* an address in us */
    const char *path;
};

static bool holds(const struct dl_phdr_info *object, uintptr_t address)
{
    for (unsigned i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &object->dlpi_phdr[i];
        if (part->p_type == PT_LOAD &&
            address - (object->dlpi_addr + part->p_vaddr) < part->p_memsz)
            return true;
    }
    return false;
}

/* The runtime's own question, but for us; the program has no name, and the kernel's part no file.
 */
static int look(struct dl_phdr_info *object, size_t size, void *context)
{
    (void)size;
    struct first *first = context;
    const char *path = object->dlpi_name;
    if (!path || !path[0] || strncmp(path, "linux-", 6) == 0 || holds(object, first->own))
        return 0;
    first->path = path;
    return 1;
}

/* What comes before it besides us would be an error without us too. */
const char *ol_sanitizers_asan_options(void)
{
    struct first first = {.own = (uintptr_t)look};
    dl_iterate_phdr(look, &first);
    const char *name = first.path ? ol_module_base_name(first.path) : "";
    bool is_runtime = strncmp(name, "libasan.", 8) == 0 ||
                      strncmp(name, "libclang_rt.asan", 16) == 0;
    return is_runtime ? "verify_asan_link_order=0" : "";
}

extern const char *exported_asan_options(void) __asm__("__asan_default_options")
    __attribute__((alias("ol_sanitizers_asan_options"), visibility("default")));
