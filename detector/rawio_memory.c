/* SPDX-License-Identifier: MIT */
/* Memory: mapped, and such that may not be there. The contract is in rawio.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/uio.h>

#include "rawio.h"
#include "rawio_inside.h"

bool ol_raw_beside_valgrind;

void ol_raw_look_for_valgrind(void)
{
    const char *preloaded = getenv("LD_PRELOAD");
    ol_raw_beside_valgrind = preloaded && strstr(preloaded, "/vgpreload_");
}

/* Valgrind warns of each call that can't be. */
static bool is_there_for_valgrind(uintptr_t address)
{
    char byte;
    struct iovec local = {&byte, 1};
    struct iovec remote = {(void *)address, 1};
    return ol_raw_call(OL_OWN_process_vm_readv, ol_raw_getpid(), (long)&local, 1, (long)&remote, 1,
                       0) == 1;
}

/* Can the page be read? The kernel reads the eight bytes of a new signal mask before it looks at
 * what to do with them, and -1 is nothing that it does. */
static bool is_there(uintptr_t address)
{
    uintptr_t word = address & ~(uintptr_t)7; /* 0 would be no mask at all */
    if (__builtin_expect(ol_raw_beside_valgrind, 0))
        return is_there_for_valgrind(word);
    return word && ol_raw_call(OL_OWN_rt_sigprocmask, -1, (long)word, 0, 8, 0, 0) == -EINVAL;
}

/* A page is asked about once, then read byte by byte: no memcpy(), which a host's sanitizer would
 * judge. `string`: up to its NUL. */
static size_t copy_there(uintptr_t from, char *copy, size_t size, bool string)
{
    for (size_t i = 0; i < size; i++) {
        if ((i == 0 || (from + i) % 4096 == 0) && !is_there(from + i))
            return i;
        copy[i] = *(const volatile char *)(from + i);
        if (string && !copy[i])
            return i + 1;
    }
    return size;
}

/* process_vm_readv is one call, and right even while another thread unmaps; but a program that went
 * into a sandbox which we know nothing of could be killed for it. */
bool ol_raw_peek(const void *address, void *copy, size_t size)
{
    union {
        const void *constant;
        void *plain;
    } there = {.constant = address};
    struct iovec local = {copy, size};
    struct iovec remote = {there.plain, size};
    bool sandboxed = ol_raw_call(OL_OWN_prctl, PR_GET_SECCOMP, 0, 0, 0, 0, 0) != 0;
    long got = sandboxed ? -ENOSYS
                         : ol_raw_call(OL_OWN_process_vm_readv, ol_raw_getpid(), (long)&local, 1,
                                       (long)&remote, 1, 0);
    if (got == -ENOSYS || got == -EPERM)
        return copy_there((uintptr_t)address, copy, size, false) == size;
    return got == (long)size;
}

bool ol_raw_can_read(const void *address)
{
    return is_there((uintptr_t)address);
}

bool ol_raw_peek_string(const void *address, char *copy, size_t size)
{
    size_t count = copy_there((uintptr_t)address, copy, size, true);
    if (count && copy[count - 1] == '\0')
        return true;
    copy[size - 1] = '\0';
    return count == size;
}

void *ol_raw_mmap(size_t size, int protection, int flags, int fd)
{
    long result = ol_raw_call(OL_OWN_mmap, 0, (long)size, protection, flags, fd, 0);
    return result < 0 && result > -4096 ? NULL : (void *)result;
}

bool ol_raw_mmap_over(void *address, size_t size, int protection, int flags, int fd)
{
    return ol_raw_call(OL_OWN_mmap, (long)address, (long)size, protection, flags | MAP_FIXED, fd,
                       0) == (long)address;
}

int ol_raw_madvise(void *address, size_t size, int advice)
{
    return (int)ol_raw_call(OL_OWN_madvise, (long)address, (long)size, advice, 0, 0, 0);
}

int ol_raw_munmap(void *address, size_t size)
{
    return (int)ol_raw_call(OL_OWN_munmap, (long)address, (long)size, 0, 0, 0, 0);
}
