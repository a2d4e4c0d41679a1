# SPDX-License-Identifier: MIT
"""Calls what belongs to a loop's thread: wrong_thread.py FROM [uvloop] [late]. FROM is where from: `thread`,
`executor`, `second-loop` (the thread of another loop), `loop` (right), `safe` (a thread, by the safe calls), `idle`
(the loop does not run). With `late` asyncio is imported when a loop has waited already. Each call that offloop refuses
is told as "refused NAME"."""
import sys

if "late" in sys.argv:
    import select
    with select.epoll() as poll:
        poll.poll(0.01)
    assert "asyncio" not in sys.modules

import asyncio
import socket
import threading


class Things:
    """One of each, made on the loop, with a waiter where there can be one."""

    async def make(self):
        self.loop = loop = asyncio.get_running_loop()
        self.future, self.failing = loop.create_future(), loop.create_future()
        self.cancelled, self.watched = loop.create_future(), loop.create_future()
        self.task = loop.create_task(asyncio.sleep(30))
        self.event, self.queue, self.full = asyncio.Event(), asyncio.Queue(), asyncio.Queue()
        self.lock, self.semaphore = asyncio.Lock(), asyncio.Semaphore(1)
        self.bounded, self.condition = asyncio.BoundedSemaphore(1), asyncio.Condition()
        await self.lock.acquire()
        await self.semaphore.acquire()
        await self.bounded.acquire()
        self.waiters = [loop.create_task(each) for each in (
            self.event.wait(), self.queue.get(), self.lock.acquire(), self.semaphore.acquire(),
            self.bounded.acquire(), self.waits_for_condition(), self.full.get())]
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        address = self.server.sockets[0].getsockname()
        self.writer = (await asyncio.open_connection(*address))[1]
        self.other = (await asyncio.open_connection(*address))[1]
        self.near, self.far = socket.socketpair()
        await asyncio.sleep(0.05)
        await self.full.put(1)
        await self.full.put(2)
        await asyncio.sleep(0.05)

    async def waits_for_condition(self):
        async with self.condition:
            await self.condition.wait()

    @staticmethod
    async def serve(reader, writer):
        await reader.read()
        writer.close()

    def end(self):
        for each in [self.task, *self.waiters]:
            each.cancel()
        self.writer.close()
        self.other.close()
        self.server.close()

    def calls(self):
        loop = self.loop
        return {
            "asyncio.loop.call_soon": lambda: loop.call_soon(int),
            "asyncio.loop.call_later": lambda: loop.call_later(0.01, int),
            "asyncio.loop.call_at": lambda: loop.call_at(0, int),
            "asyncio.loop.create_task": lambda: self.consume(loop.create_task),
            "asyncio.ensure_future": lambda: self.consume(
                lambda coroutine: asyncio.ensure_future(coroutine, loop=loop)),
            "asyncio.loop.add_reader": lambda: loop.add_reader(self.near, int),
            "asyncio.loop.remove_reader": lambda: loop.remove_reader(self.near),
            "asyncio.loop.add_writer": lambda: loop.add_writer(self.near, int),
            "asyncio.loop.remove_writer": lambda: loop.remove_writer(self.near),
            "asyncio.Task.cancel": lambda: self.task.cancel(),
            "asyncio.Future.cancel": lambda: self.cancelled.cancel(),
            "asyncio.Future.set_result": lambda: self.future.set_result(1),
            "asyncio.Future.set_exception": lambda: self.failing.set_exception(KeyError()),
            "asyncio.Future.add_done_callback": lambda: self.watched.add_done_callback(int),
            "asyncio.Event.set": lambda: self.event.set(),
            "asyncio.Queue.put_nowait": lambda: self.queue.put_nowait(1),
            "asyncio.Queue.get_nowait": lambda: self.full.get_nowait(),
            "asyncio.Queue.task_done": lambda: self.full.task_done(),
            "asyncio.Condition.notify": lambda: self.condition.notify(),
            "asyncio.Condition.notify_all": lambda: self.condition.notify_all(),
            "asyncio.Lock.release": lambda: self.lock.release(),
            "asyncio.Semaphore.release": lambda: self.semaphore.release(),
            "asyncio.BoundedSemaphore.release": lambda: self.bounded.release(),
            "asyncio.StreamWriter.write": lambda: self.writer.write(b"x"),
            "asyncio.StreamWriter.writelines": lambda: self.writer.writelines([b"x"]),
            "asyncio.StreamWriter.write_eof": lambda: self.writer.write_eof(),
            "asyncio.StreamWriter.close": lambda: self.writer.close(),
            "asyncio.transport.write": lambda: self.other.transport.write(b"x"),
            "asyncio.transport.writelines": lambda: self.other.transport.writelines([b"x"]),
            "asyncio.transport.write_eof": lambda: self.other.transport.write_eof(),
            "asyncio.transport.close": lambda: self.other.transport.close(),
            "asyncio.loop.stop": lambda: loop.stop(),
        }

    @staticmethod
    def consume(use):
        coroutine = asyncio.sleep(0)
        try:
            use(coroutine)
        except RuntimeError:
            coroutine.close()
            raise

    def call_all(self):
        for name, call in self.calls().items():
            try:
                call()
            except RuntimeError as error:
                print("refused" if name in str(error) else f"not refused: {error}:", name, flush=True)

    def call_safely(self):
        self.loop.call_soon_threadsafe(self.future.set_result, 1)
        self.loop.call_soon_threadsafe(self.task.cancel)
        asyncio.run_coroutine_threadsafe(asyncio.sleep(0, 3), self.loop).result(10)


async def call_from_second_loop(things):
    await asyncio.sleep(0.01)
    things.call_all()


async def run(things, where):
    await things.make()
    loop = things.loop
    if where == "loop":
        async with things.condition:
            loop.call_soon(things.call_all)
            await asyncio.sleep(0.05)
    elif where == "executor":
        await loop.run_in_executor(None, things.call_all)
    elif where != "idle":
        target = {"thread": things.call_all, "safe": things.call_safely,
                  "second-loop": lambda: asyncio.run(call_from_second_loop(things))}[where]
        thread = threading.Thread(target=target, name="stranger")
        thread.start()
        while thread.is_alive():
            await asyncio.sleep(0.01)
    if where != "idle":
        things.end()
        await asyncio.sleep(0.05)


def main():
    where = sys.argv[1]
    if "uvloop" in sys.argv:
        import uvloop
        uvloop.install()
    things = Things()
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        loop.run_until_complete(run(things, where))
    except RuntimeError as error:  # on the loop, stop() stops it
        if "stopped" not in str(error):
            raise
    if where == "idle":
        thread = threading.Thread(target=things.call_all)
        thread.start()
        thread.join()
        things.end()


main()
