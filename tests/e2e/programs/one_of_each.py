# SPDX-License-Identifier: MIT
"""A coroutine that makes one call each of four rules: mkdir, open, sleep, getaddrinfo. Each is at a
line of its own. Says on stdout of each call its errno (0: it worked) and the time it took.

    one_of_each.py [STATUS [SECONDS OF SLEEP]]
"""
import asyncio
import os
import socket
import sys
import time


status = int(sys.argv[1]) if len(sys.argv) > 1 else 0
seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 0.01


def attempt(call):
    start = time.perf_counter()
    try:
        call()
        error = 0
    except OSError as failure:
        error = failure.errno
    return error, time.perf_counter() - start


async def main():
    await asyncio.sleep(0)
    outcomes = {
        "mkdir": attempt(lambda: os.mkdir("made-by-mkdir")),
        "open": attempt(lambda: open("made-by-open", "w").close()),
        "sleep": attempt(lambda: time.sleep(seconds)),
        "getaddrinfo": attempt(lambda: socket.getaddrinfo("localhost", 80)),
    }
    await asyncio.sleep(0)
    for name, (error, taken) in outcomes.items():
        print(name, error, f"{taken:.6f}")


asyncio.run(main())
sys.exit(status)
