# SPDX-License-Identifier: MIT
"""Programs that are started on the loop, by asyncio's own way and by subprocess, and a server on a socket file."""
import asyncio
import subprocess
import sys


async def by_asyncio():
    for program in "/bin/true", "true":
        process = await asyncio.create_subprocess_exec(program)
        await process.wait()
    process = await asyncio.create_subprocess_shell("true", stdout=asyncio.subprocess.PIPE)
    await process.communicate()


def by_path():
    return subprocess.Popen(["/bin/true"])


def by_name():
    return subprocess.Popen(["true"])


async def serve():
    server = await asyncio.start_unix_server(lambda reader, writer: writer.close(), sys.argv[1] + "/socket")
    await asyncio.sleep(0.01)
    server.close()
    await server.wait_closed()


async def main():
    await asyncio.sleep(0.01)
    await by_asyncio()
    await serve()
    for process in by_path(), by_name():
        await asyncio.to_thread(process.wait)

asyncio.run(main())
