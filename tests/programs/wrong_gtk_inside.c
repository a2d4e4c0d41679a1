/* SPDX-License-Identifier: MIT */
/* Preloaded beside offloop into a program of GTK's that is not ours: a thread of it asks GTK for
 * its windows, once the main loop has run for a while. */
#include <dlfcn.h>
#include <glib.h>

static gpointer ask(gpointer unused)
{
    void *(*windows)(void) = dlsym(RTLD_DEFAULT, "gtk_window_list_toplevels");
    if (windows)
        windows();
    return NULL;
}

static gboolean launch(gpointer unused)
{
    g_thread_unref(g_thread_new("inside", ask, NULL));
    return G_SOURCE_REMOVE;
}

static __attribute__((constructor)) void start(void)
{
    g_timeout_add(200, launch, NULL);
}
