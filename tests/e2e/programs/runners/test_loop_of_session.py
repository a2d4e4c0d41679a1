# SPDX-License-Identifier: MIT
import asyncio
import time

import pytest

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_one():
    await asyncio.sleep(0.01)
    time.sleep(0.02)  #: sleep time.sleep *
    print("one")


class TestMore:
    async def test_two(self):
        await asyncio.sleep(0.01)
        open(__file__).close()  #: open open *
        print("two")
