# SPDX-License-Identifier: MIT
import asyncio
import time
import unittest


class Handling(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        await asyncio.sleep(0.01)
        open(__file__).close()  #: open open *

    async def test_one(self):
        await asyncio.sleep(0.01)
        time.sleep(0.02)  #: sleep time.sleep *
        print("handled")


if __name__ == "__main__":
    unittest.main()
