# SPDX-License-Identifier: MIT
"""A loop and threads that want the interpreter's lock. `share`: for three seconds of short turns,
each of which waits for it as CPython shares it out. `hold`: a thread in C code keeps it for 1.5 s."""
import asyncio
import ctypes
import sys
import threading
import time


def burn():
    while busy:
        sum(range(1000))


async def share():
    for _ in range(2):
        threading.Thread(target=burn).start()
    end = time.monotonic() + 3
    while time.monotonic() < end:
        await asyncio.sleep(0)
        time.sleep(0)  # lets go of the lock, and asks for it again


def keep():
    time.sleep(0.05)
    ctypes.PyDLL(None).poll(None, 0, 1500)


async def hold():
    threading.Thread(target=keep).start()
    await asyncio.sleep(0.1)


busy = True
asyncio.run({"share": share, "hold": hold}[sys.argv[1]]())
busy = False
