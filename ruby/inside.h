/* SPDX-License-Identifier: MIT */
/* Ruby (CRuby, 3.1 to 3.4), seen from inside the process without its lock: what the files of this
 * folder share. The detector knows the folder by its row in ruby.c alone.
 *
 * Ruby lets go of its lock (GVL) around calls that may block, so a wrapper runs while the thread's
 * own frames stand still: they can be read as plain memory. Nothing of the interpreter is called
 * but rb_iseq_line_no() and, once, rb_source_location_cstr(), which both only read what these
 * frames run. Objects are read by ol_raw_peek, so that a pointer that is stale gives nothing,
 * never a fault.
 *
 * A frame is a control frame: `frame` its address, `code` its instruction sequence or, of a
 * function in C, its method entry, `where` the program counter, which is 0 of a function in C.
 */
#ifndef OFFLOOP_RUBY_INSIDE_H
#define OFFLOOP_RUBY_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../detector/runtime.h"
#include "../detector/text.h"

/* Offsets in bytes. What no version differs in stands here, the rest in struct ol_rblayout. */
enum {
    OL_RBEC_STACK = 0,
    OL_RBEC_STACK_WORDS = 8,
    OL_RBEC_FRAME = 16,
    OL_RBEC_THREAD = 48,
    OL_RBTHREAD_SIZE = 512, /* at least; what is its own lies in there */
    OL_RBFRAME_PC = 0,
    OL_RBFRAME_ISEQ = 16,
    OL_RBFRAME_SELF = 24,
    OL_RBFRAME_EP = 32,
    OL_RBISEQ_BODY = 16,
    OL_RBBODY_CODE = 8,
    OL_RBBODY_PATH = 64,
    OL_RBBODY_LABEL = 80,
    OL_RBMETHOD_CALLED = 24,
    OL_RBMETHOD_OWNER = 32,
    OL_RBARRAY_EMBEDDED = 16, /* elements in the object itself */
    OL_RBARRAY_LENGTH = 16,
    OL_RBARRAY_POINTER = 32,
    OL_RBSTRING_LENGTH = 16,
    OL_RBSTRING_POINTER = 24,
    OL_RBCLASS_EXTENSION = 24 /* up to 3.2: a pointer */
};

/* Flags of objects, environments and frames. */
enum {
    OL_RBTYPE_MASK = 0x1f,
    OL_RBTYPE_CLASS = 2,
    OL_RBTYPE_MODULE = 3,
    OL_RBTYPE_STRING = 5,
    OL_RBTYPE_ARRAY = 7,
    OL_RBTYPE_INTERNAL = 0x1a,
    OL_RBINTERNAL_METHOD = 6,      /* in bits 12 to 15 */
    OL_RBFLAG_ELSEWHERE = 1 << 13, /* a string's characters */
    OL_RBFLAG_EMBEDDED = 1 << 13,  /* an array's elements */
    OL_RBFRAME_IN_C = 0x80,
    OL_RBFRAME_KIND = 0x7fff0001,
    OL_RBFRAME_FUNCTION_IN_C = 0x55550001,
    OL_RBFRAME_BEGINNING = 0x79990001, /* of a chain */
    OL_RBENV_LOCAL = 2
};

struct ol_rblayout {
    uint8_t minor;
    uint8_t frame_size;
    uint8_t string_inside; /* where the characters of a short string are */
    bool short_length;     /* … and whether its length is in the flags */
};

struct ol_rbruntime {
    struct ol_rblayout layout;
    ptrdiff_t ec; /* from the thread pointer to where the thread's execution context is kept */
    unsigned (*line_of)(const void *iseq, size_t position);
    const void *version; /* the exported string */
};

/* Valid once ol_ruby_find() was true. */
extern struct ol_rbruntime ol_rbruntime;

bool ol_ruby_describe(const struct ol_runtime_frame *frame, struct ol_frame_words *words);
void ol_ruby_judge(const struct ol_anchor *anchor, const struct ol_runtime_stack *stack,
                   struct ol_verdict *verdict);

/* Reads from an object's memory; 0 when it is not there. */
uintptr_t ol_rbread(uintptr_t object, size_t offset);

/* Whether it is an object of that type: no number, no symbol, no nil. */
bool ol_rbread_is(uintptr_t object, unsigned type);

/* A string's characters, cut at `size`. False: no string. */
bool ol_rbread_string(uintptr_t object, char *bytes, size_t size);

/* The file of a frame in Ruby, as an absolute path where it is one; and as it was given. */
bool ol_rbread_path(const struct ol_runtime_frame *frame, char *path, size_t size);
uintptr_t ol_rbread_given_path(const struct ol_runtime_frame *frame);

/* The line that the frame runs; 0 of a function in C. */
uint32_t ol_rbframe_line(const struct ol_runtime_frame *frame);

/* "File.read", "IO#read", "block in Shop#serve", "reads_hosts" of a method at the top. */
void ol_rbname_frame(struct ol_text *name, const struct ol_runtime_frame *frame);

/* Whose code a file is, and its feature ("net/http", "app"). Pure. */
enum ol_owner_class ol_rbpath_classify(const char *path, char *feature, size_t size);

#endif
