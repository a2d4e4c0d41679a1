# SPDX-License-Identifier: MIT
import asyncio

from django.test import TestCase


class Views(TestCase):
    async def test_hello(self):
        await asyncio.sleep(0.01)
        answer = await self.async_client.get("/")
        assert answer.content == b"hello"
        open(__file__).close()  #: open open *
        print("handled")
