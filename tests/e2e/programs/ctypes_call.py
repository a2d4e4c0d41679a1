# SPDX-License-Identifier: MIT
"""ctypes_call.py LIBRARY on|off: guarded_wait on asyncio's loop, or in an executor's thread."""
import asyncio
import ctypes
import sys


def call():
    return ctypes.CDLL(sys.argv[1]).guarded_wait(5)


async def main():
    await asyncio.sleep(0.01)
    print("gives", call() if sys.argv[2] == "on" else await asyncio.to_thread(call))


asyncio.run(main())
