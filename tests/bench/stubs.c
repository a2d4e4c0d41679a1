/* SPDX-License-Identifier: MIT */
/* A function for every row of detector/calls.def that does nothing: linked into off_loop, it stands where the real
 * ones would, so that what is counted is the wrapper and nothing else, and nothing happens, whatever is called. */
#define ROW(symbol, name, rule, fail)                                                              \
    long stub_##symbol(void) __asm__(#symbol);                                                     \
    __attribute__((visibility("default"))) long stub_##symbol(void)                                \
    {                                                                                              \
        return 0;                                                                                  \
    }
#include "../../detector/calls_rows.h"
