# SPDX-License-Identifier: MIT
"""Waits of Python's for somebody else are judged by what was called, not by how long it took; what is there already is
no wait."""
import pytest

from conftest import PROGRAMS, judged_loops
from expectations import assert_told, expectations
from test_python_calls import certificate  # noqa: F401: a fixture

pytestmark = pytest.mark.usefixtures("steady")

PROGRAM = PROGRAMS / "waits_for_others.py"


def test_a_wait_is_told_by_what_was_called(offloop, interpreter):
    outcome = offloop.preload([interpreter.path, PROGRAM, "waiting"])
    assert outcome.status == 0, outcome.stderr
    expected = expectations(PROGRAM)
    assert len(expected) == 28
    assert_told(outcome.violations, expected)
    assert {(each["rule"], each["culprit"]["line"]) for each in outcome.violations if each["severity"] != "error"} == set()


def test_what_is_there_already_is_not_waited_for(offloop, interpreter):
    outcome = offloop.preload([interpreter.path, PROGRAM, "ready"])
    assert outcome.status == 0, outcome.stderr
    assert judged_loops(outcome.report)
    assert_told(outcome.violations, [])


def test_a_thread_whose_function_has_returned_is_not_waited_for(offloop, interpreter):
    program = PROGRAMS / "joined_threads.py"
    outcome = offloop.preload([interpreter.path, program])
    assert outcome.status == 0, outcome.stderr
    assert_told(outcome.violations, expectations(program))


def test_programs_are_started_and_servers_closed_by_asyncios_own_way(offloop, interpreter, tmp_path):
    outcome = offloop.preload([interpreter.path, PROGRAMS / "spawned.py", tmp_path])
    assert outcome.status == 0, outcome.stderr
    by_function = {each["culprit"]["function"]: each["rule"] for each in outcome.violations}
    # CPython 3.9 copies the process to start a program
    expected = {"by_path": "fork", "by_name": "fork"} if interpreter.version < (3, 10) else {}
    assert judged_loops(outcome.report) and by_function == expected


def test_a_failed_gate_is_the_same_at_every_run(offloop, interpreter, tmp_path):
    """Waits of about OFFLOOP_SLOW_MS: judged by time, some runs would pass."""
    program = tmp_path / "short_waits.py"
    program.write_text("import asyncio, queue, threading\n\n"
                       "async def main():\n"
                       "    await asyncio.sleep(0.01)\n"
                       "    threading.Event().wait(0.004)\n"
                       "    try:\n"
                       "        queue.Queue().get(timeout=0.004)\n"
                       "    except queue.Empty:\n"
                       "        pass\n"
                       "    threading.Semaphore(0).acquire(timeout=0.004)\n\n"
                       "asyncio.run(main())\n")
    offloop.always = {}
    for _ in range(6):
        outcome = offloop.preload([interpreter.path, program], env={"OFFLOOP_FAIL_ON": "error"})
        assert outcome.status == 66, outcome.stderr
        assert [each["rule"] for each in outcome.violations] == ["cond-wait"] * 3


def test_a_file_is_sent_by_asyncios_own_way(offloop, interpreter, tmp_path):
    program = tmp_path / "sends_a_file.py"
    program.write_text("import asyncio, os, socket\n\n"
                       "async def main():\n"
                       "    loop = asyncio.get_running_loop()\n"
                       "    file = await asyncio.to_thread(open, __file__, 'rb')\n"
                       "    ours, theirs = socket.socketpair()\n"
                       "    ours.setblocking(False)\n"
                       "    await loop.sock_sendfile(ours, file)\n"
                       "    os.sendfile(ours.fileno(), file.fileno(), 0, 10)\n\n"
                       "asyncio.run(main())\n")
    outcome = offloop.preload([interpreter.path, program], env={"OFFLOOP_SLOW_MS": "0"})
    assert outcome.status == 0, outcome.stderr
    assert [each["culprit"]["line"] for each in outcome.of_rule("sendfile")] == [9]


@pytest.mark.parametrize("limit", ["none", "60"])
def test_a_socket_has_the_same_rules_with_a_timeout_and_without(offloop, interpreter, certificate, limit):  # noqa: F811
    program = PROGRAMS / "sockets_with_timeouts.py"
    outcome = offloop.preload([interpreter.path, program, certificate, limit])
    assert outcome.status == 0, outcome.stderr
    assert_told(outcome.violations, expectations(program))
    assert {each["severity"] for each in outcome.violations} == {"error"}
