/* SPDX-License-Identifier: MIT */
/* Writing the record: the file, its sections, strings. The layout is record.h.
 *
 * The record is made when the first loop is seen, so that a program without one leaves no file,
 * however it ends. Forked processes share one: the first that sees a loop makes it, the others join
 * it when they see theirs. Where no file could be made it is memory of the same layout. Everything
 * is lock-free, allocates nothing, and may be called from any thread and from forked children.
 *
 * What is read from the record may have been written by anybody: a child that has other rights, or
 * whoever may write into the file. So entries are found by ol_recorder_entry() alone, which never
 * leaves the section, and a string always ends.
 */
#ifndef OFFLOOP_RECORDER_H
#define OFFLOOP_RECORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recorder_layout.h"

/* Makes the record, or joins the one that another process of the family has made. For one thread at
 * a time; later calls return at once. False: there is no memory. */
bool ol_recorder_open(void);

/* Joins the family's record, if somebody has made it. False: there is none. As above. */
bool ol_recorder_join(void);

/* Before a fork: lets the child know where this family's record is, or will be. */
void ol_recorder_share(void);

/* The record, or NULL before ol_recorder_open. */
extern struct ol_record *ol_recorder;

/* Where the record is, "" when it has no file. */
const char *ol_recorder_path(void);

/* What kept the record from having a file, or NULL. Static. */
const char *ol_recorder_trouble(void);

/* Lets the family know of a record that ol_recorder_open has made, when it is whole. False: the
 * family has another one, or can have none, and this process counts alone. */
bool ol_recorder_publish(void);

/* Removes the file when nothing was recorded in it and no other process counts into it. */
void ol_recorder_discard_if_empty(void);

/* How many entries of a section may be looked at. */
static inline uint32_t ol_recorder_used(enum ol_section_id section)
{
    uint32_t used = atomic_load_explicit(&ol_recorder->sections[section].used,
                                         memory_order_relaxed);
    uint32_t capacity = ol_recorder_sections[section].capacity;
    return used < capacity ? used : capacity;
}

/* Claims `count` entries in a row; the index of the first, or -1 (counted in the section's `lost`):
 * the section is full, or there is no more room on the disk. */
int64_t ol_recorder_claim(enum ol_section_id section, uint32_t count);

/* There is room on the disk for the entries up to `end`, which may be written: without it, a write
 * into a file that has holes ends the program where the disk is full (SIGBUS). Of entries that this
 * process has claimed this is known. Reading needs no room. */
bool ol_recorder_reach(enum ol_section_id section, uint32_t end);

/* The same for all there can be: later the process can't ask any more. */
void ol_recorder_reach_all(void);

/* `count` entries from `first` on are in the section, and there is room for them. */
bool ol_recorder_has(enum ol_section_id section, uint32_t first, uint32_t count);

/* Claims one entry of a section whose last entry is for everyone that finds no other: that one's
 * index then, any number of times. */
uint32_t ol_recorder_claim_or_last(enum ol_section_id section);

/* The entry of that index, which may come from the record itself: one that makes no sense is the
 * last entry. */
static inline void *ol_recorder_entry(enum ol_section_id section, uint32_t index)
{
    const struct ol_recorder_section *of = &ol_recorder_sections[section];
    index = index < of->capacity ? index : of->capacity - 1;
    return (char *)ol_recorder + of->offset + (size_t)index * of->entry_size;
}

/* Raises a maximum to `value` where that is more. */
void ol_recorder_raise(_Atomic uint64_t *highest, uint64_t value);

/* Keeps a string; 0 for NULL, "" and when there is no room (counted). The same string again is
 * usually found again. */
ol_string ol_recorder_string(const char *string);

/* The bytes of a kept string; "" for 0. */
const char *ol_recorder_string_at(ol_string string);

/* Notes something that can not be watched; each (what, why) once. Before there is a record it is
 * kept until ol_recorder_note_pending(); `why` is static. */
void ol_recorder_blind_spot(const char *what, const char *why);
void ol_recorder_note_pending(void);

/* Index of the module entry for the object at `address`, or OL_NO_INDEX. */
uint16_t ol_recorder_module(const void *address);

/* This process as an entry: at start and in forked children. */
void ol_recorder_process_started(int pid, int parent);
void ol_recorder_process_ended(int status);

/* This thread forks: its child counts into the record from now on, though it notes itself later. */
void ol_recorder_fork_begins(void);

/* This process is about to become another program (true), or could not (false). */
void ol_recorder_process_exec(bool ends);

#endif
