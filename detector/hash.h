/* SPDX-License-Identifier: MIT */
/* Hashing for tables inside one run; nothing that leaves the process is made of it. */
#ifndef OFFLOOP_HASH_H
#define OFFLOOP_HASH_H

#include <stdint.h>

#define OL_HASH_START 0x9e3779b97f4a7c15u

/* One multiplication and one shift a value: enough for tables, not against somebody who wants
 * collisions. */
static inline uint64_t ol_hash_mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * 0xff51afd7ed558ccdu;
    return hash ^ hash >> 32;
}

static inline uint64_t ol_hash_string(uint64_t hash, const char *string)
{
    for (; *string; string++)
        hash = (hash ^ (unsigned char)*string) * 0x100000001b3u;
    return ol_hash_mix(hash, 0xff);
}

#endif
