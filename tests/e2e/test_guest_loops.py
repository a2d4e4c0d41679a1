# SPDX-License-Identifier: MIT
"""Loops that run inside of others: who waits for them is no loop, who works for them is."""
import pytest

from expectations import assert_told, expectations
from venvs import python_with

pytestmark = pytest.mark.usefixtures("steady")


@pytest.fixture
def play(offloop, programs, interpreter):
    def run(host, what):
        python = python_with(interpreter, "trio")
        outcome = offloop.run([python.path, programs / "guest_trio.py", host, what])
        assert outcome.status == 0, outcome.stderr
        assert {loop["tid"] for loop in outcome.report["runs"][0]["loops"]} == \
            {outcome.report["runs"][0]["pid"]}
        return outcome
    return run


@pytest.mark.parametrize("host", ["queue", "asyncio", "twice", "none"])
def test_nothing_is_told_of_who_waits_for_a_guest(play, host):
    outcome = play(host, "clean")
    assert outcome.violations == []
    assert all(loop["judged"] for loop in outcome.report["runs"][0]["loops"])


@pytest.mark.parametrize("host", ["queue", "asyncio", "twice", "none"])
def test_a_guests_task_is_judged_on_its_host(play, programs, host):
    outcome = play(host, "offend")
    assert_told(outcome.violations, expectations(programs / "guest_trio.py", "offend"))
    assert outcome.report["totals"]["hits"] == (6 if host == "twice" else 3)


def test_tests_under_anyios_plugin_are_judged_on_both_loops(offloop, programs, python):
    python = python_with(python, "trio", "anyio", "pytest")
    file = programs / "anyio_tests.py"
    words = [python.path, "-m", "pytest", "-q", "-p", "anyio", "-p", "no:cacheprovider", file]
    outcome = offloop.run(words, env={"PYTHONDONTWRITEBYTECODE": "1"})
    assert "4 passed" in outcome.stdout, outcome.stdout
    assert_told(outcome.violations, expectations(file))
    assert outcome.report["totals"]["hits"] == 2


def arguments(outcome):
    return {(each["rule"], each["argument"]) for each in outcome.violations}


@pytest.mark.parametrize("waits_on", ["same", "holding"])
def test_a_thread_that_waits_for_an_embedded_libuv_is_no_loop(offloop, compiled, waits_on):
    outcome = offloop.preload([compiled("embed_libuv", "-luv"), waits_on])
    [run] = outcome.report["runs"]
    assert {loop["tid"] for loop in run["loops"]} == {run["pid"]}
    assert {each["thread"]["tid"] for each in outcome.violations} <= {run["pid"]}
    assert ("open", "/etc/hosts") in arguments(outcome)
    assert ("open", "/etc/hostname") not in arguments(outcome)


def test_a_thread_that_takes_a_loop_over_is_one(offloop, compiled):
    outcome = offloop.preload([compiled("embed_libuv", "-luv"), "taken"])
    assert arguments(outcome) == {("open", "/etc/hostname")}
    [violation] = outcome.violations
    assert violation["count"] == 3  # after each of four waits: the first tells nothing yet
