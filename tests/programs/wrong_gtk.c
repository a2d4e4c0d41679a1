/* GTK 3 on the main thread; another thread sets a label ("wrong"), or asks the main loop to
 * ("right"). */
#include <gtk/gtk.h>
#include <string.h>

static GtkWidget *label;
static const char *how = "right";

static gboolean set(gpointer unused)
{
    gtk_label_set_text(GTK_LABEL(label), "set");
    return G_SOURCE_REMOVE;
}

static gboolean end(gpointer unused)
{
    gtk_main_quit();
    return G_SOURCE_REMOVE;
}

static gpointer touch(gpointer unused)
{
    g_usleep(100000);
    if (strcmp(how, "wrong") == 0)
        set(NULL);
    else
        g_idle_add(set, NULL);
    g_timeout_add(100, end, NULL);
    return NULL;
}

int main(int argc, char **argv)
{
    how = argc > 1 ? argv[1] : how;
    gtk_init(&argc, &argv);
    GtkWidget *window = gtk_window_new(GTK_WINDOW_TOPLEVEL);
    label = gtk_label_new("");
    gtk_container_add(GTK_CONTAINER(window), label);
    gtk_widget_show_all(window);
    GThread *thread = g_thread_new("worker", touch, NULL);
    gtk_main();
    g_thread_join(thread);
    puts("done");
    return 0;
}
