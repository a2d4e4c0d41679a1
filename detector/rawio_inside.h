/* SPDX-License-Identifier: MIT */
/* The one way to the kernel; for the files rawio*.c alone. */
#ifndef OFFLOOP_RAWIO_INSIDE_H
#define OFFLOOP_RAWIO_INSIDE_H

#include "sandbox.h"

/* Not made, and -EPERM, where a filter of the program's forbids it. */
long ol_raw_call(enum ol_own_call call, long a, long b, long c, long d, long e, long f);

#endif
