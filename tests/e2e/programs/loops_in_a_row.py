# SPDX-License-Identifier: MIT
"""200 loops, one after the other, in one thread or each in a thread of its own, as test runners make
them. After the 128th, one only computes for longer than a stall, and one blocks. Arguments: "thread"
or "threads", and how long a stall is, in seconds."""
import asyncio
import sys
import threading
import time


async def main(number):
    await asyncio.sleep(0)
    if number == 180:
        end = time.perf_counter() + float(sys.argv[2]) * 1.5
        while time.perf_counter() < end:
            pass
    await asyncio.sleep(0)
    if number == 181:
        time.sleep(0.001)  #: sleep time.sleep *
    await asyncio.sleep(0)


for number in range(200):
    if sys.argv[1] == "thread":
        asyncio.run(main(number))
    else:
        thread = threading.Thread(target=lambda: asyncio.run(main(number)))
        thread.start()
        thread.join()
