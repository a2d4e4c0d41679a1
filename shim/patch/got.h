/* SPDX-License-Identifier: MIT */
/* How an object uses the addresses that the linker fetched for it (GLOB_DAT): a slot that it only
 * calls through may lead to a stub; the address of a function that it looks at must stay what
 * others see. The object's code is looked through for every mention of its slots. */
#ifndef OFFLOOP_PATCH_GOT_H
#define OFFLOOP_PATCH_GOT_H

#include <stdbool.h>

#include "object.h"

/* Forgets what was found: once in each object, before it is asked of. */
void ol_patch_got_begin(void);

/* All that is done with what the slot holds is calling it. */
bool ol_patch_is_only_called(const struct ol_patch_object *object, void *const *slot);

#endif
