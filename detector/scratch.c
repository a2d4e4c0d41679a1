/* SPDX-License-Identifier: MIT */
/* The scratch memory of each thread. The contract is in scratch.h. */
#include "scratch.h"

#include <sys/mman.h>

#include "../arch/arch.h"
#include "interceptor.h"
#include "rawio.h"
#include "thread.h"

static __thread struct ol_scratch *own __attribute__((tls_model("initial-exec")));

/* Another run() is under way. */
static bool is_on_its_stack(const struct ol_scratch *scratch)
{
    return (uintptr_t)__builtin_frame_address(0) - (uintptr_t)scratch->floor < OL_SCRATCH_STACK;
}

/* Sanitizers' runtimes and valgrind keep account of each thread's one stack. */
static bool may_switch(void)
{
    return !ol_raw_beside_valgrind && !ol_interceptor_is_there();
}

void ol_scratch_run(ol_scratch_function *function, void *argument)
{
    struct ol_scratch *scratch = ol_scratch_get();
    uint64_t held;
    if (!scratch || !may_switch() || is_on_its_stack(scratch) || !ol_raw_hold_signals(&held)) {
        function(argument);
        return;
    }
    ol_arch_switch(function, argument, scratch->floor + OL_SCRATCH_STACK);
    ol_raw_release_signals(held);
}

struct ol_scratch *ol_scratch_get(void)
{
    if (own)
        return own;
    own = ol_raw_mmap(sizeof *own, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    if (own)
        ol_thread_watch_end();
    return own;
}

void ol_scratch_leave(void)
{
    struct ol_scratch *scratch = own;
    own = NULL;
    if (scratch)
        ol_raw_munmap(scratch, sizeof *scratch);
}
