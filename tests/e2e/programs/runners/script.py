# SPDX-License-Identifier: MIT
import asyncio
import time


async def handle():
    await asyncio.sleep(0.01)
    time.sleep(0.02)  #: sleep time.sleep *
    open(__file__).close()  #: open open *
    print("handled")


asyncio.run(handle())
