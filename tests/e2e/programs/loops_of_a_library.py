# SPDX-License-Identifier: MIT
"""A loop of the program's own beside a library's thread that waits as loops do: the library's path, and
whether it waits by "epoll" or "poll", or has its name "late"."""
import asyncio
import ctypes
import sys

library = ctypes.CDLL(sys.argv[1])
library.begin(["epoll", "poll", "late"].index(sys.argv[2]))


async def main():
    for _ in range(3):
        await asyncio.sleep(0.002)
        open("/etc/hosts").close()

asyncio.run(main())
library.end()
