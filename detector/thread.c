/* SPDX-License-Identifier: MIT */
/* The state of each thread, and its end. The contract is in thread.h. */
#include "thread.h"

#include <pthread.h>

__thread struct ol_thread ol_self __attribute__((tls_model("initial-exec")));
void (*ol_thread_at_end)(void);

static pthread_key_t at_end;
static bool key_made; /* there may be no key left: key 0 is somebody else's then */
static pthread_once_t key_once = PTHREAD_ONCE_INIT;

static void ends(void *self)
{
    (void)self;
    if (ol_thread_at_end)
        ol_thread_at_end();
    ol_self.inside = true; /* later destructors run outside of any loop */
}

static void make_key(void)
{
    key_made = pthread_key_create(&at_end, ends) == 0;
}

void ol_thread_watch_end(void)
{
    pthread_once(&key_once, make_key);
    if (key_made)
        pthread_setspecific(at_end, &ol_self);
}
