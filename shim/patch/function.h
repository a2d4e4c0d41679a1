/* SPDX-License-Identifier: MIT */
/* What an import slot leads to: whether a stub may stand before it, and where a call that is not
 * bound yet will lead. Asked inside of dl_iterate_phdr: nothing of another object is kept. */
#ifndef OFFLOOP_PATCH_FUNCTION_H
#define OFFLOOP_PATCH_FUNCTION_H

#include <stdbool.h>

#include "../../detector/function.h"
#include "object.h"

/* At start: what is loaded now is what everybody sees. */
void ol_patch_function_start(void);

/* A stub may stand before that function. False: it is data, or it can't be wrapped (a blind spot,
 * for functions of users' rules). `rule` is NULL for dlsym() and its like. */
bool ol_patch_can_stand_before(const struct ol_function *rule, const char *name, const void *real);

/* The function that the loader will bind a call of that name in that object to; NULL where more
 * than one may be meant, or none is there. `*own`: it is the object's own. */
const void *ol_patch_bound_to(const struct ol_patch_object *object, const char *name, bool *own);

/* Somebody holds the address of a function of that name, and may compare it with others: so dlsym()
 * gives it too, and not a stub. Sometimes true of a name that was not noted. */
void ol_patch_note_held(const char *name);
bool ol_patch_is_held(const char *name);

#endif
