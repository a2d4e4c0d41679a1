/* SPDX-License-Identifier: MIT */
/* Plug-ins that several threads load, call and unload while their loops turn and calls are judged:
 * with all of the library's own code in this program, so that a sanitizer watches it too.
 *
 *     plugins FOLDER SECONDS     FOLDER: of plug-ins, plugin0.so to plugin3.so
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "detector/recorder.h"

enum { THREADS = 4 };

static const char *folder;
static _Atomic bool over;
static _Atomic unsigned long rounds;

static void use(const char *path, int number)
{
    void *plugin = dlopen(path, RTLD_LAZY);
    if (!plugin)
        fprintf(stderr, "%s\n", dlerror()), abort();
    union {
        void *object;
        int (*call)(int);
    } symbol = {.object = dlsym(plugin, "plugin_call")},
      guarded = {.object = dlsym(plugin, "plugin_guarded")};
    if (symbol.call(number) != number + 1 || guarded.call(number) != number + 1)
        abort();
    if (dlclose(plugin))
        abort();
}

static void *turn(void *context)
{
    char path[4096];
    struct epoll_event event;
    int number = (int)(intptr_t)context;
    int loop = epoll_create1(EPOLL_CLOEXEC);
    while (!over) {
        snprintf(path, sizeof path, "%s/plugin%d.so", folder, number % THREADS);
        epoll_wait(loop, &event, 1, 0);
        use(path, number++);
        int file = open("/etc/hosts", O_RDONLY | O_CLOEXEC); /* a hit in each turn */
        if (file >= 0)
            close(file);
        rounds++;
    }
    close(loop);
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t threads[THREADS];
    folder = argc > 1 ? argv[1] : ".";
    for (intptr_t i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, turn, (void *)i);
    sleep(argc > 2 ? (unsigned)atoi(argv[2]) : 2);
    over = true;
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    if (!ol_recorder || !ol_recorder->hits || rounds < THREADS)
        return fprintf(stderr, "nothing was judged\n"), 1;
    printf("%lu plug-ins, %lu hits\n", (unsigned long)rounds, (unsigned long)ol_recorder->hits);
    return 0;
}
