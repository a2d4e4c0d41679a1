# SPDX-License-Identifier: MIT
"""Which code counts as on the loop. Each scene is a function of programs/turns.py; its comments say
what is told of it, and what they do not name must be silent."""
import re
import subprocess

import pytest

from conftest import BUILD, clean_environment, judged_loops
from expectations import assert_told, expectations
from venvs import only_here

pytestmark = pytest.mark.usefixtures("steady")

SILENT = [
    "before_the_loop",
    "after_the_loop",
    "after_a_loop_that_stays_open",
    "between_two_runs_of_a_loop",
    "after_a_loop_that_raised",
    "after_an_exit_in_a_callback",
    "in_a_worker_thread",
    "in_an_executor",
    "in_a_threads_own_poll_and_select",
    "in_the_main_threads_own_poll_and_select",
    "in_an_atexit_handler",
    "in_an_atexit_handler_of_a_loop_that_stays_open",
    "in_an_atexit_handler_after_an_exit_in_a_callback",
    "in_a_child_forked_after_the_loop",
    "in_a_child_process_of_a_pool",
    "in_a_loop_that_selects",
]
TOLD = [
    "in_a_coroutine",
    "in_callbacks",
    "in_the_second_of_two_loops",
    "in_two_loops_one_after_the_other",
    "in_two_loops_that_stay_open",
    "in_two_loops_taking_turns",
    "in_a_loop_of_another_thread",
    "in_a_thread_after_its_loop",
    "in_a_wait_inside_a_callback",
    "in_a_coroutine_that_forks",
    "in_a_child_that_returns_from_the_loop",
    "in_multiprocessing",
    "in_a_loop_of_a_forked_child",
]


@pytest.fixture
def play(offloop, programs):
    """Runs a scene to its good end, and gives its outcome and what its comments say."""
    def run(interpreter, scene, **env):
        file = programs / "turns.py"
        outcome = offloop.preload([interpreter.path, file, scene], env=env)
        assert (outcome.status, outcome.stdout) == (0, ""), outcome.stderr
        assert not re.search("^(Error in atexit|Exception in thread)", outcome.stderr, re.MULTILINE)
        return outcome, expectations(file, scene)
    return run


@pytest.mark.parametrize("scene", SILENT)
def test_nothing_is_told_of_code(play, interpreter, scene):
    outcome, expected = play(interpreter, scene)
    assert expected == []
    assert judged_loops(outcome.report)
    assert_told(outcome.violations, [])
    assert outcome.report["totals"]["hits"] == 0


@pytest.mark.parametrize("scene", TOLD)
def test_the_marked_lines_are_told_of_code(play, interpreter, scene):
    outcome, expected = play(interpreter, scene)
    assert expected
    assert_told(outcome.violations, expected)


def test_two_lines_of_one_function_are_two_violations(play, python):
    outcome, expected = play(python, "in_two_lines_of_one_function")
    assert_told(outcome.violations, expected)


@pytest.mark.parametrize("scene", ["in_a_loop_that_polls", "in_a_loop_that_selects_descriptors"])
def test_a_loop_that_polls_is_one_when_the_user_says_so(play, interpreter, scene):
    outcome, expected = play(interpreter, scene, OFFLOOP_LOOP="wait=poll")
    assert expected
    assert_told(outcome.violations, expected)
    outcome, _ = play(interpreter, scene)
    assert outcome.violations == []


@pytest.mark.parametrize("between", ["time.sleep(2)", "threading.Semaphore(0).acquire(timeout=2)"])
def test_the_time_between_two_runs_of_a_loop_is_no_turn(offloop, interpreter, between):
    code = ("import asyncio, threading, time\n"
            "loop = asyncio.new_event_loop()\n"
            "async def offend():\n"
            "    await asyncio.sleep(0.01)\n"
            "    open('/etc/hosts').close()\n"
            "loop.run_until_complete(offend())\n"
            f"{between}\n"
            "loop.run_until_complete(offend())\n")
    outcome = offloop.preload([interpreter.path, "-c", code], env={"OFFLOOP_SLOW_MS": "5"})
    [loop] = outcome.report["runs"][0]["loops"]
    assert loop["longest_turn_ns"] < 2e9


def test_two_loops_one_after_the_other_are_two_of_one_loop_thread(play, interpreter):
    for scene in "in_two_loops_one_after_the_other", "in_two_loops_that_stay_open":
        outcome, _ = play(interpreter, scene)
        [run] = outcome.report["runs"]
        [loop] = run["loops"]
        assert (loop["loops"], loop["tid"]) == (2, run["pid"])


def test_loops_of_two_threads_have_their_own_violations(play, interpreter):
    outcome, _ = play(interpreter, "in_a_loop_of_another_thread")
    [run] = outcome.report["runs"]
    by_thread = {each["rule"]: each["thread"]["tid"] for each in outcome.violations}
    assert by_thread["readdir"] == run["pid"] != by_thread["stat"]
    assert {loop["tid"] for loop in run["loops"]} == set(by_thread.values())


def test_a_forked_childs_loop_counts_into_the_same_record(play, interpreter):
    outcome, _ = play(interpreter, "in_a_loop_of_a_forked_child")
    [run] = outcome.report["runs"]
    [violation] = outcome.violations
    assert violation["pid"] != run["pid"]
    assert {loop["tid"] for loop in run["loops"]} == {run["pid"], violation["pid"]}


def test_what_children_of_asyncio_do_is_their_own(play, interpreter):
    """Starting them may be told of (fork before 3.10); the loop's waits for them may not."""
    outcome, _ = play(interpreter, "in_children_of_asyncio")
    assert len(outcome.report["runs"]) == 1
    if interpreter.version >= (3, 12) and outcome.rules == {"wait"}:
        pytest.xfail("PidfdChildWatcher's waitpid() for a child that has ended is told")
    assert outcome.rules <= {"fork"}


NONE = pytest.mark.holds_without_library("no loop is what the user chose; the other choices are seen")


@pytest.mark.parametrize("choice, told", [
    ("auto", {"main", "worker"}),
    ("main", {"main"}),
    ("thread=worker-*", {"worker"}),
    ("thread=worker-1", {"worker"}),
    pytest.param("thread=worker-2", set(), marks=NONE),
    ("thread=work*,main", {"main", "worker"}),
    ("main,thread=nobody", {"main"}),
    ("auto,thread=nobody", {"main", "worker"}),
    pytest.param("api", set(), marks=NONE),
    ("api,main", {"main"}),
    ("wait=poll", {"main", "worker"}),
    ("main,wait=poll", {"main"}),
    (" Main , THREAD=worker-* ", {"main", "worker"}),
    ("", {"main", "worker"}),
])
def test_the_user_chooses_the_threads_that_may_be_loops(play, python, choice, told):
    outcome, _ = play(python, "in_named_threads", OFFLOOP_LOOP=choice)
    assert {each["argument"] for each in outcome.violations} == {f"/etc/{name}" for name in told}
    assert bool(judged_loops(outcome.report)) == bool(told)


@pytest.fixture(scope="session")
def with_greenlet(python):
    """A folder for PYTHONPATH with greenlet for Debian's python, or a skip."""
    folder = BUILD / "tests" / ("greenlet-" + "{}.{}".format(*python.version))
    words = [python.path, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
             "--target", folder, "greenlet"]
    with only_here(folder):
        if not (folder / "greenlet").is_dir():
            subprocess.run(words, env=clean_environment(), capture_output=True, timeout=60)
    return str(folder) if (folder / "greenlet").is_dir() else pytest.skip("greenlet can't be installed here")


def test_code_in_a_greenlet_of_the_loops_thread_is_told(play, python, with_greenlet):
    outcome, expected = play(python, "in_greenlets", PYTHONPATH=with_greenlet)
    assert_told(outcome.violations, expected)


def test_code_in_a_greenlet_off_the_loop_is_silent(play, python, with_greenlet):
    outcome, _ = play(python, "in_greenlets_off_the_loop", PYTHONPATH=with_greenlet)
    assert judged_loops(outcome.report)
    assert outcome.violations == []
