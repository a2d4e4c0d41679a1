/* SPDX-License-Identifier: MIT */
/* Loads argv[1] in a turn of its loop, and calls the function argv[2] of it in the next one:
 * argv[3] is "on" (in the turn) or "off" (meanwhile, in another thread). */
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "turn.h"

static char **words;
static int (*function)(int);

static void load(void)
{
    void *library = dlopen(words[1], RTLD_LAZY);
    *(void **)&function = library ? dlsym(library, words[2]) : NULL;
}

static void *call(void *unused)
{
    printf("gives %d\n", function(5));
    return NULL;
}

static void call_there(void)
{
    pthread_t thread;
    if (strcmp(words[3], "on") == 0) {
        call(NULL);
        return;
    }
    pthread_create(&thread, NULL, call, NULL);
    pthread_join(thread, NULL);
}

int main(int argc, char **argv)
{
    words = argv;
    turn(load);
    if (argc < 4 || !function)
        return puts(dlerror()), 1;
    turn(call_there);
    return 0;
}
