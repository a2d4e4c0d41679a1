/* SPDX-License-Identifier: MIT */
/* Loads argv[2] when its loop runs already, then calls in the next turn: argv[1] is "symbol" (what
 * dlsym() gives for guarded_wait) or "plugin" (a library that imports it and registers itself). */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include "turn.h"

void (*registered)(void);
static int (*wait_ms)(int);

static void nothing(void)
{
}

static void call(void)
{
    if (registered)
        registered();
    else
        printf("gives %d\n", wait_ms(5));
}

int main(int argc, char **argv)
{
    turn(nothing);
    void *library = argc > 2 ? dlopen(argv[2], RTLD_LAZY) : NULL;
    if (!library)
        return puts(dlerror()), 1;
    if (strcmp(argv[1], "symbol") == 0)
        *(void **)&wait_ms = dlsym(library, "guarded_wait");
    if (dlsym(RTLD_DEFAULT, "no_such_function") || !dlerror())
        return puts("dlerror"), 1;
    turn(call);
    puts("done");
    return 0;
}
