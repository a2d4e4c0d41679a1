# SPDX-License-Identifier: MIT
"""Threads that are joined on the loop: two whose function has returned, and which can't end before the join is over,
and one whose function runs.
"""
import asyncio
import threading


async def at_its_end():
    """A thread that has returned from its function, and waits for the lock that every thread takes at its end."""
    runs, returns = threading.Event(), threading.Event()
    thread = threading.Thread(target=lambda: (runs.set(), returns.wait()))
    thread.start()
    while not runs.is_set():
        await asyncio.sleep(0.001)
    threading._active_limbo_lock.acquire()
    returns.set()
    while hasattr(thread, "_target"):
        await asyncio.sleep(0.001)
    return thread


async def main():
    await asyncio.sleep(0.01)
    thread = await at_its_end()
    thread.join(0.01)
    vars(thread)  # from then on its attributes are in a dict
    thread.join(0.01)
    threading._active_limbo_lock.release()
    event = threading.Event()
    thread = threading.Thread(target=event.wait)
    thread.start()
    thread.join(0.01)  #: join threading.Thread.join *
    event.set()

asyncio.run(main())
