# SPDX-License-Identifier: MIT
"""GLib's main loop in Python (python3-gi): works once in a timeout, then ends. Argument: "block",
or "clean" for nothing that blocks."""
import sys
import time

from gi.repository import GLib

loop = GLib.MainLoop()


def work():
    if sys.argv[1] == "block":
        time.sleep(0.03)
    GLib.timeout_add(10, loop.quit)
    return GLib.SOURCE_REMOVE


GLib.timeout_add(10, work)
loop.run()
