# SPDX-License-Identifier: MIT
"""Eight threads begin their first loops at the same moment, while two others ask for the interpreter's
version without a pause; in each loop one call blocks."""
import asyncio
import ctypes
import os
import sys
import threading

LOOPS = 8
together = threading.Barrier(LOOPS)
over = threading.Event()
libc_or_python = ctypes.CDLL(None)  # lets go of the interpreter's lock, as extension modules may
libc_or_python.Py_GetVersion.restype = ctypes.c_char_p


def ask():
    while not over.is_set():
        for _ in range(200):
            libc_or_python.Py_GetVersion()


async def main():
    await asyncio.sleep(0.001)
    os.stat("/etc")  #: stat os.stat /etc
    await asyncio.sleep(0.001)


def work():
    loop = asyncio.new_event_loop()
    together.wait()
    loop.run_until_complete(main())
    loop.close()


sys.setswitchinterval(1e-5)
askers = [threading.Thread(target=ask) for _ in range(2)]
workers = [threading.Thread(target=work) for _ in range(LOOPS)]
for thread in askers + workers:
    thread.start()
for thread in workers:
    thread.join()
over.set()
for thread in askers:
    thread.join()
