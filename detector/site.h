/* SPDX-License-Identifier: MIT */
/* Sites: found or made in the record, by their key. */
#ifndef OFFLOOP_SITE_H
#define OFFLOOP_SITE_H

#include <stdbool.h>
#include <stdint.h>

#include "argument.h"
#include "stack.h"
#include "tables.h"

/* A site as its hits know it. Fits a cache word: no pointer. */
struct ol_site_ref {
    uint32_t index; /* of its entry, or OL_SITE_LOST: the table was full */
    uint16_t rule;  /* its number; for OL_SITE_ALLOWED the index of the allow rule */
};
#define OL_SITE_LOST 0xfffffeu
#define OL_SITE_ALLOWED 0xfffffdu

/* Where stacks that were seen before lead, by their hash: a lossy cache of this process; a miss
 * costs time, not truth. */
bool ol_site_recall(uint64_t stack_hash, struct ol_site_ref *ref);
void ol_site_remember(uint64_t stack_hash, struct ol_site_ref ref);

/* Code was unloaded: the same addresses may be other code from now on. */
void ol_site_forget(void);

/* Makes the index of the sites, once: before a fork, since children share it. */
bool ol_site_prepare(void);

/* The record is another one than the family's: so is the index. */
void ol_site_renew(void);

/* What a new site is made of. */
struct ol_site_facts {
    const char *function; /* as users know it */
    const char *hint;     /* NULL: the rule's */
    unsigned rule;
    enum ol_action action;
    const char *argument; /* in words */
    ol_string allowed_by; /* the allow rule that did not suppress it, for it took long; or 0 */
    const struct ol_stack_words *words;
};

/* The site of these facts: the one that is there, or a new one (`*made`). OL_SITE_LOST when there
 * is no room. */
struct ol_site_ref ol_site_of(const struct ol_site_facts *facts, bool *made);

/* What hits add to their site. */
struct ol_site_sum {
    uint64_t count;
    uint64_t ns;     /* lost */
    uint64_t max_ns; /* of the longest */
    uint64_t waits;
    uint64_t major_faults;
    int64_t last_ns; /* when the last was over; 0: not yet */
};
void ol_site_add(struct ol_site_ref ref, const struct ol_site_sum *sum);

/* Undoes it, but for max_ns and last_ns. Not for OL_SITE_LOST. */
void ol_site_take_back(struct ol_site_ref ref, const struct ol_site_sum *sum);

/* Its entry; not for OL_SITE_LOST. */
struct ol_site_entry *ol_site_entry_of(struct ol_site_ref ref);

#endif
