/* SPDX-License-Identifier: MIT */
/* Which function runs the thread's loop. Called at waits that come from elsewhere than the last
 * one; the contract is in run.h. */
#include "run.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#include "hash.h"
#include "module.h"
#include "rawio.h"
#include "scratch.h"

#define KNOWN 256u

/* What was found of return addresses, as looking through symbols takes long: address << 2 | kind.
 * Lossy. */
static _Atomic uint64_t known[KNOWN];

static enum ol_run_kind kind_of_symbol(const char *symbol)
{
    static const struct {
        const char *name;
        enum ol_run_kind kind;
    } functions[] = {
#define LOOP_FUNCTION(name, kind) {name, OL_RUN_##kind},
#include "loop_functions.def"
#undef LOOP_FUNCTION
    };
    for (size_t i = 0; symbol && i < sizeof functions / sizeof *functions; i++)
        if (strcmp(functions[i].name, symbol) == 0)
            return functions[i].kind;
    return OL_RUN_none;
}

struct look {
    const void *inside;
    enum ol_run_kind kind;
};

static void look_for_kind(void *context)
{
    struct look *look = context;
    struct ol_module module;
    if (ol_module_find(look->inside, &module))
        look->kind = kind_of_symbol(ol_module_symbol(&module, look->inside));
}

static enum ol_run_kind kind_of(uintptr_t address)
{
    _Atomic uint64_t *slot = &known[ol_hash_mix(OL_HASH_START, address) % KNOWN];
    uint64_t word = atomic_load_explicit(slot, memory_order_relaxed);
    if (word >> 2 == address)
        return (enum ol_run_kind)(word & 3);
    struct look look = {.inside = (const void *)(address - 1)};
    ol_module_hold(look_for_kind, &look);
    atomic_store_explicit(slot, (uint64_t)address << 2 | look.kind, memory_order_relaxed);
    return look.kind;
}

void ol_run_forget(void)
{
    for (unsigned i = 0; i < KNOWN; i++)
        atomic_store_explicit(&known[i], 0, memory_order_relaxed);
}

extern void *__libc_stack_end __attribute__((weak));

static uintptr_t thread_memory(void)
{
    static __thread char local __attribute__((tls_model("initial-exec")));
    return (uintptr_t)&local;
}

/* A loop that runs on a fiber's stack could leave it unmapped: no cell there. A thread's own stack
 * ends below its thread-local memory, the main thread's at __libc_stack_end; the kernel keeps 128
 * MiB below that free of mappings. */
static bool is_in_main(const uintptr_t *place)
{
    return &__libc_stack_end &&
           (uintptr_t)__libc_stack_end - (uintptr_t)place < (UINT64_C(128) << 20);
}

struct finding {
    struct ol_run *run;
    bool main_thread;
    const uintptr_t *outermost; /* cell so far */
};

static bool on_own_stack(const struct finding *finding, const uintptr_t *place, uint64_t farthest)
{
    return finding->main_thread ? is_in_main(place) : thread_memory() - (uintptr_t)place < farthest;
}

/* Fibers' stacks may lie right below a small thread's: what runs on the thread's own was called, at
 * the outermost, next to its thread-local memory. */
static bool begins_own_stack(const struct finding *finding)
{
    return on_own_stack(finding, finding->outermost, UINT64_C(64) << 10);
}

/* Frames of ours stand between a run and its caller, when it was called through a stub. */
static bool is_ours(uintptr_t address)
{
    static struct ol_module own;
    if (!own.end && !ol_module_find((const void *)(uintptr_t)ol_run_find, &own))
        return false;
    return address > own.start && address < own.end;
}

static bool visit(void *context, uintptr_t address, struct ol_stack_cell cell)
{
    struct finding *finding = context;
    struct ol_run *run = finding->run;
    finding->outermost = cell.place;
    bool valid = on_own_stack(finding, cell.place, UINT64_C(8) << 20) && *cell.place == cell.value;
    enum ol_run_kind kind = kind_of(address);
    if (kind != OL_RUN_none) {
        run->kind = (uint8_t)kind;
        run->count = 0;
    } else if (!run->count || is_ours(cell.value)) {
        return true;
    }
    if (valid && run->count < OL_RUN_CELLS)
        run->cells[run->count++] = cell;
    return true;
}

static void find(void *context)
{
    struct ol_run *run = context;
    int saved = errno;
    run->count = 0;
    run->kind = OL_RUN_none;
    struct finding finding = {.run = run, .main_thread = ol_raw_gettid() == ol_raw_getpid()};
    ol_stack_visit(visit, &finding);
    if (!begins_own_stack(&finding))
        run->count = 0;
    errno = saved;
}

void ol_run_find(struct ol_run *run)
{
    ol_scratch_run(find, run);
}

uint64_t ol_run_hash(const struct ol_run *run)
{
    uint64_t hash = OL_HASH_START;
    for (unsigned i = 0; i < run->count; i++)
        hash = ol_hash_mix(hash, (uintptr_t)run->cells[i].place ^ run->cells[i].value);
    return hash;
}

void ol_run_begins(struct ol_run_seen *seen, uintptr_t stack, bool whole)
{
    if (seen->stack <= stack)
        *seen = (struct ol_run_seen){stack, seen->number + 1, whole};
}

void ol_run_ends(struct ol_run_seen *seen, uintptr_t stack)
{
    if (seen->stack == stack)
        seen->stack = 0;
}

unsigned ol_run_number(const struct ol_run *run, const struct ol_run_seen *seen)
{
    bool is_seen = run->count && run->kind == OL_RUN_by_mode &&
                   seen->stack > (uintptr_t)run->cells[0].place;
    return is_seen ? seen->number : 0;
}

bool ol_run_is_step(const struct ol_run *run, const struct ol_run_seen *seen)
{
    return run->count && run->kind != OL_RUN_whole && !(ol_run_number(run, seen) && seen->whole);
}
