/* SPDX-License-Identifier: MIT */
/* One thread loads argv[1] again and again, and is a loop that finds new imports each time; the
 * main thread forks meanwhile, and each child calls call_guarded() of argv[2] in a turn. None forks
 * during a dlopen(): that is not for the loader. */
#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/wait.h>

#include "turn.h"

#define FORKS 60

static char **paths;
static pthread_mutex_t loads = PTHREAD_MUTEX_INITIALIZER;
static _Atomic int over;
static int (*function)(int);

static void nothing(void)
{
}

static void call(void)
{
    function(5);
}

static void *load(void *unused)
{
    while (!over) {
        pthread_mutex_lock(&loads);
        void *library = dlopen(paths[1], RTLD_NOW);
        pthread_mutex_unlock(&loads);
        turn(nothing);
        pthread_mutex_lock(&loads);
        dlclose(library);
        pthread_mutex_unlock(&loads);
    }
    return NULL;
}

static int child(void)
{
    alarm(30);
    void *library = dlopen(paths[2], RTLD_NOW);
    turn(nothing);
    *(void **)&function = dlsym(library, "call_guarded");
    turn(call);
    return 0;
}

int main(int argc, char **argv)
{
    pthread_t thread;
    int ended = 0;
    paths = argv;
    pthread_create(&thread, NULL, load, NULL);
    for (int i = 0; i < FORKS; i++) {
        pthread_mutex_lock(&loads);
        pid_t pid = fork();
        pthread_mutex_unlock(&loads);
        int status;
        if (pid == 0)
            _exit(child());
        ended += waitpid(pid, &status, 0) == pid && status == 0;
        usleep(1000);
    }
    over = 1;
    pthread_join(thread, NULL);
    printf("%d of %d\n", ended, FORKS);
    return 0;
}
