/* SPDX-License-Identifier: MIT */
/* A filter of system calls, run here. The contract is in bpf.h. */
#include "bpf.h"

#include <stddef.h>
#include <string.h>

struct machine {
    const struct seccomp_data *call;
    uint32_t a, x;
    uint32_t memory[BPF_MEMWORDS];
    bool depends;
    bool failed;
};

static uint32_t load(struct machine *machine, uint32_t offset)
{
    uint32_t word = 0;
    if (offset % sizeof word || offset > sizeof *machine->call - sizeof word) {
        machine->failed = true;
        return 0;
    }
    machine->depends |= offset >= offsetof(struct seccomp_data, instruction_pointer);
    memcpy(&word, (const char *)machine->call + offset, sizeof word);
    return word;
}

static uint32_t *cell(struct machine *machine, uint32_t index)
{
    if (index < BPF_MEMWORDS)
        return &machine->memory[index];
    machine->failed = true;
    return machine->memory;
}

static uint32_t computed(struct machine *machine, unsigned operation, uint32_t other)
{
    uint32_t a = machine->a;
    switch (operation) {
    case BPF_ADD:
        return a + other;
    case BPF_SUB:
        return a - other;
    case BPF_MUL:
        return a * other;
    case BPF_DIV:
        machine->failed |= !other;
        return other ? a / other : 0;
    case BPF_OR:
        return a | other;
    case BPF_AND:
        return a & other;
    case BPF_XOR:
        return a ^ other;
    case BPF_LSH:
        return other < 32 ? a << other : 0;
    case BPF_RSH:
        return other < 32 ? a >> other : 0;
    case BPF_NEG:
        return -a;
    default:
        machine->failed = true;
        return 0;
    }
}

static bool holds(struct machine *machine, unsigned comparison, uint32_t other)
{
    switch (comparison) {
    case BPF_JEQ:
        return machine->a == other;
    case BPF_JGT:
        return machine->a > other;
    case BPF_JGE:
        return machine->a >= other;
    case BPF_JSET:
        return machine->a & other;
    default:
        machine->failed = true;
        return false;
    }
}

/* BPF_LEN is the size of the data. */
static uint32_t loaded(struct machine *machine, const struct sock_filter *line)
{
    switch (BPF_MODE(line->code)) {
    case BPF_ABS:
        return load(machine, line->k);
    case BPF_IMM:
        return line->k;
    case BPF_MEM:
        return *cell(machine, line->k);
    case BPF_LEN:
        return sizeof *machine->call;
    default:
        machine->failed = true;
        return 0;
    }
}

/* How many lines are skipped after this one. */
static uint32_t jump(struct machine *machine, const struct sock_filter *line)
{
    if (BPF_OP(line->code) == BPF_JA)
        return line->k;
    uint32_t other = BPF_SRC(line->code) == BPF_X ? machine->x : line->k;
    return holds(machine, BPF_OP(line->code), other) ? line->jt : line->jf;
}

/* All but jumps and returns. */
static void step(struct machine *machine, const struct sock_filter *line)
{
    switch (BPF_CLASS(line->code)) {
    case BPF_LD:
        machine->a = loaded(machine, line);
        break;
    case BPF_LDX:
        machine->x = loaded(machine, line);
        break;
    case BPF_ST:
        *cell(machine, line->k) = machine->a;
        break;
    case BPF_STX:
        *cell(machine, line->k) = machine->x;
        break;
    case BPF_ALU:
        machine->a = computed(machine, BPF_OP(line->code),
                              BPF_SRC(line->code) == BPF_X ? machine->x : line->k);
        break;
    default: /* BPF_MISC */
        if (BPF_MISCOP(line->code) == BPF_TXA)
            machine->a = machine->x;
        else
            machine->x = machine->a;
        break;
    }
}

/* Jumps go forwards only, so it ends. */
struct ol_bpf_verdict ol_bpf_run(const struct sock_filter *lines, uint32_t count,
                                 const struct seccomp_data *call)
{
    struct machine machine = {.call = call};
    for (uint64_t at = 0; at < count && !machine.failed; at++) {
        const struct sock_filter *line = &lines[at];
        if (BPF_CLASS(line->code) == BPF_RET)
            return (struct ol_bpf_verdict){BPF_RVAL(line->code) == BPF_A ? machine.a : line->k,
                                           machine.depends};
        if (BPF_CLASS(line->code) == BPF_JMP)
            at += jump(&machine, line);
        else
            step(&machine, line);
    }
    return (struct ol_bpf_verdict){SECCOMP_RET_KILL_PROCESS, machine.depends};
}
