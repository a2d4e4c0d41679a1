/* SPDX-License-Identifier: MIT */
/* A library whose constructor waits for a thread of its own, which runs a loop: all the while the loader's lock is held.
 * Built with -DPLUGIN that library, else the program that loads it. */
#include "turn.h"
#include <dlfcn.h>
#include <semaphore.h>

#ifdef PLUGIN

static sem_t done;

static void *run_loop(void *unused)
{
    for (int i = 0; i < 3; i++) {
        turn();
        hit();
        usleep(1);
        open("/etc/hosts", O_RDONLY);
    }
    sem_post(&done);
    return unused;
}

__attribute__((constructor)) static void start(void)
{
    pthread_t thread;
    struct timespec end;
    sem_init(&done, 0, 0);
    pthread_create(&thread, NULL, run_loop, NULL);
    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += 20;
    puts(sem_timedwait(&done, &end) ? "hangs" : "has run");
}

#else

int main(int argc, char **argv)
{
    (void)argc;
    puts(dlopen(argv[1], RTLD_NOW) ? "loaded" : dlerror());
}

#endif
