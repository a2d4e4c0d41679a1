/* SPDX-License-Identifier: MIT */
/* Threads that are cancelled in the middle of wrapped calls; the loop that remains is judged. */
#include <stdatomic.h>

#include "turn.h"

static atomic_int about_to_wait; /* earlier cancelled threads have nothing to clean up */

static void cleaned(void *what)
{
    hit();
    printf("cleaned up after %s\n", (const char *)what);
}

static void *sleeps(void *unused)
{
    struct epoll_event event;
    int own = epoll_create1(0);
    epoll_wait(own, &event, 1, 0);
    pthread_cleanup_push(cleaned, "a sleep");
    about_to_wait = 1;
    sleep(100);
    pthread_cleanup_pop(0);
    return unused;
}

static void *waits(void *unused)
{
    struct epoll_event event;
    pthread_cleanup_push(cleaned, "a wait");
    about_to_wait = 1;
    epoll_wait(epoll_create1(0), &event, 1, -1);
    pthread_cleanup_pop(0);
    return unused;
}

int main(void)
{
    void *(*const bodies[])(void *) = {sleeps, waits, sleeps};
    for (int i = 0; i < 3; i++) {
        pthread_t thread;
        void *result;
        about_to_wait = 0;
        pthread_create(&thread, NULL, bodies[i], NULL);
        while (!about_to_wait)
            usleep(1000);
        usleep(50000);
        pthread_cancel(thread);
        pthread_join(thread, &result);
        puts(result == PTHREAD_CANCELED ? "cancelled" : "ended");
    }
    turn();
    hit();
}
