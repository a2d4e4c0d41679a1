# SPDX-License-Identifier: MIT
import time

import anyio
import pytest


@pytest.fixture
def anyio_backend():
    return "trio"


@pytest.mark.anyio
async def test_one():
    await anyio.sleep(0.01)
    time.sleep(0.02)  #: sleep time.sleep *
    open(__file__).close()  #: open open *
    print("handled")
