/* SPDX-License-Identifier: MIT */
/* What a report is made of: everything that records say, in plain C, with times as UTC nanoseconds.
 *
 * Built by load.c from record files, merged and ordered by group.c, summed up by sum.c, printed by
 * formats/. All memory but the array of violations lives in `pool`. Strings are as recorded:
 * neither safe for a terminal nor UTF-8 (see plain.h). NULL is "not known". */
#ifndef OFFLOOP_MODEL_H
#define OFFLOOP_MODEL_H

#include <stdbool.h>
#include <stddef.h>

#include "detector/tables.h"
#include "pool.h"
#include "reader.h"

#define OL_INLINED_MAX 32 /* frames that one native address stands for */

struct ol_frame {
    enum ol_frame_kind kind;
    enum ol_owner_class owner_class;
    bool inlined;    /* native: into the frame after it */
    uint32_t line;   /* 0: not known */
    uint64_t offset; /* native: in its module, or the bare address without one */
    const char *function;
    const char *file;
    const char *module;    /* native: path of the object; else the dotted name */
    const char *build_id;  /* native: hex */
    const char *local_to;  /* native: the source file that the function is local to, else NULL */
    const char *loaded_as; /* the culprit's module by its `__name__`, else NULL */
    const char *owner;     /* by an `owner` rule of the run, else NULL */
};

struct ol_loop {
    int pid, tid;
    bool running; /* had not ended when the record was read */
    bool judged;  /* some turn of it has begun */
    bool worker;  /* its loop serves one caller */
    const char *name, *wait;
    uint64_t loops;   /* how many ran in the thread, one after the other */
    uint64_t threads; /* how many this entry stands for: more than 1 has no tid */
    uint64_t turns, busy_ns, longest_turn_ns, p50_ns, p99_ns, stalls;
    uint64_t lost_ns;          /* in its violations, those that a filter hides included */
    const uint32_t *histogram; /* OL_TURN_BUCKETS of them, see ol_turn_bucket_low() */
};

struct ol_process {
    int pid, parent, exit_status;
    bool ended;
};

struct ol_blind_spot {
    const char *what, *why;
};

struct ol_suppressed {
    const char *rule;
    uint64_t hits;
};

/* One record file: a program image and what it forked. */
struct ol_run {
    const char *path; /* of the record */
    size_t index;     /* in the order of loading */
    const char *exe, *argv, *cwd, *language, *version;
    int pid;
    int64_t started_ns;
    bool empty; /* neither loops nor sites */
    struct ol_process *processes;
    size_t process_count;
    struct ol_loop *loops;
    size_t loop_count;
    struct ol_blind_spot *blind_spots;
    size_t blind_spot_count;
    struct ol_suppressed *suppressed;
    size_t suppressed_count;
    uint64_t hits_lost, time_lost_ns;
    uint64_t lost[OL_SECTION_COUNT]; /* entries that found no room */
    const char *damage;
    struct ol_run *next;
};

/* What could not be watched, in words; the same of several programs is one. */
struct ol_note {
    const char *what, *why; /* never NULL */
    size_t runs;            /* how many say it */
};

struct ol_rule_sum {
    const char *rule;
    uint64_t violations, hits, time_ns; /* of those that are shown */
    uint64_t all_hits;                  /* of those that a filter hides too */
};

struct ol_violation {
    const char *id; /* 16 hex digits, see fingerprint.h */
    const char *rule, *kind, *family;
    enum ol_severity severity;
    enum ol_action action;
    enum ol_phase phase;
    const char *function, *api, *argument, *hint;
    const char
        *allowed_by; /* the allow rule that would have suppressed it, had it not taken long */
    uint64_t count, blocked, total_ns, max_ns, waits, major_faults;
    int64_t first_ns, last_ns;
    const struct ol_run *run; /* of the longest hit, like function, api, argument, pid and frames */
    int pid, tid;
    const char *thread;
    bool on_loop;
    bool worker; /* of a worker: only its caller waits, and no verdict fails for it */
    const struct ol_frame *const *frames; /* innermost first */
    size_t frame_count;
    const struct ol_frame *culprit;
    const char *owner; /* of the culprit */
    bool did_block;    /* its calls waited for something; else they may have */
    bool known;        /* by the baseline */
};

/* Where to look for modules, symbols and sources; NULL: where the system has them. */
struct ol_lookup {
    const char *sysroot;    /* a folder that stands for '/' */
    const char *debug_dirs; /* of separate debug files, colon-separated */
};

struct ol_model {
    struct obstack pool;
    struct ol_part *parts; /* see ol_model_attach() */
    struct ol_lookup lookup;
    struct ol_sources *sources;       /* lines of source files, see source.h */
    struct ol_places *places;         /* files relative to the root of the sources, see place.h */
    struct ol_identities *identities; /* what ids are made of, see identity.h */
    struct ol_run *runs, **last_run;  /* in the order of loading */
    size_t run_count;
    struct ol_violation *violations;
    size_t violation_count;
    size_t hidden;     /* sites that a filter took out: they stand behind the others, and the totals
                          count them */
    size_t unreadable; /* files that are no record */
    const char *lost;  /* why records are missing, which the command alone can know; NULL: none */
    bool forbids_loops; /* by no-loop lines of the run's own rules files */
    size_t unwatched;   /* programs that ran without the library, as far as it is known */
    const struct ol_baseline *baseline; /* violations are known or new by it; NULL: none given */
    bool load_passes; /* new sites of rules that are judged by time fail nobody (see verdict.h) */
    struct ol_totals {
        size_t sites;
        uint64_t hits, time_ns;
        uint64_t by_severity[OL_SEVERITY_COUNT]; /* hits */
        size_t sites_by_severity[OL_SEVERITY_COUNT];
        uint64_t dropped; /* hits without a site, and every other entry that found no room */
    } totals;
    struct ol_sums {
        struct ol_rule_sum *rules; /* the most time first */
        size_t rule_count;
        struct ol_suppressed *suppressed; /* allow rules, each once, as they come; never NULL */
        size_t suppressed_count, suppressed_used; /* used: those that matched */
        uint64_t suppressed_hits;
        struct ol_note *notes; /* as they come */
        size_t note_count;
    } sums; /* by sum.h, like the totals */
};

void ol_model_begin(struct ol_model *model);
void ol_model_end(struct ol_model *model);

/* `end` gets `part` when the model ends, the last part first: what is made when it is asked for
 * (source lines, places) lives as long as the model, which need not know it. */
void ol_model_attach(struct ol_model *model, void *part, void (*end)(void *part));

/* Sums over all runs: loop threads, and the loops that ran in them. */
size_t ol_model_loops(const struct ol_model *model);
uint64_t ol_model_loops_run(const struct ol_model *model);

/* Whether anything was judged: some loop thread has begun a turn. Without it a run that has no
 * violations is not clean. */
bool ol_model_judged(const struct ol_model *model);

uint64_t ol_model_hits_lost(const struct ol_model *model);
uint64_t ol_model_lost(const struct ol_model *model, enum ol_section_id id);

#endif
