/* SPDX-License-Identifier: MIT */
/* Takes every thread-specific key that there is, then becomes a loop: what it kept under them is still there. */
#include "turn.h"
#include <limits.h>

static void *loops(void *unused)
{
    pthread_key_t keys[PTHREAD_KEYS_MAX];
    int count = 0;
    while (count < PTHREAD_KEYS_MAX && pthread_key_create(&keys[count], NULL) == 0)
        count++;
    for (intptr_t i = 0; i < count; i++)
        pthread_setspecific(keys[i], (void *)(i + 1));
    turn();
    hit();
    for (intptr_t i = 0; i < count; i++)
        if (pthread_getspecific(keys[i]) != (void *)(i + 1))
            printf("key %ld has changed\n", (long)i);
    return unused;
}

int main(void)
{
    pthread_t thread;
    pthread_create(&thread, NULL, loops, NULL);
    pthread_join(thread, NULL);
    puts("kept");
}
