"""What a guard costs a call in the right thread: nanoseconds a call for each kind of guard, on one line each: inside a
running loop, and from a worker thread that hands over to one. Run plain and under the library with rules/asyncio.rules."""
import asyncio
import concurrent.futures
import functools
import threading
import time

ROUNDS = 15
CALLS = 20000
SUBMISSIONS = 2000  # a round: all of them are followed at a time


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


def per_call(rounds, name, calls, *arguments):
    """Times `calls(*arguments)`, which makes SUBMISSIONS calls; its result."""
    started = time.perf_counter_ns()
    result = calls(*arguments)
    spent = (time.perf_counter_ns() - started) / SUBMISSIONS
    rounds[name] = min(spent, rounds.get(name, spent))
    return result


def submit(coroutines, loop):
    """The loop holds nobody up meanwhile: its thread stands in a turn without the GIL."""
    submit_one = asyncio.run_coroutine_threadsafe
    return [submit_one(coroutine, loop) for coroutine in coroutines]


def deeper(depth, function, *arguments):
    return deeper(depth - 1, function, *arguments) if depth else function(*arguments)


def fetch(futures):
    for future in futures:
        future.result(1)


def settle(futures):
    for future in futures:
        future.set_result(42)


def worker(loop, rounds):
    """From a thread without a loop; while it submits, the loop's thread waits for it inside a turn."""
    for depth in (1, 25):
        for _ in range(ROUNDS):
            started, over = threading.Lock(), threading.Lock()
            started.acquire()
            over.acquire()
            loop.call_soon_threadsafe(lambda: (started.release(), over.acquire()))
            started.acquire()
            time.sleep(0.002)
            coroutines = [answer() for _ in range(SUBMISSIONS)]
            futures = per_call(rounds, f"run_coroutine_threadsafe, from Python depth {depth}", deeper, depth, submit,
                               coroutines, loop)
            over.release()
            concurrent.futures.wait(futures)
            per_call(rounds, "Future.result of what was submitted", fetch, futures)
            per_call(rounds, "Future.set_result of a future of nobody's", settle,
                     [concurrent.futures.Future() for _ in range(SUBMISSIONS)])


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
    rounds = {name: best(call) for name, call in calls.items()}
    other = asyncio.new_event_loop()
    thread = threading.Thread(target=other.run_forever)
    thread.start()
    working = threading.Thread(target=worker, args=(other, rounds))
    working.start()
    working.join()
    other.call_soon_threadsafe(other.stop)
    thread.join()
    for name, ns in rounds.items():
        print(f"{name}|{ns:.1f}")


asyncio.run(main())
