# SPDX-License-Identifier: MIT
"""Libraries that hand over between threads and loops as they should: safe_handovers.py NAME [uvloop]. All of it is
imported before the loop, and silent. Exits 77 where the library is missing."""
import asyncio
import os
import signal
import sys
import threading
import time

NAME = sys.argv[1]
MODULES = {"janus": ["janus"], "culsans": ["culsans"], "aiosqlite": ["aiosqlite"],
           "asgiref": ["asgiref.sync"], "anyio": ["anyio.from_thread", "anyio.to_thread",
                                                  "anyio._backends._asyncio"],
           "aiofiles": ["aiofiles"], "tornado": ["tornado.ioloop"], "nest_asyncio": ["nest_asyncio"],
           "prompt_toolkit": ["prompt_toolkit.input", "prompt_toolkit.output"]}
try:
    for module in MODULES.get(NAME, []):
        __import__(module)
except ImportError as missing:
    print(missing)
    sys.exit(77)


async def answer():
    await asyncio.sleep(0.01)
    return 3


async def in_thread(function, *arguments):
    return await asyncio.get_running_loop().run_in_executor(None, function, *arguments)


async def stdlib():
    loop = asyncio.get_running_loop()
    loop.call_soon_threadsafe(int)
    told = asyncio.Event()
    loop.add_signal_handler(signal.SIGUSR1, told.set)
    os.kill(os.getpid(), signal.SIGUSR1)
    await told.wait()
    future = loop.run_in_executor(None, int)
    future.add_done_callback(lambda done: loop.call_soon(int))
    await future
    await asyncio.to_thread(int)
    await in_thread(asyncio.run, answer())
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", "print(1)", stdout=-1)
    await process.communicate()
    await asyncio.wait_for(answer(), 5)
    timer = threading.Timer(0.01, loop.call_soon_threadsafe, (told.clear,))
    timer.start()
    while told.is_set():
        await asyncio.sleep(0.01)


async def queue_of(library):
    queue = sys.modules[library].Queue()
    putting = in_thread(lambda: [queue.sync_q.put(each) for each in range(5)])
    await asyncio.gather(putting, *[queue.async_q.get() for _ in range(5)])
    getting = in_thread(lambda: [queue.sync_q.get() for _ in range(5)])
    await asyncio.gather(getting, *[queue.async_q.put(each) for each in range(5)])


async def janus():
    await queue_of("janus")


async def culsans():
    await queue_of("culsans")


async def aiosqlite():
    async with sys.modules["aiosqlite"].connect(":memory:") as database:
        await database.execute("create table t(x)")
        await database.commit()


async def asgiref():
    sync = sys.modules["asgiref.sync"]
    for sensitive in (True, False):
        await sync.sync_to_async(lambda: sync.async_to_sync(answer)(), thread_sensitive=sensitive)()


async def anyio():
    library = sys.modules["anyio"]

    def from_thread():
        library.from_thread.run(answer)
        library.from_thread.run_sync(int)
        with library.from_thread.start_blocking_portal() as portal:
            portal.call(answer)
            portal.start_task_soon(answer).result(5)
    await library.to_thread.run_sync(from_thread)


async def aiofiles():
    async with sys.modules["aiofiles"].open("/etc/hosts") as file:
        await file.read()


async def tornado():
    loop = sys.modules["tornado.ioloop"].IOLoop.current()
    told = asyncio.Event()
    await in_thread(loop.add_callback, told.set)
    await asyncio.wait_for(told.wait(), 5)


async def nest_asyncio():
    sys.modules["nest_asyncio"].apply()
    assert asyncio.get_event_loop().run_until_complete(answer()) == 3


def prompt():
    toolkit = sys.modules["prompt_toolkit"]
    with toolkit.input.create_pipe_input() as keys:
        keys.send_text("hello\n")
        session = toolkit.PromptSession(input=keys, output=toolkit.output.DummyOutput())
        assert session.prompt("> ", handle_sigint=False) == "hello"


async def prompt_toolkit():
    await in_thread(prompt)


async def main():
    await asyncio.sleep(0.01)
    await globals()[NAME]()


if "uvloop" in sys.argv:
    import uvloop
    uvloop.install()
loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
loop.run_until_complete(main())
end_of_thread = threading.Thread._bootstrap_inner
threading.Thread._bootstrap_inner = lambda thread: (end_of_thread(thread), time.sleep(0.05))
loop.run_until_complete(loop.shutdown_default_executor())  # its thread is alive when it is joined
last = threading.Thread(target=threading.Event().wait, args=(0.01,))  # the loop has returned, and is open
last.start()
last.join()
