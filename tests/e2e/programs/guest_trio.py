# SPDX-License-Identifier: MIT
"""trio as a guest of another loop: its tasks run as callbacks there, and a cached thread, which does
other work too, waits in its place. The first argument names the host, the second what the task does;
comments as in turns.py."""
import asyncio
import os
import queue
import sys
import time

import trio


def work():
    open("/etc/hosts").close()  # in a worker thread
    time.sleep(0.001)


async def clean():
    for _ in range(6):
        await trio.sleep(0.005)
        await trio.to_thread.run_sync(work)


async def offend():
    for _ in range(3):
        await trio.sleep(0.005)
        os.stat("/etc")  #: stat os.stat /etc
        await trio.to_thread.run_sync(work)


def from_a_queue(main):
    """The host waits too, in a way that is no loop's."""
    callbacks = queue.SimpleQueue()
    done = []
    trio.lowlevel.start_guest_run(main, run_sync_soon_threadsafe=callbacks.put,
                                  done_callback=done.append)
    while not done:
        callbacks.get()()
        os.listdir("/etc")  # the host's own: trio does not know when it may run
    done[0].unwrap()


def in_asyncio(main):
    async def host():
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        trio.lowlevel.start_guest_run(main, run_sync_soon_threadsafe=loop.call_soon_threadsafe,
                                      done_callback=done.set_result)
        (await done).unwrap()
    asyncio.run(host())


def twice(main):
    from_a_queue(main)
    from_a_queue(main)


{"queue": from_a_queue, "asyncio": in_asyncio, "twice": twice, "none": trio.run}[sys.argv[1]](
    {"clean": clean, "offend": offend}[sys.argv[2]])
