/* SPDX-License-Identifier: MIT */
/* Where the record's file is: private (0600, folder 0700, no link followed). For one thread at a
 * time. */
#ifndef OFFLOOP_RECORDER_PATH_H
#define OFFLOOP_RECORDER_PATH_H

#include <stdbool.h>
#include <stdint.h>

/* Which of the names that this family's record can have; 0 is none. Fits into memory that others
 * may write: the name itself is made from what this process knows. */
typedef uint32_t ol_recorder_place;

/* Makes a file for this family's record. The descriptor, or a negative errno. */
int ol_recorder_path_create(ol_recorder_place *place);

/* Opens the one that another process of the family has made; what ol_recorder_path() says changes
 * with ol_recorder_path_adopt(). The descriptor, or a negative errno. */
int ol_recorder_path_open(ol_recorder_place place);
void ol_recorder_path_adopt(void);

/* The record is in memory. */
void ol_recorder_path_forget(void);

/* It is not in the folder that was asked for. */
bool ol_recorder_path_is_elsewhere(void);

#endif
