/* SPDX-License-Identifier: MIT */
/* Baselines: files of the sites that a project knows and lives with, for now. One site a line:
 *
 *     ID  PLACE  FUNCTION  RULE  CALL  # why it is still there
 *
 * Only the ID counts; what follows it is for readers and for `sort`: lines are ordered by all but
 * the ID. Lines that begin with '#' and empty lines are the project's own, and so is what stands
 * behind " #": they are kept as they are when a file is written again. The first line names the
 * format of the ids; a file of an older one gets one line on standard error, and what stands in it
 * is gone. */
#ifndef OFFLOOP_BASELINE_H
#define OFFLOOP_BASELINE_H

#include "model.h"

struct ol_baseline_line {
    const char *text;  /* as in the file, without its end */
    const char *id;    /* NULL: a comment or an empty line */
    const char *words; /* between the id and the comment */
    size_t number;     /* in the file, from 1 */
    bool bad;          /* no line of a baseline */
    bool gone;         /* no violation has this id */
};

struct ol_baseline {
    struct obstack *pool;
    const char *path;
    struct ol_baseline_line *lines;
    size_t count;
    bool titled;   /* a line says that it is one, whatever else is in it */
    bool outdated; /* its ids are of an older format: no line is true */
    /* by ol_baseline_apply */
    size_t known, added; /* sites; `added` are not in the file */
    size_t gone;         /* lines */
    const char *doubt;   /* why what is gone may not be: it was not read, or found no room */
};

/* Reads the file; what is no line of a baseline is named with file and line (a few of them), and
 * kept as a comment. False and errno: it can't be read, or is something else (EINVAL): neither its
 * title nor an id is in it, or a zero byte is. Everything lives in `pool`, which must outlive the
 * result. */
bool ol_baseline_read(struct ol_baseline *baseline, struct obstack *pool, const char *path);

/* The line for a violation, in the model's pool. */
struct ol_baseline_line ol_baseline_line_of(struct ol_model *model,
                                            const struct ol_violation *violation);

/* A baseline without lines that will be written to `path`. */
void ol_baseline_begin(struct ol_baseline *baseline, struct obstack *pool, const char *path);

/* Whether sites of that rule come and go with the load of the machine: stalls, and rules that count
 * slow calls only. */
bool ol_baseline_is_timed(const char *rule);

/* The same of a violation: also one that took too long for the allow rule that covers it. */
bool ol_baseline_is_by_load(const struct ol_violation *violation);

/* Marks the violations that are known, hidden ones included, and the lines that are gone: never
 * those whose words name a timed rule. The model keeps the baseline. */
void ol_baseline_apply(struct ol_baseline *baseline, struct ol_model *model);

/* How many lines are gone for sure. */
size_t ol_baseline_gone(const struct ol_baseline *baseline);

/* `2 new, 5 known, 1 gone`. In the pool. */
const char *ol_baseline_words(struct obstack *pool, const struct ol_baseline *baseline);

/* Writes the file again: without the lines that are gone (`shrink`), and with a line for each
 * violation shown that is not known (`grow`), each at its place. What it writes can be read again:
 * a file without a title that has other lines gets one. False: it could not be written,
 * which was said. */
bool ol_baseline_write(const struct ol_baseline *baseline, struct ol_model *model, bool shrink,
                       bool grow);

#endif
