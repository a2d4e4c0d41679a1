"""aiohttp on uvloop, which asks itself by httpx at each /ask; arguments: port. Made before the loop
runs: TLS contexts, and what the libraries import at their first use."""
import sys

import anyio._backends._asyncio  # noqa: F401 (httpx would at its first request)
import httpcore.backends.asyncio  # noqa: F401 (the same)
import httpx
import uvloop
from aiohttp import web

port = int(sys.argv[1])
client = httpx.AsyncClient(verify=False, trust_env=False)


async def hello(request):
    return web.Response(text="hello\n")


async def ask(request):
    answer = await client.get(f"http://127.0.0.1:{port}/")
    return web.Response(text=answer.text)


uvloop.install()
app = web.Application()
app.add_routes([web.get("/", hello), web.get("/ask", ask)])
web.run_app(app, host="127.0.0.1", port=port, print=None, access_log=None)
