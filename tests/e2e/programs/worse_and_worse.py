# SPDX-License-Identifier: MIT
"""One line that sleeps longer and longer: worse_and_worse.py SECONDS…"""
import asyncio
import sys
import time


async def main():
    await asyncio.sleep(0.01)
    for seconds in sys.argv[1:]:
        time.sleep(float(seconds))
        await asyncio.sleep(0)


asyncio.run(main())
