/* Writing the record: the file, its sections, strings. The layout is record.h.
 *
 * The record is made when the first loop is seen or at a fork, whichever is first; until then, and
 * when no file could be made, entries go to a private mapping of the same layout. Everything is
 * lock-free, allocates nothing, and may be called from any thread and from forked children; the
 * memory is shared with them.
 */
#ifndef OFFLOOP_RECORDER_H
#define OFFLOOP_RECORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record.h"

/* Makes the record, once; later calls return at once. `folder` is absolute. False while another
 * thread is making it. */
bool ol_recorder_open(void);

/* The record, or NULL before ol_recorder_open. */
extern struct ol_record *ol_recorder;

/* Where the record is, "" when it has no file. */
const char *ol_recorder_path(void);

/* What kept the record from having a file, or NULL. Static. */
const char *ol_recorder_trouble(void);

/* Removes the file when nothing was recorded in it and no other process counts into it. */
void ol_recorder_discard_if_empty(void);

/* Claims `count` entries in a row; the index of the first, or -1 (counted in the section's `lost`).
 */
int64_t ol_recorder_claim(enum ol_section_id section, uint32_t count);

/* Claims one entry of a section whose last entry is for everyone that finds no other: that one's
 * index then, any number of times. */
uint32_t ol_recorder_claim_or_last(enum ol_section_id section);

/* The entry of that index; the index comes from ol_recorder_claim. */
void *ol_recorder_entry(enum ol_section_id section, uint32_t index);

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
