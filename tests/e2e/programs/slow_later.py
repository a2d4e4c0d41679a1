# SPDX-License-Identifier: MIT
"""One line of the user's that is fast at first, and slow in another call, stack or argument.

slow_later.py KIND FOLDER: `answer` waits for a server's answer after a quick connect, `urlopen` the
same inside of one function of the library, `file` opens files of which one is a pipe that nobody
writes to for a while, `folders` lists many.
"""
import asyncio
import http.client
import os
import pathlib
import socket
import sys
import threading
import time
import urllib.request

LATE = 0.3
begun = threading.Event()


def serve(server):
    while True:
        connection, _ = server.accept()
        connection.recv(1000)
        time.sleep(LATE)
        connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi")
        connection.close()


def start_server():
    server = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=serve, args=(server,), daemon=True).start()
    return server.getsockname()[1]


def write_late(path):
    begun.wait()
    time.sleep(LATE)
    with open(path, "w", encoding="ascii"):
        pass


def answer(port):
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    link.request("GET", "/"); link.getresponse().read()  # noqa: E702


def urlopen(port):
    urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=20).close()


def file(paths):
    begun.set()
    for path in paths:
        open(path).close()  # noqa: SIM115


def make_files(folder):
    paths = [folder / f"plain-{i}" for i in range(3)] + [folder / "pipe"]
    for path in paths[:-1]:
        path.touch()
    os.mkfifo(paths[-1])
    threading.Thread(target=write_late, args=(paths[-1],), daemon=True).start()
    return paths


async def main(kind, given):
    await asyncio.sleep(0.01)
    globals()[kind](given)
    await asyncio.sleep(0)


what, where = sys.argv[1], pathlib.Path(sys.argv[2])
asyncio.run(main(what, make_files(where) if what == "file" else start_server()))
