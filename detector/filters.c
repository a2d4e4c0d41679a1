/* SPDX-License-Identifier: MIT */
/* Filters as the program gives them. The contract is in filters.h. */
#include "filters.h"

#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "rawio.h"

/* The program may free its own, or write over it. */
static bool copy(const struct sock_fprog *from, struct ol_sandbox_filter *to)
{
    struct sock_fprog there;
    if (!ol_raw_peek(from, &there, sizeof there) || !there.len || there.len > BPF_MAXINSNS)
        return false;
    size_t size = there.len * sizeof *there.filter;
    if (to->room < size) { /* the old one may be in somebody's hands */
        to->lines = ol_raw_mmap(size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
        to->room = to->lines ? size : 0;
    }
    if (!to->lines || !ol_raw_peek(there.filter, to->lines, size))
        return false;
    to->count = there.len;
    return true;
}

int ol_filters_plan(const struct sock_fprog *filter)
{
    struct ol_sandbox_filter *planned;
    int number = ol_sandbox_claim(!filter, &planned);
    if (number >= 0 && filter && !copy(filter, planned))
        planned->count = 0;
    return number;
}

/* Of a process, by /proc. */
struct standing {
    long mode;
    long filters; /* 0 where the kernel does not count them */
};

static long number_after(const char *text, const char *field)
{
    const char *at = strstr(text, field);
    return at ? strtol(at + strlen(field), NULL, 10) : 0;
}

static bool read_standing(const char *path, struct standing *standing)
{
    char bytes[4096];
    size_t length = ol_raw_read_file(path, bytes, sizeof bytes - 1);
    if (!length)
        return false;
    bytes[length] = '\0';
    *standing = (struct standing){number_after(bytes, "\nSeccomp:"),
                                  number_after(bytes, "\nSeccomp_filters:")};
    return true;
}

bool ol_filters_are_inherited(void)
{
    struct standing own, first;
    if (!read_standing("/proc/self/status", &own) || own.mode == SECCOMP_MODE_DISABLED)
        return false;
    return !read_standing("/proc/1/status", &first) || first.mode != own.mode ||
           first.filters != own.filters;
}
