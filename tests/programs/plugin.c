/* SPDX-License-Identifier: MIT */
/* A plugin that imports guarded.c: loaded late, it registers itself in its constructor, so that no
 * dlsym() need tell of it. */
#include "guarded.h"

void (*registered)(void) __attribute__((weak)); /* the program's */

void plugin_run(void);

void plugin_run(void)
{
    guarded_wait(5);
}

static __attribute__((constructor)) void start(void)
{
    registered = plugin_run;
}
