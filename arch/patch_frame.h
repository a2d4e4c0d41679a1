/* SPDX-License-Identifier: MIT */
/* The layout of what stubs share with C (struct ol_patch_frame, _slot and _back), for the
 * assembler; shim/patch/judge.c compares it with the structs. */
#ifndef OFFLOOP_PATCH_FRAME_H
#define OFFLOOP_PATCH_FRAME_H

#define OL_FRAME_WORDS 0
#define OL_FRAME_VECTORS 80
#define OL_FRAME_SLOT 208
#define OL_FRAME_STACK 216
#define OL_FRAME_CALLER 224
#define OL_FRAME_BACK 232
#define OL_FRAME_REAL 240
#define OL_FRAME_SIZE                                                                              \
    256 /* what the stub makes room for: behind it are the frame pointer, and more */

#define OL_SLOT_ANYWHERE 8
#define OL_SLOT_PLAIN 9
#define OL_SLOT_SIZE 32

#define OL_STUBS 2048
#define OL_STUB_SIZE 16

#define OL_STACK_ARGUMENTS 256 /* bytes of stack arguments that functions of learn.def may have */

#endif
