/* SPDX-License-Identifier: MIT */
/* Clocks. The contract is in rawio.h. */
#include <fcntl.h>
#include <string.h>
#include <time.h>

#include "rawio.h"
#include "rawio_inside.h"

static ol_raw_clock *libc_clock;

void ol_raw_use_clock(ol_raw_clock *of_libc)
{
    libc_clock = of_libc;
}

/* Clocks that the C library reads without the kernel. */
static bool is_in_memory(const char *source)
{
    static const char *const known[] = {"tsc", "kvm-clock", "hyperv_clocksource_tsc_page",
                                        "arch_sys_counter"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strncmp(source, known[i], strlen(known[i])) == 0 && source[strlen(known[i])] < ' ')
            return true;
    return false;
}

/* The times of the moment in which the clock was looked at, where it needs the kernel. */
static struct {
    bool needs_kernel;
    int64_t monotonic, realtime;
} clock_seen;

void ol_raw_look_at_clock(void)
{
    char source[64] = "";
    size_t length = ol_raw_read_file(
        "/sys/devices/system/clocksource/clocksource0/current_clocksource", source,
        sizeof source - 1);
    clock_seen.monotonic = ol_raw_now();
    clock_seen.realtime = ol_raw_realtime();
    clock_seen.needs_kernel = length && !is_in_memory(source);
}

static bool is_forbidden(clockid_t clock)
{
    const uint64_t words[6] = {(uint64_t)clock};
    return ol_sandbox_is_narrow && !ol_sandbox_allows(OL_OWN_clock_gettime, words);
}

/* libc's own needs no system call, and does not set errno when it succeeds; but by its name alone
 * we could get that of a library which makes up times. */
static int64_t clock_ns(clockid_t clock)
{
    struct timespec now = {0};
    if (__builtin_expect(clock_seen.needs_kernel, 0) && is_forbidden(clock))
        return clock == CLOCK_REALTIME ? clock_seen.realtime : clock_seen.monotonic;
    if (libc_clock)
        libc_clock(clock, &now);
    else
        ol_raw_call(OL_OWN_clock_gettime, clock, (long)&now, 0, 0, 0, 0);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t ol_raw_now(void)
{
    return clock_ns(CLOCK_MONOTONIC);
}

int64_t ol_raw_realtime(void)
{
    return clock_ns(CLOCK_REALTIME);
}
