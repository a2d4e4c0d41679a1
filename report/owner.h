/* SPDX-License-Identifier: MIT */
/* Whose code a frame is, in a word that its owner knows. */
#ifndef OFFLOOP_OWNER_H
#define OFFLOOP_OWNER_H

#include "model.h"

/* "app" for a script app.py, "shop" for shop/orders/views.py where its module name tells,
 * "requests" for a file below site-packages, "libfoo.so.1" for native code. Never NULL: "?" where
 * nothing is known. In the pool or in the frame. */
const char *ol_owner_name(struct obstack *pool, const struct ol_frame *frame);

#endif
