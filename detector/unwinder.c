/* SPDX-License-Identifier: MIT */
/* Loads libunwind. The contract is in unwinder.h. */
#include "unwinder_use.h"

#include <dlfcn.h>
#include <errno.h>
#include <stddef.h>

#include "../arch/arch.h"
#include "forking.h"
#include "pipeless.h"
#include "sandbox.h"
#include "work.h"

struct ol_unwinder ol_unwinder;
_Atomic bool ol_unwinder_there;
_Atomic bool ol_unwinder_tried;

enum { NOT_TRIED, BEING_LOADED, TRIED };
static struct ol_work work;
static bool is_unseen_child;

#define STRING_OF(name) STRING_OF_EXPANDED(name)
#define STRING_OF_EXPANDED(name) #name

typedef void *loader(const char *file, int flags);

/* With its own view of the C library. Through the program's view a sanitizer would see its locks,
 * in threads of which the sanitizer has let go, and its thread-local memory, which it takes for
 * something else. The sanitizer's dlopen() refuses that view, so the C library's own is called; the
 * next one, not our own export, which judges, is to find it. */
static void *load_library(const char *name)
{
    loader *next, *own = NULL;
    *(void **)&next = dlsym(RTLD_NEXT, "dlopen");
    void *libc = next ? next("libc.so.6", RTLD_LAZY | RTLD_NOLOAD) : NULL;
    if (libc)
        *(void **)&own = dlsym(libc, "dlopen");
    if (own)
        return own(name, RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);
    return next ? next(name, RTLD_NOW | RTLD_LOCAL) : NULL; /* before glibc 2.34 */
}

static void find_functions(void *library)
{
    *(void **)&ol_unwinder.backtrace = dlsym(library, "unw_backtrace");
    *(void **)&ol_unwinder.start = dlsym(library, STRING_OF(UNW_OBJ(init_local)));
    *(void **)&ol_unwinder.step = dlsym(library, STRING_OF(UNW_OBJ(step)));
    *(void **)&ol_unwinder.get = dlsym(library, STRING_OF(UNW_OBJ(get_reg)));
    *(void **)&ol_unwinder.flush = dlsym(library, STRING_OF(UNW_ARCH_OBJ(flush_cache)));
    *(void **)&ol_unwinder.space = dlsym(library, STRING_OF(UNW_OBJ(local_addr_space)));
    *(void **)&ol_unwinder.saved = dlsym(library, STRING_OF(UNW_OBJ(get_save_loc)));
    *(void **)&ol_unwinder.getcontext = dlsym(library, OL_ARCH_CONTEXT);
    ol_unwinder.steps = ol_unwinder.start && ol_unwinder.step && ol_unwinder.get &&
                        (!OL_ARCH_CONTEXT[0] || ol_unwinder.getcontext);
}

static void load(void)
{
    ol_forking_enter();
    void *library = load_library("libunwind.so.8");
    ol_forking_leave();
    if (!library)
        return;
    ol_pipeless_make(library);
    find_functions(library);
    atomic_store_explicit(&ol_unwinder_there, ol_unwinder.backtrace != NULL, memory_order_release);
}

extern char __libc_single_threaded __attribute__((weak)); /* glibc 2.32 */

static bool may_load(void)
{
    bool alone = &__libc_single_threaded && __libc_single_threaded;
    return !ol_sandbox_is_narrow && (!is_unseen_child || alone);
}

bool ol_unwinder_load(void)
{
    int saved = errno;
    if (may_load() && ol_work_take(&work, NOT_TRIED, BEING_LOADED)) {
        load();
        ol_unwinder_tried = true; /* now: the child of a fork in between loads it anew */
        work.state = TRIED;
    }
    ol_work_await(&work, BEING_LOADED);
    errno = saved;
    return ol_unwinder_is_there();
}

void ol_unwinder_forked(bool seen, bool left_behind)
{
    is_unseen_child = !seen;
    if (work.state == BEING_LOADED)
        work.state = NOT_TRIED;
    if (left_behind)
        ol_unwinder_there = false;
}
