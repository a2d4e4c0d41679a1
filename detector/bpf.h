/* SPDX-License-Identifier: MIT */
/* Classic BPF, as far as the kernel takes it for seccomp filters: runs one over a system call, to
 * learn what the kernel would do. Pure; the program's memory is read as it stands. */
#ifndef OFFLOOP_BPF_H
#define OFFLOOP_BPF_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>

struct ol_bpf_verdict {
    uint32_t action; /* SECCOMP_RET_… with its data; kill for what is no such program */
    bool depends;    /* it has looked at the arguments or at the instruction's address */
};

struct ol_bpf_verdict ol_bpf_run(const struct sock_filter *lines, uint32_t count,
                                 const struct seccomp_data *call);

#endif
