/* SPDX-License-Identifier: MIT */
/* Calls the functions of a library whose references have no version, off the loop and on it. Prints
 * what it finds: the same with and without us. */
#include "turn.h"

void await(void);
int await_until(const struct timespec *deadline);
void post(void);
int makes_room(void);
int starts(const char *file, char **words);

static void *waker(void *unused)
{
    usleep(20000);
    post();
    return unused;
}

static void call(void)
{
    pthread_t thread;
    struct timespec past = {.tv_sec = 1};
    char script[] = "/tmp/offloop-script-XXXXXX";
    char *words[] = {script, NULL};
    pthread_create(&thread, NULL, waker, NULL);
    await();
    pthread_join(thread, NULL);
    printf("until %d\n", await_until(&past));
    printf("room %d\n", makes_room());
    int file = mkstemp(script);
    if (write(file, "exit 0\n", 7) != 7 || fchmod(file, 0700) || close(file))
        puts("no script");
    printf("starts %d\n", starts(script, words));
    while (wait(NULL) > 0) {
    }
    unlink(script);
}

int main(void)
{
    call();
    turn();
    call();
    puts("done");
    return 0;
}
