# SPDX-License-Identifier: MIT
"""Blocking calls through what other tools put around a function: see expectations.py. `wraps_things` lies in a
site-packages folder."""
import asyncio
import functools
import os
import sys
import time


def by_own():
    import wraps_things
    wraps_things.closure(time.sleep)(0.011)  #: sleep time.sleep *
    wraps_things.twice(time.sleep)(0.011)  #: sleep time.sleep *
    wraps_things.given_first(time.sleep, 0.011)  #: sleep time.sleep *
    wraps_things.Retry().call(time.sleep, 0.011)  #: sleep time.sleep *
    wraps_things.closure(functools.partial(time.sleep, 0.011))()  #: sleep time.sleep *
    wraps_things.closure(os.listdir)("/etc")  #: readdir os.listdir /etc
    wraps_things.closure(os.path.getsize)("/etc")  #: stat os.path.getsize /etc
    wraps_things.own_name(0.011)  #: sleep wraps_things.own_name *
    wraps_things.copies("/etc/hostname")  #: open wraps_things.copies *


def by_holder():
    functools.partial(time.sleep, 0.011)()  #: sleep time.sleep *
    functools.lru_cache(time.sleep)(0.011)  #: sleep time.sleep *


def by_wrapt():
    import wrapt
    import wraps_things
    wrapt.FunctionWrapper(time.sleep, wraps_things.for_wrapt)(0.011)  #: sleep time.sleep *
    wrapt.CallableObjectProxy(time.sleep)(0.011)  #: sleep time.sleep *


def by_blockbuster():
    time.sleep(0.011)  #: sleep time.sleep *
    os.listdir("/etc")  #: readdir os.listdir /etc
    os.stat("/etc")  #: stat os.stat /etc
    open("/etc/hostname").close()  #: open open /etc/hostname


def prepare(which):
    if which == "wrapt":
        import wrapt
        import wraps_things
    if which == "own":
        import wraps_things
    if which == "blockbuster":
        import blockbuster
        guard = blockbuster.BlockBuster()
        for function in guard.functions.values():
            function.can_block_predicate = lambda *words, **more: True
        guard.activate()


async def main(which):
    await asyncio.sleep(0.01)
    globals()["by_" + which]()


prepare(sys.argv[1])
asyncio.run(main(sys.argv[1]))
