"""What a guard costs a call in the right thread: nanoseconds a call for four callables, on one line
each, inside a running loop. Run plain and under the library with rules/asyncio.rules."""
import asyncio
import functools
import time

CALLS = 20000
ROUNDS = 15


def best(call):
    """The quietest round's time of one call, in ns."""
    rounds = []
    for _ in range(ROUNDS):
        started = time.perf_counter_ns()
        for _ in range(CALLS):
            call()
        rounds.append((time.perf_counter_ns() - started) / CALLS)
    return min(rounds)


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
    for name, call in calls.items():
        print(f"{name}|{best(call):.1f}")


asyncio.run(main())
