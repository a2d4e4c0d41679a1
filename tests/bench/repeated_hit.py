# SPDX-License-Identifier: MIT
"""Time of one stat() at Python depth 25 inside a coroutine, ns: the same site again and again. Prints the median of the
runs; scripts/bench compares it with and without the library."""
import asyncio
import os
import statistics
import time

CALLS = 20000
RUNS = 15


def descend(levels):
    if levels:
        return descend(levels - 1)
    stat, path = os.stat, "/etc/hostname"
    begin = time.perf_counter_ns()
    for _ in range(CALLS):
        stat(path)
    return (time.perf_counter_ns() - begin) / CALLS


async def main():
    await asyncio.sleep(0)
    print(statistics.median(descend(18) for _ in range(RUNS)))


asyncio.run(main())
