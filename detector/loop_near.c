/* SPDX-License-Identifier: MIT */
/* Is a loop to be expected? The contract is in loop_near.h. */
#include "loop_near.h"

#include <link.h>
#include <string.h>

#include "dynamic.h"
#include "forking.h"
#include "module.h"
#include "process.h"

/* What makes a loop of a thread, whoever calls it (poll() and select() do so for some libraries):
 * how the names of these functions begin. */
static bool begins_loops(const char *name)
{
    static const char *const starts[] = {"epoll_", "offloop_v1_"};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (strncmp(name, starts[i], strlen(starts[i])) == 0)
            return true;
    return false;
}

static bool imports_a_loop(const struct dl_phdr_info *info, const ElfW(Dyn) * section)
{
    struct ol_dynamic dynamic;
    if (!ol_dynamic_read(section, info->dlpi_addr, &dynamic))
        return false;
    uint32_t count = ol_dynamic_import_count(&dynamic);
    for (uint32_t i = 0; i < count; i++)
        if (begins_loops(ol_dynamic_import(&dynamic, i)))
            return true;
    return false;
}

static int look_at(struct dl_phdr_info *info, size_t size, void *context)
{
    const ElfW(Dyn) *section = NULL;
    bool is_ours = false;
    (void)size;
    (void)context;
    for (unsigned i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        uintptr_t start = info->dlpi_addr + segment->p_vaddr;
        if (segment->p_type == PT_DYNAMIC)
            section = (const void *)start;
        else if (segment->p_type == PT_LOAD)
            is_ours |= (uintptr_t)ol_loop_is_near - start < segment->p_memsz;
    }
    return !is_ours && (ol_module_loops_by(info->dlpi_name) >= OL_LOOPS_BY_polls ||
                        imports_a_loop(info, section));
}

/* Which threads are loops, and which functions are asked about on any thread, may be the user's. */
static bool is_said_to_be(void)
{
    return strcmp(ol_process.options.loop, "auto") != 0 || ol_process.options.rules[0];
}

bool ol_loop_is_near(void)
{
    if (is_said_to_be())
        return true;
    ol_forking_enter();
    bool found = dl_iterate_phdr(look_at, NULL);
    ol_forking_leave();
    return found;
}
