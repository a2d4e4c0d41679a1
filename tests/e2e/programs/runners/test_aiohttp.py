# SPDX-License-Identifier: MIT
import time

from aiohttp import web


async def hello(request):
    time.sleep(0.02)  #: sleep time.sleep *
    return web.Response(text="hello")


async def test_hello(aiohttp_client):
    app = web.Application()
    app.router.add_get("/", hello)
    client = await aiohttp_client(app)
    answer = await client.get("/")
    assert await answer.text() == "hello"
    open(__file__).close()  #: open open *
    print("handled")
