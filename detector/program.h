/* SPDX-License-Identifier: MIT */
/* What the program is, as it was started: its name, command line, working folder and script. */
#ifndef OFFLOOP_PROGRAM_H
#define OFFLOOP_PROGRAM_H

/* Fills these fields of ol_process. At start, after the options: they say what of arguments is
 * kept. One thread. */
void ol_program_note(int argc, char **argv);

#endif
