/* SPDX-License-Identifier: MIT */
/* Are the wrappers live? The contract is in self_test.h. */
#include "self_test.h"

#include <stdbool.h>
#include <string.h>

#include "interceptor.h"
#include "log.h"
#include "module.h"
#include "recorder.h"
#include "symbol.h"
#include "tables.h"
#include "text.h"

/* The functions that one other module answers. */
struct others {
    struct ol_module module;
    const char *first;
    unsigned count;
};

#define MODULES 8

static struct others *others_of(struct others *all, const struct ol_module *module)
{
    for (unsigned i = 0; i < MODULES; i++) {
        if (!all[i].count)
            all[i].module = *module;
        if (all[i].module.map == module->map)
            return &all[i];
    }
    return NULL;
}

static void add_what(struct ol_text *what, const struct others *others)
{
    ol_text_add(what, others->first);
    if (others->count > 1) {
        ol_text_add(what, " and ");
        ol_text_add_unsigned(what, others->count - 1);
        ol_text_add(what, " more");
    }
}

static bool is_program(const struct ol_module *module)
{
    return !module->map->l_name[0];
}

static void note(const struct others *others)
{
    char what_bytes[200];
    char why_bytes[400];
    struct ol_text what = OL_TEXT(what_bytes);
    struct ol_text why = OL_TEXT(why_bytes);
    const char *name = ol_module_base_name(others->module.path);
    add_what(&what, others);
    ol_text_add(&why, name);
    ol_text_add(&why, is_program(&others->module)
                          ? " defines them itself: what it calls there does not pass by offloop"
                          : " answers before offloop, and passes on what it likes");
    ol_recorder_blind_spot(what_bytes, why_bytes);
    if (is_program(&others->module))
        return;
    char line_bytes[700];
    struct ol_text line = OL_TEXT(line_bytes);
    ol_text_add(&line, what_bytes);
    ol_text_add(&line, ": ");
    ol_text_add(&line, why_bytes);
    ol_text_add(&line, " (put liboffloop.so first in LD_PRELOAD)");
    ol_log_say(line_bytes);
}

/* At somebody's who does not pass it on to us. */
static bool is_elsewhere(const char *symbol, const struct ol_module *own)
{
    struct ol_module module;
    const void *found = ol_symbol_address(symbol);
    return found && ol_module_find(found, &module) && module.map != own->map &&
           !ol_interceptor_is(&module);
}

/* All of these are no other preload's at once. */
void ol_self_test_start(void)
{
    ol_interceptor_start();
    static const char *const usual[] = {"epoll_wait", "poll", "open", "usleep", "getaddrinfo"};
    struct ol_module own;
    if (!ol_module_find((const void *)(uintptr_t)ol_self_test, &own))
        return;
    for (unsigned i = 0; i < sizeof usual / sizeof *usual; i++)
        if (!is_elsewhere(usual[i], &own))
            return;
    ol_log_say("the wrappers are not in use: liboffloop.so was loaded too late, set LD_PRELOAD");
}

/* What every copy of the library exports. */
#define MARK "offloop_v1_active"

bool ol_self_test_is_second_copy(void)
{
    struct ol_module own;
    struct ol_module first;
    const void *found = ol_symbol_address(MARK);
    return found && ol_module_find(found, &first) &&
           ol_module_find((const void *)(uintptr_t)ol_self_test, &own) && first.map != own.map;
}

/* Behind us in the order of the search. */
static void note_second_copy(void)
{
    static char bytes[4400]; /* one thread comes here, perhaps on a small stack */
    struct ol_text line = OL_TEXT(bytes);
    struct ol_module second;
    struct ol_symbol mark;
    if (!ol_symbol_find_behind(bytes, MARK, &mark) || !ol_module_find(mark.address, &second))
        return;
    ol_text_add(&line, "another copy of the library is preloaded too, and stays off: ");
    ol_text_add_escaped(&line, second.path, strlen(second.path));
    ol_log_say(bytes);
}

void ol_self_test(void)
{
    struct ol_module own;
    struct others others[MODULES] = {{.count = 0}};
    unsigned foreign = 0;
    note_second_copy();
    if (!ol_module_find((const void *)(uintptr_t)ol_self_test, &own))
        return;
    for (unsigned i = 0; i < OL_CALL_COUNT; i++) {
        struct ol_module module;
        const void *found = ol_symbol_address(ol_calls[i].symbol);
        if (!found || !ol_module_find(found, &module) || module.map == own.map ||
            ol_interceptor_is(&module))
            continue;
        /* A program that is not position-independent and takes the function's address: it is the
         * program's own entry for calling us. */
        if (!ol_module_symbol(&module, found))
            continue;
        foreign++;
        struct others *entry = others_of(others, &module);
        if (entry && !entry->count++)
            entry->first = ol_calls[i].symbol;
    }
    if (foreign > OL_CALL_COUNT / 2) {
        ol_recorder_blind_spot("nearly everything", "liboffloop.so came too late: preload it");
        return;
    }
    for (unsigned i = 0; i < MODULES && others[i].count; i++)
        note(&others[i]);
}
