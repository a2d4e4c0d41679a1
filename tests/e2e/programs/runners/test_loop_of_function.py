# SPDX-License-Identifier: MIT
import asyncio
import time

import pytest
import pytest_asyncio


@pytest_asyncio.fixture
async def resource():
    await asyncio.sleep(0.01)
    time.sleep(0.02)  #: sleep time.sleep *
    yield "resource"


@pytest.mark.asyncio
async def test_one(resource):
    await asyncio.sleep(0.01)
    open(__file__).close()  #: open open *
    print(resource)
