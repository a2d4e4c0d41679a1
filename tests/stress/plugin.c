/* SPDX-License-Identifier: MIT */
/* A plug-in of stress/plugins.c: it imports functions that are caught, lazily. */
#include <sys/stat.h>

void *event_base_new(void); /* never called: there may be no libevent */
int event_base_loopexit(void *base, const void *time);
int plugin_guarded(int x);
int plugin_call(int x);

int plugin_guarded(int x)
{
    return x + 1;
}

int plugin_call(int x)
{
    struct stat status;
    if (x < 0)
        event_base_loopexit(event_base_new(), 0);
    return stat("/", &status) + plugin_guarded(x);
}
