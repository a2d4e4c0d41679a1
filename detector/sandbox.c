/* SPDX-License-Identifier: MIT */
/* What the program's filters leave us. The contract is in sandbox.h. */
#include "sandbox.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "../arch/arch.h"
#include "bpf.h"

enum { FREE, PLANNED, IN_FORCE };

#define FILTERS 32
static struct ol_sandbox_filter filters[FILTERS];
static _Atomic bool are_too_many; /* nothing is allowed any more */

bool ol_sandbox_is_narrow;

enum verdict { ALLOWED, FORBIDDEN, BY_WORDS };
static _Atomic unsigned char verdicts[OL_OWN_COUNT];
static _Atomic bool lent_forbidden;

static const long numbers[OL_OWN_COUNT] = {
#define OWN_CALL(name) [OL_OWN_##name] = SYS_##name,
#define LENT_CALL(name, ...)
#include "own_calls.def"
#undef OWN_CALL
#undef LENT_CALL
};

static const struct {
    long number;
    uint64_t words[6];
} lent_calls[] = {
#define OWN_CALL(name)
#define LENT_CALL(name, ...) {SYS_##name, {__VA_ARGS__}},
#include "own_calls.def"
#undef OWN_CALL
#undef LENT_CALL
};
#define LENT (sizeof lent_calls / sizeof *lent_calls)

long ol_sandbox_number(enum ol_own_call call)
{
    return numbers[call];
}

static enum verdict judge_strict(long number)
{
    return number == SYS_read || number == SYS_write ? ALLOWED : FORBIDDEN;
}

static bool allows(uint32_t action)
{
    action &= SECCOMP_RET_ACTION_FULL;
    return action == SECCOMP_RET_ALLOW || action == SECCOMP_RET_LOG;
}

/* `words` NULL: whatever they are. */
static enum verdict judge_by(const struct ol_sandbox_filter *filter, long number,
                             const uint64_t *words)
{
    if (filter->strict)
        return judge_strict(number);
    struct seccomp_data call = {.nr = (int)number,
                                .arch = OL_ARCH_AUDIT,
                                .instruction_pointer = (uintptr_t)ol_arch_after_call};
    for (unsigned i = 0; words && i < 6; i++)
        call.args[i] = words[i];
    struct ol_bpf_verdict verdict = ol_bpf_run(filter->lines, filter->count, &call);
    if (verdict.depends && !words)
        return BY_WORDS;
    return allows(verdict.action) ? ALLOWED : FORBIDDEN;
}

/* The strictest of them: one that forbids whatever the words, else one that has to see them. */
static enum verdict judge(long number, const uint64_t *words)
{
    enum verdict verdict = are_too_many ? FORBIDDEN : ALLOWED;
    for (unsigned i = 0; i < FILTERS && verdict != FORBIDDEN; i++) {
        if (filters[i].state != IN_FORCE)
            continue;
        enum verdict by = judge_by(&filters[i], number, words);
        verdict = by == ALLOWED ? verdict : by;
    }
    return verdict;
}

static void judge_all(void)
{
    bool narrow = false;
    bool forbidden = false;
    for (unsigned i = 0; i < OL_OWN_COUNT; i++) {
        enum verdict verdict = judge(numbers[i], NULL);
        atomic_store(&verdicts[i], verdict);
        narrow |= verdict != ALLOWED;
    }
    for (unsigned i = 0; i < LENT; i++)
        forbidden |= judge(lent_calls[i].number, lent_calls[i].words) != ALLOWED;
    lent_forbidden = forbidden;
    ol_sandbox_is_narrow = narrow || forbidden;
}

bool ol_sandbox_allows(enum ol_own_call call, const uint64_t words[6])
{
    enum verdict verdict = (enum verdict)atomic_load(&verdicts[call]);
    return verdict == BY_WORDS ? judge(numbers[call], words) == ALLOWED : verdict == ALLOWED;
}

bool ol_sandbox_lends(void)
{
    return !lent_forbidden;
}

int ol_sandbox_claim(bool strict, struct ol_sandbox_filter **filter)
{
    for (int i = 0; i < FILTERS; i++) {
        int expected = FREE;
        if (!atomic_compare_exchange_strong(&filters[i].state, &expected, PLANNED))
            continue;
        filters[i].count = 0; /* no line gives an answer: all is forbidden */
        filters[i].strict = strict;
        *filter = &filters[i];
        return i;
    }
    return -1;
}

bool ol_sandbox_narrows(int number)
{
    if (number < 0)
        return true;
    for (unsigned i = 0; i < OL_OWN_COUNT; i++)
        if (judge_by(&filters[number], numbers[i], NULL) != ALLOWED)
            return true;
    for (unsigned i = 0; i < LENT; i++)
        if (judge_by(&filters[number], lent_calls[i].number, lent_calls[i].words) != ALLOWED)
            return true;
    return false;
}

void ol_sandbox_enter(int number)
{
    if (number < 0)
        are_too_many = true;
    else
        atomic_store(&filters[number].state, IN_FORCE);
    judge_all();
}

void ol_sandbox_withdraw(int number)
{
    if (number < 0)
        return;
    atomic_store(&filters[number].state, FREE);
    judge_all();
}

bool ol_sandbox_is_set(void)
{
    bool set = are_too_many;
    for (int i = 0; i < FILTERS; i++)
        set |= filters[i].state == IN_FORCE;
    return set;
}
