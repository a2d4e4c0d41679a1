/* SPDX-License-Identifier: MIT */
/* What the caller of a blocked Python callable gets: a RuntimeError that says it all. */
#ifndef OFFLOOP_BRIDGE_REFUSE_H
#define OFFLOOP_BRIDGE_REFUSE_H

#include "../detector/callable.h"
#include "../detector/hit.h"

/* Sets the exception: the API, what is wrong, file, line and owner of the culprit, what to do
 * instead. Needs the GIL. */
void ol_bridge_refuse(const struct ol_call *hit, const struct ol_callable *rule, const char *shown);

#endif
