# SPDX-License-Identifier: MIT
"""`loop` and `no-loop` lines: which threads are loops, by the library that waits and by their names."""
import pytest

from venvs import python_with

pytestmark = pytest.mark.usefixtures("steady")

OURS, THEIRS = "/etc/hosts", "/etc/hostname"


@pytest.fixture
def play(offloop, programs, python, compiled, tmp_path):
    library = compiled("own_poller", "-shared", "-fPIC")

    def run(waits_by, *lines, **env):
        rules = tmp_path / "loops.rules"
        rules.write_text("".join(f"{line}\n" for line in lines))
        outcome = offloop.run([python.path, programs / "loops_of_a_library.py", library, waits_by],
                              options=["--rules", rules], env=env)
        assert outcome.status == 0, outcome.stderr
        outcome.read = {each["argument"] for each in outcome.violations}
        return outcome
    return run


@pytest.mark.parametrize("line, read", [
    ("# nothing", {OURS, THEIRS}),
    ("no-loop caller=own_poller.so  \"it waits for itself\"", {OURS}),
    ("no-loop caller=own_*", {OURS}),
    ("no-loop caller=other.so", {OURS, THEIRS}),
    ("no-loop thread=theirs-*", {OURS}),
    ("no-loop thread=ours-*", {OURS, THEIRS}),
    ("no-loop caller=own_poller.so\nloop thread=theirs-1", {OURS, THEIRS}),
])
def test_a_librarys_threads_are_taken_out_by_a_line(play, line, read):
    outcome = play("epoll", line)
    assert outcome.read == read
    spots = [each["what"] for each in outcome.report["runs"][0]["blind_spots"]]
    assert any(" no-loop " in what for what in spots) == (line.startswith("no-loop")
                                                          and THEIRS not in read)


def test_a_thread_that_the_user_names_is_a_loop_all_the_same(play):
    outcome = play("epoll", "no-loop caller=own_poller.so", OFFLOOP_LOOP="auto,thread=theirs-*")
    assert outcome.read == {OURS, THEIRS}


@pytest.mark.parametrize("line, read", [
    ("# nothing", {OURS}),
    ("loop caller=own_poller.so", {OURS, THEIRS}),
    ("loop caller=libc.so.6", {OURS}),
    ("loop thread=theirs-*", {OURS, THEIRS}),
])
def test_a_library_that_polls_is_a_loop_by_a_line(play, line, read):
    assert play("poll", line).read == read


def test_a_name_from_another_thread_counts_from_the_next_wait_on(play):
    outcome = play("late", "no-loop thread=theirs-*", "allow  sem-wait  caller=own_poller.so")
    assert outcome.read == {OURS, THEIRS}
    assert play("late", "allow  sem-wait  caller=own_poller.so").read == {OURS, THEIRS, "/etc/passwd"}


@pytest.mark.parametrize("line", ["loop", "no-loop", "no-loop name=x", "loop caller=", "no-loop thread="])
@pytest.mark.holds_without_library("the command alone")
def test_a_wrong_line_is_told(offloop, tmp_path, line):
    rules = tmp_path / "loops.rules"
    rules.write_text(f"{line}\n")
    outcome = offloop.run(["true"], options=["--rules", rules])
    assert f"loops.rules:1: '{line.split()[0]}' takes thread=GLOB or caller=GLOB" in outcome.stderr


GRPC = """
import asyncio, threading, grpc

async def main():
    server = grpc.aio.server()
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        for _ in range(20):
            try:
                await channel.unary_unary("/shop/echo")(b"")
            except grpc.aio.AioRpcError:
                pass
    open("/etc/hosts").close()
    await server.stop(0)
asyncio.run(main())
"""


def test_grpcs_own_pollers_are_no_loops_beside_the_programs_loop(offloop, python):
    python = python_with(python, "pip", "grpcio")
    if not python.has("grpc"):
        pytest.skip("grpcio can't be installed here")
    outcome = offloop.run([python.path, "-c", GRPC])
    [run] = outcome.report["runs"]
    assert {loop["tid"] for loop in run["loops"]} == {run["pid"]}
    assert {each["thread"]["tid"] for each in outcome.violations} == {run["pid"]}
    assert "/etc/hosts" in {each["argument"] for each in outcome.violations}
    # gRPC's own end waits on the loop, unless it is over already: stop() in naps, asyncio.run() for a poller's thread
    assert {each["rule"] for each in outcome.violations} <= {"open", "import", "sleep", "join"}
