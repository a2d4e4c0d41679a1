/* SPDX-License-Identifier: MIT */
/* GTK 3, or an application of GTK 4, on the main thread; another thread sets a label ("wrong"), or
 * asks the main loop to ("right"), or does what is safe ("safe"). */
#include <gtk/gtk.h>
#include <string.h>

static GtkWidget *label;
static const char *how = "right";

static gboolean set(gpointer unused)
{
    gtk_label_set_text(GTK_LABEL(label), "set");
    return G_SOURCE_REMOVE;
}

static void do_what_is_safe(void)
{
    GdkRGBA color;
    gdk_rgba_parse(&color, "red");
    GdkPixbuf *image = gdk_pixbuf_new(GDK_COLORSPACE_RGB, FALSE, 8, 4, 4);
#if GTK_CHECK_VERSION(4, 0, 0)
    GdkTexture *texture = gdk_texture_new_for_pixbuf(image);
    g_print("%d wide\n", gdk_texture_get_width(texture));
    g_object_unref(texture);
#endif
    g_object_unref(image);
    g_print("%s %u\n", g_type_name(gtk_button_get_type()), gtk_get_minor_version());
}

static gboolean end(gpointer application)
{
#if GTK_CHECK_VERSION(4, 0, 0)
    g_application_quit(application);
#else
    gtk_main_quit();
#endif
    return G_SOURCE_REMOVE;
}

static gpointer touch(gpointer application)
{
    if (strcmp(how, "wrong") == 0)
        set(NULL);
    else if (strcmp(how, "safe") == 0)
        do_what_is_safe();
    else
        g_idle_add(set, NULL);
    g_timeout_add(100, end, application);
    return NULL;
}

/* In a turn, so that the loop runs for certain. */
static gboolean launch(gpointer application)
{
    g_thread_unref(g_thread_new("worker", touch, application));
    return G_SOURCE_REMOVE;
}

#if GTK_CHECK_VERSION(4, 0, 0)
static void activate(GtkApplication *application)
{
    GtkWidget *window = gtk_application_window_new(application);
    label = gtk_label_new("");
    gtk_window_set_child(GTK_WINDOW(window), label);
    gtk_window_present(GTK_WINDOW(window));
    g_timeout_add(50, launch, application);
}

int main(int argc, char **argv)
{
    how = argc > 1 ? argv[1] : how;
    GtkApplication *application = gtk_application_new(NULL, G_APPLICATION_NON_UNIQUE);
    g_signal_connect(application, "activate", G_CALLBACK(activate), NULL);
    g_application_run(G_APPLICATION(application), 1, argv);
    puts("done");
    return 0;
}
#else
int main(int argc, char **argv)
{
    how = argc > 1 ? argv[1] : how;
    gtk_init(&argc, &argv);
    GtkWidget *window = gtk_window_new(GTK_WINDOW_TOPLEVEL);
    label = gtk_label_new("");
    gtk_container_add(GTK_CONTAINER(window), label);
    gtk_widget_show_all(window);
    g_timeout_add(50, launch, NULL);
    gtk_main();
    puts("done");
    return 0;
}
#endif
