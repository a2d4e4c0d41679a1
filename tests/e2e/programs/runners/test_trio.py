# SPDX-License-Identifier: MIT
import time

import pytest
import trio


@pytest.mark.trio
async def test_one():
    await trio.sleep(0.01)
    time.sleep(0.02)  #: sleep time.sleep *
    open(__file__).close()  #: open open *
    print("handled")
