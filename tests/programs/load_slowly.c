/* SPDX-License-Identifier: MIT */
/* A thread loads argv[1] while a loop turns; then call_guarded() of it is called in a turn. */
#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#include "turn.h"

static char *path;
static void *_Atomic library;
static _Atomic int over;
static int (*function)(int);

static void *load(void *unused)
{
    library = dlopen(path, RTLD_NOW);
    over = 1;
    return NULL;
}

static void nothing(void)
{
    usleep(1000);
}

static void call(void)
{
    printf("gives %d\n", function(5));
}

int main(int argc, char **argv)
{
    pthread_t thread;
    path = argv[1];
    turn(nothing);
    pthread_create(&thread, NULL, load, NULL);
    while (!over)
        turn(nothing);
    pthread_join(thread, NULL);
    *(void **)&function = library ? dlsym(library, "call_guarded") : NULL;
    if (!function)
        return puts(dlerror()), 1;
    turn(call);
    return 0;
}
