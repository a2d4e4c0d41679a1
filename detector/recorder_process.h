/* SPDX-License-Identifier: MIT */
/* Processes in the record. What else calls is in recorder.h. */
#ifndef OFFLOOP_RECORDER_PROCESS_H
#define OFFLOOP_RECORDER_PROCESS_H

#include <stdbool.h>

/* A new record: the process that loaded the image is its first entry, whoever makes the record. */
void ol_recorder_process_begin(void);

/* This process counts into a record that another one has made. */
void ol_recorder_process_join(void);

/* Does another process count into this record? A daemon's parents exit right after their fork(): a
 * child that has not begun yet has its entry all the same. */
bool ol_recorder_process_is_shared(void);

#endif
