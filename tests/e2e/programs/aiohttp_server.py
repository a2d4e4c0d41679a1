# SPDX-License-Identifier: MIT
"""A small aiohttp server: a clean handler, and three that make the usual mistakes.

Serves on a free port of 127.0.0.1 until SIGTERM, or for --seconds; writes "PORT PID" to --ready.
"""
import argparse
import asyncio
import os
import signal
import socket
import time

from aiohttp import web


async def clean(request):
    await asyncio.sleep(0)
    return web.Response(text="clean\n")


async def open_file(request):
    with open("/etc/hosts") as hosts:
        return web.Response(text=hosts.readline())


async def sleep(request):
    time.sleep(0.02)
    return web.Response(text="slept\n")


async def resolve(request):
    found = socket.getaddrinfo("localhost", 80, type=socket.SOCK_STREAM)
    return web.Response(text=f"{found[0][4][0]}\n")


def make_app():
    app = web.Application()
    app.add_routes([
        web.get("/", clean),
        web.get("/open", open_file),
        web.get("/sleep", sleep),
        web.get("/dns", resolve),
    ])
    return app


async def serve(listener, seconds):
    runner = web.AppRunner(make_app(), access_log=None)
    await runner.setup()
    await web.SockSite(runner, listener).start()
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    try:
        await asyncio.wait_for(stopped.wait(), seconds)
    except asyncio.TimeoutError:
        pass
    await runner.cleanup()


def announce(path, port):
    """Renamed, so a reader never sees half of it. Before the loop runs: nothing to be told of."""
    with open(path + ".new", "w") as ready:
        print(port, os.getpid(), file=ready)
    os.rename(path + ".new", path)


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--ready")
    parser.add_argument("--seconds", type=float, default=60)
    return parser.parse_args()


options = parse()
listener = socket.create_server(("127.0.0.1", options.port))
if options.ready:
    announce(options.ready, listener.getsockname()[1])
asyncio.run(serve(listener, options.seconds))
