/* SPDX-License-Identifier: MIT */
/* A library that is linked without the C library: its references have no version, and lead to the
 * oldest function of their name. */
#include <pthread.h>
#include <spawn.h>
#include <stdlib.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static int posted;

void await(void)
{
    pthread_mutex_lock(&mutex);
    while (!posted)
        pthread_cond_wait(&condition, &mutex);
    posted = 0;
    pthread_mutex_unlock(&mutex);
}

int await_until(const struct timespec *deadline)
{
    int result = 0;
    pthread_mutex_lock(&mutex);
    while (!posted && !result)
        result = pthread_cond_timedwait(&condition, &mutex, deadline);
    posted = 0;
    pthread_mutex_unlock(&mutex);
    return result;
}

void post(void)
{
    pthread_mutex_lock(&mutex);
    posted = 1;
    pthread_cond_signal(&condition);
    pthread_mutex_unlock(&mutex);
}

/* The oldest realpath() makes no room of its own. */
int makes_room(void)
{
    return realpath("/", NULL) != NULL;
}

/* The oldest posix_spawn() hands a text file to the shell. */
int starts(const char *file, char **words)
{
    pid_t child;
    return posix_spawn(&child, file, NULL, NULL, words, NULL);
}
