# SPDX-License-Identifier: MIT
"""What objects do at their ends, on the loop: `finalizers.py HOW N`. By `cycle-*` the garbage collector
finds them, wherever it begins (N things are made before); the others end in a line of main()."""
import asyncio
import gc
import os
import sys
import weakref

HOW, MADE_BEFORE = sys.argv[1], int(sys.argv[2])


class Job:
    def __del__(self):
        os.listdir("/")  #: __del__


class Watched:
    pass


def callback(reference):
    os.listdir("/")  #: callback


def given():
    os.listdir("/")  #: given


def lines():
    try:
        yield
    finally:
        os.listdir("/")  #: lines


def make():
    if HOW == "cycle-callback":
        return Watched()
    if HOW == "cycle-given":
        made = Watched()
        weakref.finalize(made, given)
        return made
    if HOW == "cycle-generator":
        made = Watched()
        made.lines = lines()
        next(made.lines)
        return made
    return Job()


references = []


def cycle():
    made = make()
    if HOW == "cycle-callback":
        references.append(weakref.ref(made, callback))
    made.itself = made


async def first(things):
    for i in range(250):
        things.append([i])


async def second(things):
    for i in range(250):
        things.append([i])


async def main():
    gc.disable()
    await asyncio.sleep(0.01)
    if HOW.startswith("cycle"):
        cycle()
        await asyncio.sleep(0.01)
        things = [[i] for i in range(MADE_BEFORE)]
        gc.enable()
        for _ in range(20):
            await first(things)
            await second(things)
        return
    job = make()
    if HOW == "deleted":
        del job  #: deleted
    elif HOW == "assigned":
        job = None  #: assigned
    else:
        job.itself = job
        del job
        gc.collect()  #: asked


asyncio.run(main())
