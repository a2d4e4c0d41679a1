# SPDX-License-Identifier: MIT
"""Loops one after the other: one loop thread where they share one, and none is lost."""
import pytest

from expectations import assert_told, expectations

STALL = 2  # s: what a busy machine does not reach by itself


@pytest.fixture
def play(offloop, programs):
    def run(interpreter, where):
        file = programs / "loops_in_a_row.py"
        env = {"OFFLOOP_SLOW_MS": "3600000", "OFFLOOP_STALL_MS": str(STALL * 1000)}
        outcome = offloop.run([interpreter.path, file, where, STALL], env=env)
        assert_told(outcome.violations, expectations(file))
        [program] = outcome.report["runs"]
        assert outcome.report["totals"]["dropped"] == 0
        assert sum(loop["stalls"] for loop in program["loops"]) == 1
        assert all(loop["judged"] and not loop["worker"] for loop in program["loops"])
        return program
    return run


def test_loops_of_one_thread_are_one_loop_thread(play, interpreter):
    program = play(interpreter, "thread")
    [loop] = program["loops"]
    assert (loop["loops"], loop["threads"], loop["tid"]) == (200, 1, program["pid"])
    assert loop["turns"] >= 600


@pytest.mark.parametrize("how", ["run", "preload"])
def test_the_last_line_counts_the_loops(offloop, programs, python, how):
    outcome = getattr(offloop, how)([python.path, programs / "loops_in_a_row.py", "thread", "0"])
    assert "on 1 loop thread (200 loops)" in outcome.stderr.splitlines()[-1]


@pytest.mark.parametrize("how", ["run", "preload"])
def test_a_loop_that_never_worked_is_not_called_clean(offloop, python, how):
    code = ("import os, select, threading, time\n"
            "threading.Thread(target=select.epoll().poll, daemon=True).start()\n"
            "def waits(tid):\n"
            "    return open(f'/proc/self/task/{tid}/syscall').read().split()[0] in EPOLL\n"
            "EPOLL = '232', '281', '22'  # epoll_wait, epoll_pwait, its number on aarch64\n"
            "while not any(map(waits, os.listdir('/proc/self/task'))):\n"
            "    time.sleep(0.01)\n")
    outcome = getattr(offloop, how)([python.path, "-c", code])
    assert outcome.status == 0, outcome.stderr
    [loop] = outcome.report["runs"][0]["loops"]
    assert not loop["judged"]
    assert "no violations" not in outcome.stderr and "nothing was judged" in outcome.stderr


def test_threads_that_find_no_entry_of_their_own_are_counted_together(play, python):
    loops = play(python, "threads")["loops"]
    own = [loop for loop in loops if loop["tid"]]
    [rest] = [loop for loop in loops if not loop["tid"]]
    assert len(own) == 127 and all(loop["threads"] == loop["loops"] == 1 for loop in own)
    assert rest["threads"] == rest["loops"] == 200 - len(own)
    assert rest["stalls"] == 1
