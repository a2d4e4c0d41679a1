/* SPDX-License-Identifier: MIT */
/* Record files for tests, written by the letter of detector/record.h and by none of the library's
 * code. */
#ifndef OFFLOOP_RECORD_FIXTURE_H
#define OFFLOOP_RECORD_FIXTURE_H

#include <stddef.h>

#include "detector/record.h"

struct record_fixture {
    unsigned char *bytes; /* of the whole file */
    size_t size;
    struct ol_record *header;
};

/* A whole record of one process, pid 4711, that ran "python3 app.py" in /srv/app: no loops, no
 * sites. */
void record_fixture_begin(struct record_fixture *record);
/* The same with `scale` times the room: 1024 sites, 8192 frames, 256 KiB of strings. */
void record_fixture_begin_large(struct record_fixture *record, unsigned scale);
void record_fixture_end(struct record_fixture *record);

ol_string record_fixture_string(struct record_fixture *record, const char *text);

/* The next entry of a section, ready and otherwise zero. */
void *record_fixture_entry(struct record_fixture *record, enum ol_section_id id);

/* Loop thread 4711, "MainThread", with 100 turns of 1 ms and one of 200 ms. */
struct ol_loop_entry *record_fixture_loop(struct record_fixture *record);

/* time.sleep(500 ms) 3 times for 1.5 s in all, an error, without frames. */
struct ol_site_entry *record_fixture_site(struct record_fixture *record);

/* Adds a Python frame to the newest site. */
struct ol_frame_entry *record_fixture_frame(struct record_fixture *record,
                                            struct ol_site_entry *site, const char *function,
                                            const char *file, unsigned line,
                                            enum ol_owner_class owner_class);

/* A site with the usual stack: sleep <- handle (the culprit, app.py:42) <- two frames of asyncio <-
 * main, app.py:80. */
struct ol_site_entry *record_fixture_usual(struct record_fixture *record);

/* Writes the first `size` bytes of the file (record->size: all). */
void record_fixture_write(const struct record_fixture *record, const char *path, size_t size);

#endif
