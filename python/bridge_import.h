/* SPDX-License-Identifier: MIT */
/* The door of CPython's import machinery: when the import of a module begins and ends. */
#ifndef OFFLOOP_BRIDGE_IMPORT_H
#define OFFLOOP_BRIDGE_IMPORT_H

#include <stdbool.h>

/* Whether it is still to be put in place. Needs no GIL. */
bool ol_bridge_import_is_missing(void);

/* Puts it in place, once, whatever comes of it. Needs the GIL; leaves no exception. */
void ol_bridge_import_begin(void);

#endif
