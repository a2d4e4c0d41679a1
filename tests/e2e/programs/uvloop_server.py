# SPDX-License-Identifier: MIT
"""aiohttp on uvloop, which asks itself by httpx at each /ask; arguments: port. Made before the loop
runs: TLS contexts, and what the libraries import at their first use."""
import contextlib
import importlib
import sys

import httpx
import uvloop
from aiohttp import web

for late in ("anyio._backends._asyncio", "sniffio", "httpcore.backends.asyncio", "httpcore._backends.auto",
             "httpcore._backends.anyio"):
    with contextlib.suppress(ImportError):  # httpx would at its first request, by its version
        importlib.import_module(late)
port = int(sys.argv[1])
client = httpx.AsyncClient(verify=False, trust_env=False)


async def hello(request):
    return web.Response(text="hello\n")


async def ask(request):
    answer = await client.get(f"http://127.0.0.1:{port}/")
    return web.Response(text=answer.text)


app = web.Application()
app.add_routes([web.get("/", hello), web.get("/ask", ask)])
web.run_app(app, host="127.0.0.1", port=port, print=None, access_log=None, loop=uvloop.new_event_loop())
