# SPDX-License-Identifier: MIT
"""Wrong and right uses of run_coroutine_threadsafe: threadsafe_misuse.py WAY."""
import asyncio
import concurrent.futures
import os
import queue
import sys
import threading
import time


async def answer(value=3):
    await asyncio.sleep(0.02)
    return value


async def fail():
    await asyncio.sleep(0.02)
    raise ValueError("nobody looks")


def submit(coroutine, loop):
    try:
        return asyncio.run_coroutine_threadsafe(coroutine, loop)
    except RuntimeError:
        coroutine.close()
        raise


async def off_loop(function, *arguments):
    await asyncio.sleep(0.02)
    return await asyncio.get_running_loop().run_in_executor(None, function, *arguments)


async def end_of_others():
    """Until no other task is there, and what was to be called at its end has been."""
    while len(asyncio.all_tasks()) > 1:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.01)


async def right(loop):
    await off_loop(lambda: submit(answer(), loop).result(5))
    await asyncio.wrap_future(await off_loop(lambda: submit(answer(), loop)))
    await off_loop(lambda: submit(answer(), loop).add_done_callback(int))
    future = await off_loop(lambda: submit(answer(), loop))
    await end_of_others()
    future.result()  # it is done: no wait
    await off_loop(lambda: submit(answer(None), loop))
    await end_of_others()


async def right_without_result(loop):
    """What was submitted is looked at in other ways, or cancelled."""
    def look():
        futures = [submit(answer(), loop), submit(fail(), loop)]
        for each in concurrent.futures.as_completed(futures, 5):
            each.exception(0)
        concurrent.futures.wait([submit(answer(None), loop)], 5)
        submit(asyncio.sleep(9), loop).cancel()
        late = submit(answer(), loop)
        late.add_done_callback(lambda future: late.result(0))
        try:
            submit(asyncio.sleep(9), loop).result(0.02)
        except concurrent.futures.TimeoutError:
            pass
        return late
    late = await off_loop(look)
    while not late.done():
        await asyncio.sleep(0.01)


async def starts_later(loop):
    """A loop of its own thread that takes its time: by then there is work."""
    await asyncio.sleep(0.02)
    other = asyncio.new_event_loop()
    go = threading.Event()
    thread = threading.Thread(target=lambda: (go.wait(), other.run_forever(), other.close()))
    thread.start()
    future = submit(answer(), other)
    endless = submit(asyncio.sleep(9), other)
    go.set()
    await asyncio.wrap_future(future)
    other.call_soon_threadsafe(other.stop)
    await asyncio.get_running_loop().run_in_executor(None, thread.join)
    endless.cancel()


async def in_a_daemon_at_exit(loop):
    await asyncio.sleep(0.02)
    other = asyncio.new_event_loop()
    threading.Thread(target=other.run_forever, daemon=True).start()
    kept.append(submit(asyncio.sleep(9), other))
    await asyncio.wrap_future(submit(answer(), other))


async def never_started(loop):
    await asyncio.sleep(0.02)
    kept.append(asyncio.new_event_loop())
    kept.append(submit(answer(), kept[0]))


async def closed_before_it_ran(loop):
    await asyncio.sleep(0.02)
    other = asyncio.new_event_loop()
    submit(answer(), other)
    other.close()
    for _ in range(50):  # failures of an executor's own, some of them where the lost one was
        await asyncio.wait([asyncio.get_running_loop().run_in_executor(None, int, "none")])


def hang(call, *arguments):
    """Says when, on the clock that all processes share, and never comes back."""
    print(f"hangs from {time.monotonic()}", flush=True)
    call(*arguments)


async def result_hangs(loop):
    hang(submit(answer(), loop).result)


async def result_times_out(loop):
    try:
        submit(answer(), loop).result(timeout=0.05)
    except concurrent.futures.TimeoutError:
        pass


async def exception_hangs(loop):
    hang(submit(answer(), loop).exception)


async def wait_hangs(loop):
    hang(concurrent.futures.wait, [submit(answer(), loop)])


async def queue_hangs(loop):
    hang(queue.Queue().get)


async def simple_queue_hangs(loop):
    hang(queue.SimpleQueue().get)


async def join_hangs(loop):
    thread = threading.Thread(target=threading.Event().wait, daemon=True)
    thread.start()
    hang(thread.join)


async def event_hangs(loop):
    hang(threading.Event().wait)


async def exception_waits(loop):
    await asyncio.sleep(0.02)
    try:
        submit(answer(), loop).exception(0.05)
    except concurrent.futures.TimeoutError:
        print("timed out")


async def wait_waits(loop):
    await asyncio.sleep(0.02)
    pool = concurrent.futures.ThreadPoolExecutor()
    concurrent.futures.wait([pool.submit(threading.Event().wait, 0.05)])
    pool.shutdown(wait=False)


async def queue_waits(loop):
    await asyncio.sleep(0.02)
    try:
        queue.Queue().get(timeout=0.05)
    except queue.Empty:
        print("timed out")


async def simple_queue_waits(loop):
    await asyncio.sleep(0.02)
    try:
        queue.SimpleQueue().get(timeout=0.05)
    except queue.Empty:
        print("timed out")


async def join_waits(loop):
    thread = threading.Thread(target=threading.Event().wait, args=(0.05,))
    await asyncio.sleep(0.02)
    thread.start()
    thread.join()


async def event_waits(loop):
    await asyncio.sleep(0.02)
    threading.Event().wait(0.05)


async def nested(loop):
    await asyncio.sleep(0.02)
    await asyncio.wrap_future(submit(answer(), loop))


async def lost_exception(loop):
    await off_loop(submit, fail(), loop)
    await end_of_others()


async def lost_result(loop):
    kept.append(await off_loop(submit, answer(), loop))
    await end_of_others()


async def lost_in_the_parent(loop):
    """A forked child inherits the future, and lets it go."""
    kept.append(await off_loop(submit, fail(), loop))
    await end_of_others()
    child = os.fork()
    if not child:
        kept.clear()
        os._exit(0)
    os.waitpid(child, 0)


async def lost_before_it_was_a_task(loop):
    def no_factory(loop, coroutine, **more):
        coroutine.close()
        raise TypeError("no task")
    await asyncio.sleep(0.02)
    loop.set_task_factory(no_factory)
    loop.set_exception_handler(lambda loop, context: None)
    await asyncio.wait([loop.run_in_executor(None, submit, answer(), loop)])
    await asyncio.sleep(0.01)
    loop.set_task_factory(None)


async def fail_at_once():
    raise ValueError("nobody looks")


async def lost_at_once(loop):
    """Some of them end before their submission has returned."""
    def submit_all():
        for _ in range(200):
            submit(fail_at_once(), loop)
    await asyncio.sleep(0.02)
    sys.setswitchinterval(1e-6)
    await asyncio.get_running_loop().run_in_executor(None, submit_all)
    await end_of_others()


async def lost_among_many(loop):
    """More than are followed at a time."""
    await asyncio.sleep(0.02)
    kept.extend(await off_loop(lambda: [submit(answer(None), loop) for _ in range(5000)]))
    await asyncio.wrap_future(kept[-1])
    kept.clear()
    kept.append(await off_loop(submit, answer(), loop))
    await end_of_others()


async def no_timeout(loop):
    await off_loop(lambda: submit(answer(), loop).result())


async def nothing(loop):
    await asyncio.sleep(0.02)


kept = []


def main():
    way = sys.argv[1]
    loop = asyncio.new_event_loop()
    loop.run_until_complete(globals().get(way, nothing)(loop))
    if way == "closed":
        loop.close()
    if way in ("closed", "not_running"):
        try:
            submit(answer(), loop)
        except RuntimeError as error:
            print(error)


main()
