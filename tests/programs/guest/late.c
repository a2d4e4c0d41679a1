/* SPDX-License-Identifier: MIT */
/* Loads the library that its argument names when it runs already, and then waits as a loop. */
#include <dlfcn.h>

#include "turn.h"

int main(int count, char **words)
{
    if (count < 2 || !dlopen(words[1], RTLD_NOW | RTLD_GLOBAL))
        return 1;
    turn();
    hit();
    return 0;
}
