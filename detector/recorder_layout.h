/* SPDX-License-Identifier: MIT */
/* Where the sections of a record lie that is written here. It is said in the record's header too,
 * for those who read the file; but the record is shared with forked children, which may have other
 * rights, and with whoever may write into the file: so nothing that is used as an offset or as a
 * bound is read from there. */
#ifndef OFFLOOP_RECORDER_LAYOUT_H
#define OFFLOOP_RECORDER_LAYOUT_H

#include <stddef.h>

#include "record.h"

#define OL_RECORDER_PAGE 4096

/* The whole record. Sites at 16 frames each use up frames and sites together. Sections begin with a
 * page, since each grows by itself. */
struct ol_recorder_file {
    _Alignas(OL_RECORDER_PAGE) struct ol_record header;
    _Alignas(OL_RECORDER_PAGE) struct ol_process_entry processes[1024];
    _Alignas(OL_RECORDER_PAGE) struct ol_loop_entry loops[128];
    _Alignas(OL_RECORDER_PAGE) struct ol_module_entry modules[1024];
    _Alignas(OL_RECORDER_PAGE) struct ol_site_entry sites[8192];
    _Alignas(OL_RECORDER_PAGE) struct ol_frame_entry frames[65536];
    _Alignas(OL_RECORDER_PAGE) struct ol_blind_spot_entry blind_spots[128];
    _Alignas(OL_RECORDER_PAGE) struct ol_suppressed_entry suppressed[512];
    _Alignas(OL_RECORDER_PAGE) char strings[1536 * 1024];
};

struct ol_recorder_section {
    uint32_t offset;     /* of the first entry, bytes */
    uint32_t entry_size; /* bytes */
    uint32_t capacity;   /* entries */
    uint32_t step;       /* bytes that it grows by */
};

#define OL_RECORDER_SECTION(name, pages)                                                           \
    [OL_SECTION_##name] = {offsetof(struct ol_recorder_file, name),                                \
                           sizeof((struct ol_recorder_file *)NULL)->name[0],                       \
                           sizeof((struct ol_recorder_file *)NULL)->name /                         \
                               sizeof((struct ol_recorder_file *)NULL)->name[0],                   \
                           (pages)*OL_RECORDER_PAGE}

/* 72 KB are real when a record begins. */
static const struct ol_recorder_section ol_recorder_sections[OL_SECTION_COUNT] = {
    OL_RECORDER_SECTION(processes, 1),   OL_RECORDER_SECTION(loops, 1),
    OL_RECORDER_SECTION(modules, 1),     OL_RECORDER_SECTION(sites, 4),
    OL_RECORDER_SECTION(frames, 4),      OL_RECORDER_SECTION(strings, 4),
    OL_RECORDER_SECTION(blind_spots, 1), OL_RECORDER_SECTION(suppressed, 1),
};

#endif
