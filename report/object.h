/* SPDX-License-Identifier: MIT */
/* What an ELF file says about how it calls: for `offloop doctor`. */
#ifndef OFFLOOP_OBJECT_H
#define OFFLOOP_OBJECT_H

#include <stdbool.h>
#include <stddef.h>

#include "detector/tables.h"
#include "pool.h"

struct ol_object {
    const char *path;
    const char *loader;            /* of a program: its dynamic loader, NULL without one */
    bool full_relro;               /* its import slots are read-only once it has started */
    bool symbolic;                 /* linked with -Bsymbolic: it calls its own functions directly */
    bool has_plt;                  /* false: -fno-plt */
    bool calls[OL_CALL_COUNT];     /* imports that function */
    bool defines[OL_CALL_COUNT];   /* has that function itself */
    bool is_go;                    /* has what Go's linker leaves behind */
    const char *sanitizer;         /* "asan", … or NULL */
    const char *loop_functions;    /* what runs loops in there: "uv_run, ev_run", or NULL */
    unsigned system_calls;         /* instructions that enter the kernel with a known number */
    const char *system_call_names; /* the well-known ones among them: "futex, openat", or NULL */
};

/* Reads the file. False when it is no ELF file that can be read. Strings live in the pool. */
bool ol_object_read(struct ol_object *object, struct obstack *pool, const char *path);

#endif
