/* SPDX-License-Identifier: MIT */
/* Functions of the C library by its own handle, in a turn: `named_libc WAY`. Which function a way
 * leads to is printed too: that of the plain name, another one, or none. */
#include <dlfcn.h>
#include <gnu/lib-names.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "turn.h"

typedef int sleeper(useconds_t us);

static const char *way;
static void *libc;

static void *usleep_by_way(void)
{
    if (strcmp(way, "name") == 0)
        return dlsym(libc, "usleep");
    if (strcmp(way, "version") == 0)
        return dlvsym(libc, "usleep", "GLIBC_2.2.5");
    if (strcmp(way, "default") == 0)
        return dlsym(RTLD_DEFAULT, "usleep");
    if (strcmp(way, "next") == 0)
        return dlsym(RTLD_NEXT, "usleep");
    if (strcmp(way, "program") == 0)
        return dlsym(dlopen(NULL, RTLD_LAZY), "usleep");
    if (strcmp(way, "thread-library") == 0)
        return dlsym(dlopen("libpthread.so.0", RTLD_LAZY), "usleep");
    if (strcmp(way, "copy") == 0)
        return dlsym(dlmopen(LM_ID_NEWLM, LIBC_SO, RTLD_LAZY), "usleep");
    if (strcmp(way, "missing-version") == 0)
        return dlvsym(libc, "usleep", "GLIBC_99");
    return NULL;
}

static void sleeps(void)
{
    union {
        void *object;
        sleeper *function;
    } found = {.object = usleep_by_way()};
    puts(!found.object ? "none" : found.function == usleep ? "the same" : "another");
    if (found.object)
        found.function(20000);
    else
        puts(dlerror() ? "with an error" : "without one");
}

/* The functions of two versions stay two functions. */
static void compare_versions(void)
{
    void *now = dlsym(libc, "pthread_cond_wait");
    void *before = dlvsym(libc, "pthread_cond_wait", "GLIBC_2.2.5");
    puts(now == before ? "one" : "two");
}

int main(int argc, char **argv)
{
    way = argc > 1 ? argv[1] : "name";
    libc = dlopen(LIBC_SO, RTLD_LAZY);
    if (!libc)
        return 1;
    if (strcmp(way, "versions") == 0)
        compare_versions();
    else
        turn(sleeps);
    return 0;
}
