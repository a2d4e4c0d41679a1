/* SPDX-License-Identifier: MIT */
/* Ends from inside a callback, in the way that its argument says. */
#include "turn.h"
#include <setjmp.h>

static void last_words(void)
{
    hit();
    puts("last words");
}

static void *reads(void *unused)
{
    char line[10];
    if (!fgets(line, sizeof line, stdin)) /* holds the lock of stdin */
        return unused;
    return unused;
}

int main(int argc, char **argv)
{
    const char *how = argc > 1 ? argv[1] : "";
    pthread_t thread;
    atexit(last_words);
    at_quick_exit(last_words);
    turn();
    hit();
    printf("%s\n", how);
    if (!strcmp(how, "exit"))
        exit(7);
    if (!strcmp(how, "quick_exit")) {
        fflush(stdout);
        quick_exit(7);
    }
    if (!strcmp(how, "_exit"))
        _exit(7);
    if (!strcmp(how, "abort"))
        abort();
    if (!strcmp(how, "pthread_exit"))
        pthread_exit(NULL);
    if (!strcmp(how, "reader")) {
        pthread_create(&thread, NULL, reads, NULL);
        usleep(50000);
    }
    return 0;
}
