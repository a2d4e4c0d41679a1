/* SPDX-License-Identifier: MIT */
/* pkg-config --cflags --libs glib-2.0 */
#include "stepped.h"

#include <glib.h>

static gboolean fires(gpointer unused)
{
    on_timer();
    return TRUE;
}

static gboolean ends(gpointer loop)
{
    g_main_loop_quit(loop);
    return FALSE;
}

static void start(void)
{
    g_timeout_add(1, fires, NULL);
}

static void step(void)
{
    g_main_context_iteration(NULL, TRUE);
}

static void look(void)
{
    if (g_main_context_pending(NULL))
        g_main_context_iteration(NULL, FALSE);
}

static void run(void)
{
    GMainLoop *loop = g_main_loop_new(NULL, FALSE);
    g_timeout_add(5, ends, loop);
    g_main_loop_run(loop);
    g_main_loop_unref(loop);
}
