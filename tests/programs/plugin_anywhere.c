/* SPDX-License-Identifier: MIT */
/* A plugin, as C or as C++, that calls guarded.c through an import slot of the sort it was linked
 * with. */
#ifdef __cplusplus
extern "C" {
#endif
#include "guarded.h"

int call_guarded(int ms);
#ifdef __cplusplus
}
#endif

int call_guarded(int ms)
{
    return guarded_wait(ms) + 1;
}
