/* SPDX-License-Identifier: MIT */
/* The records that a command line names: files and folders, or the newest run. */
#ifndef OFFLOOP_RECORDS_H
#define OFFLOOP_RECORDS_H

#include <argp.h>

#include "folder.h"

struct ol_records {
    struct obstack *pool;
    struct ol_paths paths;
    bool named;              /* records or folders were given */
    const char *source_root; /* NULL: found */
    int least;               /* severity of the sites that count */
};

#define OL_RECORDS_KEY 0x400 /* argp keys of records: two from here on */

/* Rows for argp. */
#define OL_RECORDS_OPTIONS                                                                         \
    {"min-severity",                                                                               \
     OL_RECORDS_KEY,                                                                               \
     "SEVERITY",                                                                                   \
     0,                                                                                            \
     "violations of SEVERITY and worse only: error, warning or note",                              \
     0},                                                                                           \
    {                                                                                              \
        "source-root", OL_RECORDS_KEY + 1, "FOLDER", 0,                                            \
            "name files relative to FOLDER, in ids too (default: the Git working tree around the " \
            "working folder)",                                                                     \
            0                                                                                      \
    }

/* Takes an option of the rows, and an argument: a record, or all records of a folder. What is not
 * there is wrong usage; ARGP_ERR_UNKNOWN for all else. */
error_t ol_records_parse(struct ol_records *records, int key, const char *value,
                         struct argp_state *state);

/* Where none were named: those of the newest run. Ends the process with 2 where there is none. */
void ol_records_find(struct ol_records *records);

#endif
