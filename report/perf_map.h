/* SPDX-License-Identifier: MIT */
/* Names of code that was made at run time: perf maps, which JIT compilers write as
 * /tmp/perf-PID.map, one "START SIZE NAME" a line. What a record needs of them is kept beside it,
 * as RECORD.PID.map, since the program's own file does not outlive the machine, and its addresses
 * mean nothing without the record. */
#ifndef OFFLOOP_PERF_MAP_H
#define OFFLOOP_PERF_MAP_H

#include "model.h"

struct ol_perf_maps; /* of one record */

/* `record` is the record's path; a map in /tmp counts when it is ours and not older than `since`
 * (UTC nanoseconds), or it would be another process's. Files are opened when they are asked for. */
struct ol_perf_maps *ol_perf_map_begin(const char *record, int64_t since);
void ol_perf_map_end(struct ol_perf_maps *maps);

/* The name of the code at `address` in process `pid`, or NULL. Lives as long as `maps`. */
const char *ol_perf_map_find(struct ol_perf_maps *maps, int pid, uint64_t address);

/* Writes what the record needs beside it. A record that needs nothing, or whose maps are not there,
 * is left alone. */
void ol_perf_map_keep(const char *record);

#endif
