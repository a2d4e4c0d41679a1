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


def test_threads_that_find_no_entry_of_their_own_are_counted_together(play, python):
    loops = play(python, "threads")["loops"]
    own = [loop for loop in loops if loop["tid"]]
    [rest] = [loop for loop in loops if not loop["tid"]]
    assert len(own) == 127 and all(loop["threads"] == loop["loops"] == 1 for loop in own)
    assert rest["threads"] == rest["loops"] == 200 - len(own)
    assert rest["stalls"] == 1
