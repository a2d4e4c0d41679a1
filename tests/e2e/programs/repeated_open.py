# SPDX-License-Identifier: MIT
"""A loop that opens a file, many times at one line: one site, one line, many hits."""
import asyncio
import sys


async def handle():
    for _ in range(int(sys.argv[1])):
        open("/etc/hosts").close()  #: open open /etc/hosts
        await asyncio.sleep(0)


asyncio.run(handle())
