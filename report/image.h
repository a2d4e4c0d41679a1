/* SPDX-License-Identifier: MIT */
/* What kind of program a file is, by its first bytes and ELF headers. */
#ifndef OFFLOOP_IMAGE_H
#define OFFLOOP_IMAGE_H

#include <stdbool.h>

struct obstack;

enum ol_image_kind {
    OL_IMAGE_dynamic, /* for this machine and its C library: can be watched */
    OL_IMAGE_static,
    OL_IMAGE_musl,
    OL_IMAGE_32bit,
    OL_IMAGE_foreign, /* another machine */
    OL_IMAGE_library,
    OL_IMAGE_damaged, /* the file ends before what its headers speak of */
    OL_IMAGE_script,
    OL_IMAGE_unreadable,
    OL_IMAGE_unknown
};

struct ol_image {
    enum ol_image_kind kind;
    const char *interpreter; /* script: what is named after #! */
    const char *arguments;   /* script: the rest of that line, or NULL */
    /* dynamic: */
    const char *sanitizer;  /* the runtime of ASan and its like that the program needs, or NULL */
    bool sets_asan_options; /* the program has an __asan_default_options() */
};

/* Never fails: the kind says what was found. Strings live in the pool. */
void ol_image_read(struct ol_image *image, struct obstack *pool, const char *path);

#endif
