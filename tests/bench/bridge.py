# SPDX-License-Identifier: MIT
"""What a guard costs a call in the right thread: nanoseconds a call for each kind of guard, on one line each: inside a
running loop, and from a worker thread that hands over to one. Run plain and under the library with rules/asyncio.rules.

A line ends with the time of the same function without its guard where one process can measure both: copies of Python
functions, made before the guards, taken in turns with them. A submission is a system call and varies from process to
process by more than a guard costs."""
import asyncio
import concurrent.futures
import functools
import threading
import time
import types

ROUNDS = 15
CALLS = 20000
SUBMISSIONS = 200  # a round


def copy_of(function):
    copy = types.FunctionType(function.__code__, function.__globals__, function.__name__, function.__defaults__)
    copy.__kwdefaults__ = function.__kwdefaults__
    return copy


Future = concurrent.futures.Future
submit_one = asyncio.run_coroutine_threadsafe, copy_of(asyncio.run_coroutine_threadsafe)
fetch_one = Future.result, copy_of(Future.result)
settle_one = Future.set_result, copy_of(Future.set_result)


def best(call):
    """The quietest round's time of one call, in ns."""
    rounds = []
    for _ in range(ROUNDS):
        started = time.perf_counter_ns()
        for _ in range(CALLS):
            call()
        rounds.append((time.perf_counter_ns() - started) / CALLS)
    return min(rounds)


async def answer():
    return 42


def submit(function, coroutines, loop):
    return [function(coroutine, loop) for coroutine in coroutines]


def fetch(function, futures):
    for future in futures:
        function(future, 1)


def settle(function, futures):
    for future in futures:
        function(future, 42)


def deeper(depth, function, *arguments):
    return deeper(depth - 1, function, *arguments) if depth else function(*arguments)


class Hold:
    """The loop's thread stands in a turn, without the GIL, as long as this is entered: it holds nobody up."""

    def __init__(self, loop):
        self.loop, self.there, self.over = loop, threading.Lock(), threading.Lock()

    def __enter__(self):
        self.there.acquire()
        self.over.acquire()
        self.loop.call_soon_threadsafe(lambda: (self.there.release(), self.over.acquire()))
        self.there.acquire()
        time.sleep(0.002)

    def __exit__(self, *error):
        self.over.release()


def worker(loop, rounds):
    """Adds [guarded, copy] of each kind to `rounds`: the quietest round's times of one call."""
    def timed(name, which, call, *arguments):
        started = time.perf_counter_ns()
        result = call(*arguments)
        spent = (time.perf_counter_ns() - started) / SUBMISSIONS
        best_of = rounds.setdefault(name, [spent, spent])
        best_of[which] = min(best_of[which], spent)
        return result

    for depth in (1, 8, 25):
        for turn in range(20 * ROUNDS):
            which = turn % 2
            coroutines = [answer() for _ in range(SUBMISSIONS)]
            with Hold(loop):
                futures = timed(f"run_coroutine_threadsafe, from Python depth {depth}", which, deeper, depth, submit,
                                submit_one[which], coroutines, loop)
            concurrent.futures.wait(futures)
            timed("Future.result of what was submitted", which, fetch, fetch_one[which], futures)
            timed("Future.set_result of a future of nobody's", which, settle, settle_one[which],
                  [Future() for _ in range(SUBMISSIONS)])


async def main():
    loop = asyncio.get_running_loop()
    await asyncio.sleep(0.01)  # the first wait: from now on the bridge is there
    event = asyncio.Event()
    event._loop = loop  # as after a first waiter
    future = loop.create_future()
    future.set_result(None)
    calls = {
        "Python function, its loop is self": loop.stop,
        "Python function, its loop is an attribute": event.set,
        "Python function, its loop is given by name": functools.partial(asyncio.ensure_future, future, loop=loop),
        "C function, its loop is an attribute": future.cancel,  # of what is done: the call alone
    }
    rounds = {name: [best(call)] for name, call in calls.items()}
    other = asyncio.new_event_loop()
    thread = threading.Thread(target=other.run_forever)
    thread.start()
    working = threading.Thread(target=worker, args=(other, rounds))
    working.start()
    working.join()
    other.call_soon_threadsafe(other.stop)
    thread.join()
    for name, ns in rounds.items():
        print(name, *(f"{each:.1f}" for each in ns), sep="|")


asyncio.run(main())
