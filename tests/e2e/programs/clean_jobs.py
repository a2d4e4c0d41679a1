# SPDX-License-Identifier: MIT
"""An asyncio program that does everything right, under load: 200 jobs a second in executors while
four threads fight for the GIL, timers, an echo server with clients. Arguments: seconds, "uvloop" or
"asyncio"."""
import asyncio
import concurrent.futures
import logging
import sys
import threading
import time

seconds, kind = float(sys.argv[1]), sys.argv[2]
busy = True
pool = concurrent.futures.ThreadPoolExecutor(4)  # outlives the loop: to end it is to wait


def burn():
    while busy:
        sum(range(1000))


def job(path):
    with open(path) as file:
        return len(file.read())


async def jobs(end):
    loop = asyncio.get_running_loop()
    while time.monotonic() < end:
        await asyncio.gather(*(loop.run_in_executor(pool, job, "/etc/hostname") for _ in range(4)))
        await asyncio.sleep(0.02)


async def echo(reader, writer):
    while data := await reader.readline():
        writer.write(data)
        await writer.drain()
    writer.close()


async def talk(port, end):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while time.monotonic() < end:
        writer.write(b"hello\n")
        await reader.readline()
        logging.info("echoed")
    writer.close()


async def main():
    end = time.monotonic() + seconds
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    await asyncio.gather(jobs(end), *(talk(port, end) for _ in range(4)))
    await asyncio.to_thread(time.sleep, 0.01)
    server.close()


logging.basicConfig(level=logging.INFO, filename="/dev/null")
threads = [threading.Thread(target=burn, daemon=True) for _ in range(4)]
for thread in threads:
    thread.start()
if kind == "uvloop":
    import uvloop

    uvloop.install()
asyncio.run(main())
busy = False
pool.shutdown()
