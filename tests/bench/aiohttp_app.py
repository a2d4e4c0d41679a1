# SPDX-License-Identifier: MIT
"""A small aiohttp server with a clean handler, for load tests: argument is the port."""
import sys

from aiohttp import web


async def hello(request):
    return web.json_response({"hello": request.match_info.get("name", "world")})


app = web.Application()
app.add_routes([web.get("/", hello), web.get("/{name}", hello)])
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None)
