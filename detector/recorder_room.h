/* SPDX-License-Identifier: MIT */
/* Room for the record on its disk: the file is as large as it will ever be, and has holes where
 * nothing is written yet. Before anything is, the kernel is asked to make the pages; it says no
 * where the disk is full, in place of a signal (SIGBUS) at the write. That needs no descriptor and
 * no rights, and so works in a process that has given up both, in a signal handler and between fork
 * and exec. The rest through ol_recorder_reach(). */
#ifndef OFFLOOP_RECORDER_ROOM_H
#define OFFLOOP_RECORDER_ROOM_H

#include <stdbool.h>

#include "recorder.h"

/* Makes the file as large as the record, with real blocks for its beginning; all of them where a
 * file system or a kernel (before 5.14) can't make them later. Then maps it over `memory`. False:
 * there is no room, and the file is empty again. */
bool ol_recorder_room_make(int fd, void *memory);

/* Maps a file that another process has made over `memory`. */
bool ol_recorder_room_join(int fd, void *memory);

/* `memory` is no file's. */
void ol_recorder_room_is_memory(void);

#endif
