/* SPDX-License-Identifier: MIT */
/* Equal things once: a table that gives each different run of bytes a number, in the order of their
 * coming. The HTML report writes its strings, frames and stacks that way. */
#ifndef OFFLOOP_INTERN_H
#define OFFLOOP_INTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct obstack;

struct ol_intern_entry {
    const void *bytes; /* in the pool, followed by a NUL, aligned for anything */
    size_t size;
    uint64_t hash;
};

struct ol_intern {
    struct obstack *pool;
    struct ol_intern_entry *entries; /* by number */
    uint32_t *slots;                 /* number + 1; 0 is free */
    size_t count, room;              /* room: of the slots, a power of two */
    uint64_t seed;
};

/* An empty table, whose entries will live in `pool`. */
void ol_intern_begin(struct ol_intern *table, struct obstack *pool);
void ol_intern_end(struct ol_intern *table);

/* The number of these bytes; `added` (may be NULL) tells whether they are new. */
uint32_t ol_intern_add(struct ol_intern *table, const void *bytes, size_t size, bool *added);

#endif
