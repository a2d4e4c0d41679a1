/* SPDX-License-Identifier: MIT */
/* A record on its way into the model: what load.c and load_frames.c share. */
#ifndef OFFLOOP_LOAD_INSIDE_H
#define OFFLOOP_LOAD_INSIDE_H

#include "intern.h"
#include "model.h"
#include "progress.h"
#include "reader.h"
#include "symbols.h"

/* A record's frame and the frames that it stands for. */
struct ol_known {
    const struct ol_frame *frames;
    size_t count;
};

struct ol_loading {
    struct ol_model *model;
    struct obstack *pool;
    struct ol_symbols *symbols;
    struct ol_progress progress;
    size_t file; /* index of the record under way */
    struct ol_reader reader;
    struct ol_run *run;
    char *strings;          /* copy of the record's strings, at the same indexes */
    struct ol_loop **loops; /* by index in the record; NULL for those that are not whole */
    uint32_t loop_count;
    bool is_runtime;          /* the program is a language's: its functions are no user's code */
    struct ol_intern entries; /* frames of the record: sites share most of them */
    struct ol_known *known;   /* by number of the entry */
    size_t known_room;
    struct ol_perf_maps *maps;     /* names of code that was made at run time */
    const struct ol_frame **stack; /* under way */
    size_t stack_room;
};

/* The string at that index in words that live as long as the model, or NULL. */
const char *ol_load_text(struct ol_loading *load, ol_string index);

/* load_frames.c: what a frame of a site of process `pid` stands for. Valid until ol_load_forget.
 */
struct ol_known ol_load_frame(struct ol_loading *load, const struct ol_frame_entry *entry, int pid);

/* load_frames.c: before the first frame of a record, and after its last. */
void ol_load_prepare(struct ol_loading *load);
void ol_load_forget(struct ol_loading *load);

#endif
