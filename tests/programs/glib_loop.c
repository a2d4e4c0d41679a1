/* SPDX-License-Identifier: MIT */
/* A GLib main loop that works once in a timeout and ends. Arguments: a file, and "block" (reads it
 * and sleeps in the callback) or "async" (reads it by GIO's asynchronous calls). */
#include <gio/gio.h>

static GMainLoop *loop;
static gboolean leave(gpointer data)
{
    (void)data;
    g_main_loop_quit(loop);
    return G_SOURCE_REMOVE;
}

static gboolean block(gpointer path)
{
    g_file_get_contents(path, &(char *){NULL}, NULL, NULL);
    g_usleep(30000);
    g_timeout_add(10, leave, NULL);
    return G_SOURCE_REMOVE;
}

static void loaded(GObject *file, GAsyncResult *result, gpointer data)
{
    g_file_load_contents_finish(G_FILE(file), result, &(char *){NULL}, NULL, NULL, NULL);
    g_timeout_add(10, leave, data);
}

static gboolean start_loading(gpointer file)
{
    g_file_load_contents_async(file, NULL, loaded, NULL);
    return G_SOURCE_REMOVE;
}

int main(int count, char **words)
{
    GFile *file = g_file_new_for_path(words[1]); /* GIO looks for its modules here, once */
    gboolean async = count > 2 && g_str_equal(words[2], "async");
    loop = g_main_loop_new(NULL, FALSE);
    g_timeout_add(10, async ? start_loading : block, async ? (gpointer)file : words[1]);
    g_main_loop_run(loop);
}
