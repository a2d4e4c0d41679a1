# SPDX-License-Identifier: MIT
"""Where code runs, and whether that is on the loop: one function is one scene, the first argument
says which. Comments say what is told of a line (grammar: tests/e2e/expectations.py); a scene
without any must be silent.
"""
import asyncio
import atexit
import concurrent.futures
import multiprocessing
import os
import select
import selectors
import socket
import sys
import threading
import time


def offend():
    time.sleep(0.001)
    open("/etc/hosts").close()
    os.listdir("/etc")


async def pause():
    await asyncio.sleep(0.001)


async def after_pause(offence):
    await pause()
    offence()


def in_thread(function):
    thread = threading.Thread(target=function)
    thread.start()
    thread.join()


def until_the_parent_waits():
    """For a child whose parent, a program of one thread, is to be in its wait for it."""
    parent = os.getppid()
    while state_of(parent) != "S":
        time.sleep(0.001)


def offend_until_the_parent_waits():
    offend()
    until_the_parent_waits()


def state_of(pid):
    """R while it runs or could, S while it waits in the kernel."""
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rpartition(")")[2].split()[0]


def child_succeeded(pid):
    return os.WEXITSTATUS(os.waitpid(pid, 0)[1]) == 0


# Silent: nothing of this is in a turn of a loop.

def before_the_loop():
    offend()
    asyncio.run(pause())


def after_the_loop():
    asyncio.run(pause())
    offend()


def after_a_loop_that_stays_open():
    loop = asyncio.new_event_loop()
    loop.run_until_complete(pause())
    offend()
    loop.close()


def between_two_runs_of_a_loop():
    loop = asyncio.new_event_loop()
    for _ in range(3):
        loop.run_until_complete(pause())
        offend()
    loop.close()


def after_a_loop_that_raised():
    async def fail():
        await pause()
        raise KeyError
    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(fail())
    except KeyError:
        offend()
    loop.close()


def after_an_exit_in_a_callback():
    loop = asyncio.new_event_loop()
    loop.run_until_complete(pause())
    loop.call_later(0.001, sys.exit)
    try:
        loop.run_forever()
    except SystemExit:
        offend()


def in_a_worker_thread():
    async def main():
        await pause()
        thread = threading.Thread(target=offend)
        thread.start()
        while thread.is_alive():
            await pause()
    asyncio.run(main())


def in_an_executor():
    async def main():
        await pause()
        loop = asyncio.get_running_loop()
        await asyncio.gather(*[loop.run_in_executor(None, offend) for _ in range(4)])
    asyncio.run(main())


def request_by_poll_and_select():
    """As blocking clients do: wait for one socket, work, wait again."""
    ours, theirs = socket.socketpair()
    for _ in range(3):
        theirs.send(b"x")
        poll = select.poll()
        poll.register(ours, select.POLLIN)
        poll.poll(1000)
        offend()
        select.select([ours], [], [], 1)
        offend()
        ours.recv(1)


def in_a_threads_own_poll_and_select():
    async def main():
        await asyncio.get_running_loop().run_in_executor(None, request_by_poll_and_select)
    asyncio.run(main())


def in_the_main_threads_own_poll_and_select():
    asyncio.run(pause())
    request_by_poll_and_select()


def in_an_atexit_handler():
    atexit.register(offend)
    asyncio.run(pause())
    atexit.register(offend)


def in_an_atexit_handler_of_a_loop_that_stays_open():
    atexit.register(offend)
    loop = asyncio.new_event_loop()
    loop.run_until_complete(pause())
    atexit.register(offend)


def in_an_atexit_handler_after_an_exit_in_a_callback():
    atexit.register(offend)
    loop = asyncio.new_event_loop()
    loop.run_until_complete(pause())
    loop.call_later(0.001, sys.exit)
    loop.run_forever()


def in_a_child_forked_after_the_loop():
    asyncio.run(pause())
    pid = os.fork()
    if not pid:
        offend()
        os._exit(0)
    assert child_succeeded(pid)


def in_a_child_process_of_a_pool():
    """The pool is forked before the loop runs, as it has to be."""
    context = multiprocessing.get_context("fork")
    with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as pool:
        pool.submit(offend).result()

        async def main():
            await pause()
            await asyncio.get_running_loop().run_in_executor(pool, offend)
        asyncio.run(main())


def in_a_loop_that_selects():
    """Neither PollSelector nor SelectSelector is known to be a loop's unless the user says so. The
    loop at the end is one."""
    for selector in selectors.PollSelector, selectors.SelectSelector:
        async def main():
            await pause()
            offend()
        loop = asyncio.SelectorEventLoop(selector())
        loop.run_until_complete(main())
        loop.close()
    asyncio.run(pause())


# Told: the marked lines, and no other.

def in_a_coroutine():
    async def helper():
        time.sleep(0.001)  #: sleep time.sleep *

    async def main():
        os.listdir("/etc")  #: readdir os.listdir /etc
        await pause()
        os.stat("/etc")  #: stat os.stat /etc
        await helper()
    asyncio.run(main())


def in_two_lines_of_one_function():
    async def main():
        os.stat("/etc")  #: stat os.stat /etc
        await pause()
        os.stat("/usr")  #: stat os.stat /usr
    asyncio.run(main())


def in_callbacks():
    loop = asyncio.new_event_loop()

    def soon():
        os.stat("/etc")  #: stat os.stat /etc

    def later():
        os.listdir("/etc")  #: readdir os.listdir /etc
        loop.stop()
    loop.call_soon(soon)
    loop.call_later(0.001, later)
    loop.run_forever()
    offend()
    loop.close()


def in_the_second_of_two_loops():
    async def first():
        await pause()

    async def second():
        await pause()
        time.sleep(0.001)  #: sleep time.sleep *
    asyncio.run(first())
    offend()
    asyncio.run(second())
    offend()


def in_two_loops_one_after_the_other():
    asyncio.run(after_pause(lambda: os.stat("/etc")))  #: stat os.stat /etc
    asyncio.run(after_pause(lambda: os.listdir("/etc")))  #: readdir os.listdir /etc


def in_two_loops_that_stay_open():
    loops = [asyncio.new_event_loop(), asyncio.new_event_loop()]
    loops[0].run_until_complete(after_pause(lambda: os.stat("/etc")))  #: stat os.stat /etc
    offend()
    listing = after_pause(lambda: os.listdir("/etc"))  #: readdir os.listdir /etc
    loops[1].run_until_complete(listing)
    offend()


def in_two_loops_taking_turns():
    loops = [asyncio.new_event_loop(), asyncio.new_event_loop()]
    for _ in range(3):
        loops[0].run_until_complete(after_pause(lambda: os.stat("/etc")))  #: stat os.stat /etc
        listing = after_pause(lambda: os.listdir("/etc"))  #: readdir os.listdir /etc
        loops[1].run_until_complete(listing)
        offend()


def in_a_loop_of_another_thread():
    stat = after_pause(lambda: os.stat("/etc"))  #: stat os.stat /etc
    thread = threading.Thread(target=asyncio.run, args=(stat,))
    thread.start()
    asyncio.run(after_pause(lambda: os.listdir("/etc")))  #: readdir os.listdir /etc
    thread.join()
    offend()


def in_a_thread_after_its_loop():
    async def main():
        await pause()
        os.stat("/etc")  #: stat os.stat /etc

    def work():
        offend()
        asyncio.run(main())
        offend()
    in_thread(work)


def in_a_wait_inside_a_callback():
    ours, theirs = socket.socketpair()
    theirs.send(b"x")

    async def main():
        await pause()
        poll = select.poll()
        poll.register(ours)
        poll.poll(1000)  #: poll * *
        select.select([ours], [], [], 1)  #: poll select.select *
        epoll = select.epoll()
        epoll.register(ours, select.EPOLLIN)
        epoll.poll(1)  #: poll * *
        epoll.close()
        poll.poll(0)
        select.select([ours], [], [], 0)
        time.sleep(0.001)  #: sleep time.sleep *
    asyncio.run(main())


def in_a_coroutine_that_forks():
    """The fork and the wait are the parent's; what the child does is its own."""
    async def main():
        await pause()
        pid = os.fork()  #: fork os.fork *
        if not pid:
            offend()
            until_the_parent_waits()
            os._exit(0)
        os.waitpid(pid, 0)  #: wait os.waitpid *
        time.sleep(0.001)  #: sleep time.sleep *
    asyncio.run(main())


def in_a_child_that_returns_from_the_loop():
    """The child unwinds the parent's loop and ends in the ordinary way."""
    async def main():
        await pause()
        return os.fork()  #: fork os.fork *
    pid = asyncio.run(main())
    offend()
    if pid:
        assert child_succeeded(pid)


def in_multiprocessing():
    async def main():
        import multiprocessing.popen_fork  #: import import multiprocessing.popen_fork
        await pause()
        process = multiprocessing.get_context("fork").Process(target=offend_until_the_parent_waits)
        process.start()  #: fork multiprocessing.Process.start *
        process.join()  #: wait multiprocessing.Process.join *
        assert process.exitcode == 0
    asyncio.run(main())


def in_a_loop_of_a_forked_child():
    async def quiet():
        await pause()

    async def child():
        await pause()
        os.stat("/etc")  #: stat os.stat /etc
    asyncio.run(quiet())
    pid = os.fork()
    if not pid:
        offend()
        asyncio.run(child())
        os._exit(0)
    assert child_succeeded(pid)


def in_a_loop_that_polls():
    async def main():
        await pause()
        os.stat("/etc")  #: stat os.stat /etc
    loop = asyncio.SelectorEventLoop(selectors.PollSelector())
    loop.run_until_complete(main())
    offend()
    loop.close()


def in_a_loop_that_selects_descriptors():
    async def main():
        await pause()
        os.stat("/etc")  #: stat os.stat /etc
    loop = asyncio.SelectorEventLoop(selectors.SelectSelector())
    loop.run_until_complete(main())
    offend()
    loop.close()


def in_children_of_asyncio():
    """Programs that were started by the loop do as they like outside of loops of their own."""
    code = "import time; time.sleep(0.001); open('/etc/hosts').close()"

    async def main():
        await pause()
        child = await asyncio.create_subprocess_exec(sys.executable, "-c", code)
        assert await child.wait() == 0
    asyncio.run(main())


def in_greenlets():
    """As SQLAlchemy does: plain code in a greenlet, which switches to the loop's to await."""
    from greenlet import getcurrent, greenlet

    def await_only(awaitable):
        return getcurrent().parent.switch(awaitable)

    def query():
        time.sleep(0.001)  #: sleep time.sleep *
        await_only(pause())
        os.stat("/etc")  #: stat os.stat /etc

    async def spawn(function):
        current = greenlet(function)
        result = current.switch()
        while not current.dead:
            result = current.switch(await result)
        os.listdir("/etc")  #: readdir os.listdir /etc
    asyncio.run(spawn(query))


def in_greenlets_off_the_loop():
    from greenlet import greenlet

    async def main():
        await pause()
        await asyncio.get_running_loop().run_in_executor(None, lambda: greenlet(offend).switch())
    greenlet(offend).switch()
    asyncio.run(main())
    greenlet(offend).switch()


def in_named_threads():
    """For OFFLOOP_LOOP: a loop in the main thread, and one in a thread named worker-1."""
    async def in_main():
        await pause()
        os.stat("/etc/main")

    async def in_worker():
        await pause()
        os.stat("/etc/worker")

    def work():
        with open(f"/proc/self/task/{threading.get_native_id()}/comm", "w") as name:
            name.write("worker-1")
        asyncio.run(in_worker())

    def swallow(function):
        try:
            function()
        except FileNotFoundError:
            pass
    in_thread(lambda: swallow(work))
    swallow(lambda: asyncio.run(in_main()))


globals()[sys.argv[1]]()
