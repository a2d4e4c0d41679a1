# SPDX-License-Identifier: MIT
"""Locks that another thread holds, taken by `with`, in a coroutine. A line `#:` says what it gives."""
import asyncio
import threading
import time


def hold(lock, taken):
    with lock:
        taken.set()
        time.sleep(0.1)


def lock_held_elsewhere(kind):
    lock, taken = kind(), threading.Event()
    threading.Thread(target=hold, args=(lock, taken)).start()
    taken.wait()
    return lock


async def main():
    await asyncio.sleep(0)
    loop = asyncio.get_running_loop()
    lock = await loop.run_in_executor(None, lock_held_elsewhere, threading.Lock)
    with lock:  #: sem-wait threading.Lock.acquire *
        pass
    lock = await loop.run_in_executor(None, lock_held_elsewhere, threading.RLock)
    with lock:  #: sem-wait threading.RLock.acquire *
        pass


asyncio.run(main())
