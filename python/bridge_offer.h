/* SPDX-License-Identifier: MIT */
/* What bridge.py may ask of the library, as Python functions. */
#ifndef OFFLOOP_BRIDGE_OFFER_H
#define OFFLOOP_BRIDGE_OFFER_H

#include <stdbool.h>

#include "bridge_api.h"

/* Puts them into the namespace that bridge.py runs in. False with an exception set. Needs the GIL.
 */
bool ol_bridge_offer(struct ol_pyobject *globals);

#endif
