# SPDX-License-Identifier: MIT
"""GTK by PyGObject: gi_gtk.py 3.0|4.0 wrong|right. A thread sets a label, or asks the main loop to."""
import sys
import threading

import gi

VERSION, HOW = sys.argv[1:]
gi.require_version("Gtk", VERSION)
from gi.repository import Gtk, GLib

label = Gtk.Label()


def touch(quit):
    if HOW == "wrong":
        label.set_text("set")
    else:
        GLib.idle_add(label.set_text, "set")
    GLib.timeout_add(100, quit)


def launch(quit):
    threading.Thread(target=touch, args=(quit,)).start()
    return GLib.SOURCE_REMOVE


def activate(application):
    window = Gtk.ApplicationWindow(application=application)
    window.set_child(label)
    window.present()
    GLib.timeout_add(50, launch, application.quit)


if VERSION == "3.0":
    window = Gtk.Window()
    window.add(label)
    window.show_all()
    GLib.timeout_add(50, launch, Gtk.main_quit)
    Gtk.main()
else:
    application = Gtk.Application()
    application.connect("activate", activate)
    application.run()
