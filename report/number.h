/* SPDX-License-Identifier: MIT */
/* Numbers and times in words. */
#ifndef OFFLOOP_NUMBER_H
#define OFFLOOP_NUMBER_H

#include <stdint.h>

struct obstack;

/* "38 us", "1.25 s". In the pool. */
const char *ol_number_duration(struct obstack *pool, uint64_t ns);

/* "1,204,000". In the pool. */
const char *ol_number_count(struct obstack *pool, uint64_t number);

/* RFC 3339 in UTC with ns, "2026-11-23T14:21:02.000000042Z". In the pool; NULL for times before
 * 1970, which only damage makes. */
const char *ol_number_stamp(struct obstack *pool, int64_t ns);

#endif
