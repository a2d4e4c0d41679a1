/* The records that a command line names: files and folders, or the newest run. */
#ifndef OFFLOOP_RECORDS_H
#define OFFLOOP_RECORDS_H

#include <argp.h>

#include "folder.h"

struct ol_records {
    struct obstack *pool;
    struct ol_paths paths;
    bool named; /* records or folders were given */
};

/* For argp parsers: adds a record, or all records of a folder. What is not there is an
 * argp_error. */
void ol_records_add(struct ol_records *records, struct argp_state *state, const char *path);

/* Where none were named: those of the newest run. Ends the process with 2 where there is none. */
void ol_records_find(struct ol_records *records);

#endif
