# SPDX-License-Identifier: MIT
"""Loops that a program steps by itself, in the scene that the first argument names. What is read says
where from: /etc/between is in a turn, /etc/after is not."""
import asyncio
import sys


def work(path):
    try:
        open(path)
    except OSError:
        pass


def ticking_loop():
    loop = asyncio.new_event_loop()

    async def tick():
        while True:
            await asyncio.sleep(0.001)
    loop.ticker = loop.create_task(tick())
    return loop


def stepped_by_stop(loop):
    loop.call_soon(loop.stop)
    loop.run_forever()


# Reported.

def between_steps_by_call_soon():
    loop = ticking_loop()
    for _ in range(10):
        loop.call_soon(loop.stop)
        loop.run_forever()
        work("/etc/between")


def between_steps_by_stop():
    loop = ticking_loop()
    for _ in range(10):
        loop.stop()
        loop.run_forever()
        work("/etc/between")


def between_runs_that_something_stops():
    loop = ticking_loop()
    for _ in range(10):
        loop.call_later(0.002, loop.stop)
        loop.run_forever()
        work("/etc/between")


def between_steps_of_a_helper():
    """As games do: a frame is a step and a function that draws."""
    loop = ticking_loop()
    for _ in range(10):
        stepped_by_stop(loop)
        work("/etc/between")
    work("/etc/after")


def busy_loop(kind=asyncio.SelectorEventLoop):
    """Its rounds have something to do without a task, which would ask for a running loop."""
    loop = kind()

    def again():
        loop.call_later(0.001, again)
    again()
    return loop


def between_rounds():
    loop = busy_loop()
    for _ in range(10):
        loop._run_once()
        work("/etc/between")


def between_rounds_of_a_subclass():
    class Loop(asyncio.SelectorEventLoop):
        def _run_once(self):
            super()._run_once()
    loop = busy_loop(Loop)
    for _ in range(10):
        loop._run_once()
        work("/etc/between")


def glib_context():
    from gi.repository import GLib
    GLib.timeout_add(1, lambda: True)
    return GLib.MainContext.default()


def between_iterations():
    context = glib_context()
    for _ in range(10):
        context.iteration(True)
        work("/etc/between")
    work("/etc/after")


def between_iterations_of_a_helper():
    context = glib_context()

    def pump():
        while context.pending():
            context.iteration(False)
    for _ in range(10):
        pump()
        work("/etc/between")


# Silent.

def after_steps():
    loop = ticking_loop()
    for _ in range(10):
        stepped_by_stop(loop)
    work("/etc/after")


def after_one_step():
    loop = ticking_loop()
    stepped_by_stop(loop)
    work("/etc/after")


def after_one_round():
    loop = busy_loop()
    loop._run_once()
    work("/etc/after")


def after_steps_here_and_there():
    loop = ticking_loop()
    stepped_by_stop(loop)
    work("/etc/after")
    stepped_by_stop(loop)
    work("/etc/after")
    loop.close()


def between_jobs():
    loop = ticking_loop()
    for _ in range(5):
        loop.run_until_complete(asyncio.sleep(0.002))
        work("/etc/after")


def after_one_iteration():
    context = glib_context()
    context.iteration(True)
    work("/etc/after")


def after_iterations_here_and_there():
    context = glib_context()
    context.iteration(True)
    work("/etc/after")
    context.iteration(True)
    work("/etc/after")


def after_a_main_loop():
    from gi.repository import GLib
    loop = GLib.MainLoop()
    for _ in range(3):
        GLib.timeout_add(2, loop.quit)
        loop.run()
        work("/etc/after")


globals()[sys.argv[1]]()
