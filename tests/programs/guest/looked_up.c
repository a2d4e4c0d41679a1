/* SPDX-License-Identifier: MIT */
/* A loop whose functions nobody imports: they are looked up by name. Before its first turn the
 * program does what the first word says; then three hits, made by `work`. */
#include <dlfcn.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static __attribute__((noinline)) void work(void)
{
    struct stat status;
    stat("/etc/passwd", &status);
    __asm__ volatile("");
}

static int loop(void)
{
    struct epoll_event event;
    int (*create)(int) = (int (*)(int))dlsym(RTLD_DEFAULT, "epoll_create1");
    int (*wait_for)(int, struct epoll_event *, int, int) = (int (*)(
        int, struct epoll_event *, int, int))dlsym(RTLD_DEFAULT, "epoll_wait");
    int epoll = create(0);
    for (int i = 0; i < 3; i++) {
        wait_for(epoll, &event, 1, 0);
        work();
    }
    return close(epoll);
}

static void *stay(void *ready)
{
    sem_post(ready);
    for (;;)
        pause();
}

static void start_thread(void)
{
    sem_t ready;
    pthread_t thread;
    sem_init(&ready, 0, 0);
    pthread_create(&thread, NULL, stay, &ready);
    sem_wait(&ready);
}

static int loop_in(pid_t child)
{
    int status = 1;
    if (!child)
        _exit(loop());
    waitpid(child, &status, 0);
    return status;
}

int main(int argc, char **argv)
{
    const char *before = argv[1];
    if (argc > 2 && strcmp(argv[2], "thread") == 0)
        start_thread();
    if (strcmp(before, "fork") == 0)
        return loop_in(fork());
    if (strcmp(before, "_Fork") == 0)
        return loop_in(_Fork());
    if (strcmp(before, "chroot") == 0 && (chroot(argv[2]) != 0 || chdir("/") != 0))
        return 1;
    if (strcmp(before, "load") == 0 && !dlopen("libm.so.6", RTLD_NOW))
        return 1;
    return loop();
}
