# SPDX-License-Identifier: MIT
"""An HTTP server on GLib's main loop (python3-gi) that does all it does asynchronously. Argument:
port."""
import sys

import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib  # noqa: E402

REPLY = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello\n"


def answer(stream, result, connection):
    try:
        request = stream.read_bytes_finish(result)
    except GLib.Error:  # the client is gone
        return
    if request.get_size():
        connection.get_output_stream().write_all_async(REPLY, 0, None, listen_on, connection)
    else:
        connection.close_async(0, None, None)


def listen_on(stream, result, connection):
    try:
        if result:
            stream.write_all_finish(result)
    except GLib.Error:
        return
    reader = connection.get_input_stream()
    reader.read_bytes_async(4096, 0, None, answer, connection)


def accept(service, connection, source):
    GLib.strerror(2)  # asks which characters the locale has
    listen_on(None, None, connection)
    return True


server = Gio.SocketService()
server.add_inet_port(int(sys.argv[1]), None)
server.connect("incoming", accept)
GLib.MainLoop().run()
