/* SPDX-License-Identifier: MIT */
/* Exit codes of the command. They are part of its interface: CI jobs test for them. */
#ifndef OFFLOOP_EXIT_H
#define OFFLOOP_EXIT_H

enum ol_exit {
    OL_EXIT_OK = 0,
    OL_EXIT_USAGE = 2,         /* the command line makes no sense */
    OL_EXIT_BLIND = 65,        /* nothing was judged, or not all */
    OL_EXIT_FAILED = 66,       /* --fail-on was met by a program that ended 0 */
    OL_EXIT_OWN = 125,         /* offloop itself failed, and said how */
    OL_EXIT_UNWATCHABLE = 126, /* the program is there, but can't be watched or run */
    OL_EXIT_NOT_FOUND = 127,
    OL_EXIT_SIGNAL = 128 /* plus the number of the signal that ended the program */
};

#endif
