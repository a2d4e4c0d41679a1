# SPDX-License-Identifier: MIT
"""Well-known ways to block a loop through libraries, each on lines of its own in a coroutine. A line
says what must be told of it: `#: RULE[,RULE…] API ARGUMENT`; other rules may be told there too.
Arguments: a folder, the port of an HTTP server.
"""
import asyncio
import concurrent.futures
import logging
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

import requests

folder, port = sys.argv[1], sys.argv[2]
pool = concurrent.futures.ThreadPoolExecutor(1)
lock = threading.Lock()
readable, writable = os.pipe()
log = logging.getLogger("slow")
log.propagate = False
log.addHandler(logging.FileHandler(f"/dev/fd/{writable}"))


def hold(taken):
    with lock:
        taken.set()
        time.sleep(0.2)


def empty_slowly():
    time.sleep(0.2)
    while os.read(readable, 1 << 20):
        pass


def offend():
    requests.get(f"http://localhost:{port}/")  #: getaddrinfo,connect,recv requests.get *
    database = sqlite3.connect(folder + "/database")  #: open sqlite3.connect {T}/database
    database.execute("create table t(x)")  #: fsync,open,unlink sqlite3.Connection.execute *
    subprocess.run(["sleep", "0.3"])  #: wait subprocess.run *
    pool.submit(time.sleep, 0.3).result()  #: cond-wait concurrent.futures.Future.result *
    thread = threading.Thread(target=time.sleep, args=(0.3,))
    thread.start()
    thread.join()  #: join threading.Thread.join *
    socket.getaddrinfo("localhost", 80)  #: getaddrinfo socket.getaddrinfo localhost:80
    tempfile.NamedTemporaryFile(dir=folder).close()  #: open tempfile.NamedTemporaryFile *
    shutil.copy(__file__, folder + "/copy")  #: open,chmod shutil.copy *


def wait_for_others():
    taken = threading.Event()
    threading.Thread(target=hold, args=(taken,)).start()
    taken.wait()
    lock.acquire()  #: sem-wait threading.Lock.acquire held
    lock.release()
    threading.Thread(target=empty_slowly, daemon=True).start()
    for _ in range(40):
        log.warning("x" * 4000)  #: write logging.Logger.warning pipe


async def main():
    await asyncio.sleep(0)
    offend()
    wait_for_others()
    await asyncio.sleep(0)


asyncio.run(main())
