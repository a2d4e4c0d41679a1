/* SPDX-License-Identifier: MIT */
/* A record file, read with suspicion: every offset, index and string is checked against what the
 * file really holds.
 *
 * The used part of each section is copied when the file is opened, so a record that is still being
 * written, cut or removed meanwhile does no harm. Entries are taken by index; NULL is an entry that
 * is not whole, and is skipped. What is damaged is noted in `damage` (the first one in words, all
 * in number), and the rest stays readable. */
#ifndef OFFLOOP_READER_H
#define OFFLOOP_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "detector/record.h"

#define OL_READER_FRAMES_MAX                                                                       \
    1024 /* of one site; no library writes as many, and a damaged file could say anything */

struct ol_reader_section {
    unsigned char *bytes;
    size_t entry_size;
    uint32_t count; /* entries that can be asked for */
};

struct ol_reader {
    const char *path;
    struct ol_record header;
    struct ol_reader_section sections[OL_SECTION_COUNT];
    char damage[256]; /* after a failed open: why */
    unsigned damage_count;
};

/* Opens the record at `path`, which must live as long as the reader. False: it is no record that
 * can be read, and `damage` says why; nothing is left to close then. */
bool ol_reader_open(struct ol_reader *reader, const char *path);
void ol_reader_close(struct ol_reader *reader);

/* Entries of the sections by index, whole ones only. Valid until the reader is closed. */
const struct ol_process_entry *ol_reader_process(struct ol_reader *reader, uint32_t index);
const struct ol_loop_entry *ol_reader_loop(struct ol_reader *reader, uint32_t index);
const struct ol_module_entry *ol_reader_module(struct ol_reader *reader, uint32_t index);
const struct ol_site_entry *ol_reader_site(struct ol_reader *reader, uint32_t index);
const struct ol_blind_spot_entry *ol_reader_blind_spot(struct ol_reader *reader, uint32_t index);
const struct ol_suppressed_entry *ol_reader_suppressed(struct ol_reader *reader, uint32_t index);

/* What a site shows: the words of its longest hit, as far as they are there. */
struct ol_reader_shown {
    ol_string function, argument;
    int32_t pid;
    uint32_t first_frame;
    uint16_t frame_count, culprit;
};
struct ol_reader_shown ol_reader_shown(struct ol_reader *reader, const struct ol_site_entry *site);

/* Its frames, innermost first; *count of them are there. */
const struct ol_frame_entry *ol_reader_frames(struct ol_reader *reader,
                                              const struct ol_reader_shown *shown, size_t *count);

/* The string at that index, or NULL for 0 and for one that is damaged. Valid until the reader is
 * closed. */
const char *ol_reader_string(struct ol_reader *reader, ol_string index);

/* Entries that the writer found no room for, in that section. */
uint64_t ol_reader_lost(const struct ol_reader *reader, enum ol_section_id id);

/* "sites", "frames", …: the section's name in messages and in the JSON report. */
extern const char *const ol_reader_section_names[OL_SECTION_COUNT];

#endif
