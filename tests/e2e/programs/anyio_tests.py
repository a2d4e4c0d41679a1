# SPDX-License-Identifier: MIT
"""Run by pytest with anyio's plugin: a clean test and one that blocks, on each of anyio's loops."""
import os

import anyio
import anyio.to_thread
import pytest

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request):
    return request.param


def work():
    open("/etc/hosts").close()  # in a worker thread


async def test_clean():
    for _ in range(3):
        await anyio.sleep(0.005)
        await anyio.to_thread.run_sync(work)


async def test_blocks():
    await anyio.sleep(0.005)
    os.stat("/etc")  #: stat os.stat /etc
    await anyio.to_thread.run_sync(work)
