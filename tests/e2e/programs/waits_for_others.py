# SPDX-License-Identifier: MIT
"""Waits of Python's for somebody else, each on a line of its own in a coroutine, by argv[1]:

    waiting   there is something to wait for; the line says what must be reported of it
    ready     the same calls, of what is there already: none may be reported

What is waited for comes when the loop's thread has been asleep in one place for a while, so nothing
here depends on how fast the machine is.
"""
import asyncio
import concurrent.futures
import multiprocessing
import multiprocessing.connection  # which joins load at their first use
import os
import queue
import subprocess
import sys
import threading
import time

MODE = sys.argv[1]
waits = MODE == "waiting"
context = multiprocessing.get_context("fork")


def is_asleep(tid):
    with open(f"/proc/self/task/{tid}/stat") as stat:
        return stat.read().rpartition(")")[2].split()[0] == "S"


class Once(threading.Thread):
    """Does something as soon as the main thread has waited in one place for 50 ms."""

    def __init__(self, action):
        super().__init__(daemon=True)
        self.action = action
        self.start()

    def run(self):
        same, place = 0, None
        while same < 5:
            time.sleep(0.01)
            frame = sys._current_frames()[threading.main_thread().ident]
            now = (id(frame), frame.f_lasti) if is_asleep(os.getpid()) else None
            same, place = (same + 1 if now and now == place else 0), now
        self.action()


def later(action):
    Once(action) if waits else action()


def thread_until(event):
    thread = threading.Thread(target=event.wait, daemon=True)
    thread.start()
    if not waits:
        while thread.is_alive():
            time.sleep(0.001)
    return thread


def set_event():
    event = threading.Event()
    later(event.set)
    return event


def a_future():
    future = concurrent.futures.Future()
    future.set_running_or_notify_cancel()
    later(lambda: future.set_result(1))
    return future


def notified(condition):
    with condition:
        condition.notify()


def child():
    readable, writable = os.pipe()
    process = subprocess.Popen(["cat"], stdin=readable, stdout=subprocess.PIPE)
    os.close(readable)
    later(lambda: os.close(writable))
    if not waits:
        wait_for_end(process.pid)
    return process


def forked():
    readable, writable = os.pipe()
    process = context.Process(target=lambda: os.close(writable) or os.read(readable, 1))
    process.start()
    later(lambda: os.close(writable))
    if not waits:
        wait_for_end(process.pid)
    return process


def wait_for_end(pid):
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)


def sent(put):
    later(lambda: put(1))
    return put.__self__


def filled_queue():
    full = queue.Queue(1)
    if waits:
        full.put(1)
    later(lambda: full.empty() or full.get())
    return full


def unfinished():
    work = queue.Queue()
    work.put(1)
    later(work.task_done)
    return work


def mp_queue():
    made = context.Queue()
    later(lambda: made.put(1))
    while not waits and made.empty():
        time.sleep(0.001)
    return made


def mp_event():
    event = context.Event()
    later(event.set)
    return event


def freed(semaphore):
    later(semaphore.release)
    return semaphore


def executor_of(event):
    executor = concurrent.futures.ThreadPoolExecutor(1)
    future = executor.submit(event.wait)
    while not waits and not future.done():
        time.sleep(0.001)
    return executor


def barrier():
    met = threading.Barrier(2)
    if waits:
        later(met.wait)
    else:
        threading.Thread(target=met.wait, daemon=True).start()
        while not met.n_waiting:
            time.sleep(0.001)
    return met


def made(*makers):
    """Off the loop: making some of them blocks."""
    return [maker() for maker in makers]


async def called():
    """Everything that is waited for is made in a worker, so that the line waits and does no more."""
    async def make(maker, *args):
        return await asyncio.to_thread(maker, *args)

    event = await make(set_event)
    event.wait()  #: cond-wait threading.Event.wait *
    event = await make(set_event)
    event.wait(1000)  #: cond-wait threading.Event.wait *
    items = await make(lambda: sent(queue.Queue().put))
    items.get()  #: cond-wait queue.Queue.get *
    items = await make(lambda: sent(queue.Queue().put))
    items.get(timeout=1000)  #: cond-wait queue.Queue.get *
    items = await make(filled_queue)
    items.put(2)  #: cond-wait queue.Queue.put *
    items = await make(unfinished)
    items.join()  #: cond-wait queue.Queue.join *
    items = await make(lambda: sent(queue.SimpleQueue().put))
    items.get()  #: cond-wait queue.SimpleQueue.get *
    items = await make(lambda: sent(queue.SimpleQueue().put))
    items.get(timeout=1000)  #: cond-wait queue.SimpleQueue.get *
    future = await make(a_future)
    future.result()  #: cond-wait concurrent.futures.Future.result *
    future = await make(a_future)
    future.result(timeout=1000)  #: cond-wait concurrent.futures.Future.result *
    future = await make(a_future)
    future.exception()  #: cond-wait concurrent.futures.Future.exception *
    future = await make(a_future)
    concurrent.futures.wait([future])  #: cond-wait concurrent.futures.wait *
    future = await make(a_future)
    list(concurrent.futures.as_completed([future]))  #: cond-wait concurrent.futures.as_completed *
    met = await make(barrier)
    met.wait()  #: cond-wait threading.Barrier.wait *
    semaphore = await make(lambda: freed(threading.Semaphore(0)))
    semaphore.acquire()  #: cond-wait threading.Semaphore.acquire *
    semaphore = await make(lambda: freed(threading.Semaphore(0)))
    semaphore.acquire(timeout=1000)  #: cond-wait threading.Semaphore.acquire *
    thread = await make(lambda: thread_until(set_event()))
    thread.join()  #: join threading.Thread.join *
    thread = await make(lambda: thread_until(set_event()))
    thread.join(1000)  #: join threading.Thread.join *
    executor = await make(lambda: executor_of(set_event()))
    if waits:
        executor.shutdown()  #: join concurrent.futures.ThreadPoolExecutor.shutdown *
    process = await make(child)
    process.wait()  #: wait subprocess.Popen.wait *
    process = await make(child)
    process.wait(1000)  #: wait subprocess.Popen.wait *
    process = await make(child)
    process.communicate()  #: wait subprocess.Popen.communicate *
    process = await make(child)
    process.communicate(timeout=1000)  #: wait subprocess.Popen.communicate *
    process = await make(forked)
    process.join()  #: wait multiprocessing.Process.join *
    process = await make(forked)
    process.join(1000)  #: wait multiprocessing.Process.join *
    items = await make(mp_queue)
    items.get()  #: recv multiprocessing.Queue.get *
    items = await make(mp_queue)
    items.get(timeout=1000)  #: recv multiprocessing.Queue.get *
    event = await make(mp_event)
    event.wait()  #: cond-wait multiprocessing.Event.wait *


async def main():
    await asyncio.sleep(0.01)
    await called()

asyncio.run(main())
