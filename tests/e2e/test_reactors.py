# SPDX-License-Identifier: MIT
"""Reactors that wait for their epoll descriptor by poll() or select(), or through an interpreter; and
what `doctor` says of who waits."""
import subprocess

import pytest

from conftest import PROGRAMS, ROOT, clean_environment, wait_until

TURNS = ["by_poll", "by_ppoll", "by_select", "by_poll_and_epoll_wait", "after_plain_polls", "in_another_thread",
         "after_it_was_closed"]
NO_LOOPS = ["after_a_look", "after_waits_for_others"]


def loops_of(outcome):
    return [loop for run in (outcome.report or {"runs": []})["runs"] for loop in run["loops"]]


@pytest.fixture(scope="session")
def polled_epoll(tmp_path_factory):
    program = tmp_path_factory.mktemp("reactors") / "polled_epoll"
    source = ROOT / "tests" / "programs" / "polled_epoll.c"
    subprocess.run(["gcc", "-g", "-D_GNU_SOURCE", "-pthread", source, "-o", program], check=True)
    return program


@pytest.mark.parametrize("scene", TURNS)
def test_who_waits_for_an_epoll_descriptor_is_a_loop(steady, offloop, polled_epoll, scene):
    outcome = offloop.run([polled_epoll, scene])
    [violation] = outcome.violations
    assert (violation["rule"], violation["argument"], violation["count"]) == ("open", "/etc/turn", 3)
    [loop] = outcome.report["runs"][0]["loops"]
    assert loop["turns"] >= 2


@pytest.mark.parametrize("scene", NO_LOOPS)
def test_who_only_looks_or_waits_for_others_is_none(steady, offloop, polled_epoll, scene):
    """What it does otherwise is seen."""
    outcome = offloop.run([polled_epoll, scene])
    assert loops_of(outcome) == []
    assert "/etc/none" not in outcome.stderr
    assert loops_of(offloop.run([polled_epoll, "by_poll"])) != []


@pytest.fixture
def reactor(steady, offloop, tool):
    ruby = tool("ruby")
    if subprocess.run([ruby, "-e", "require 'eventmachine'"], capture_output=True, env=clean_environment()).returncode:
        pytest.skip("ruby-eventmachine is not installed")

    def play(wait, scene):
        outcome = offloop.run([ruby, PROGRAMS / "reactor.rb", wait, scene])
        assert outcome.status == 0, outcome.stderr
        return outcome
    return play


@pytest.mark.parametrize("wait", ["epoll", "select"])
def test_eventmachines_callbacks_are_in_turns(reactor, wait):
    outcome = reactor(wait, "block")
    assert {(each["rule"], each["argument"]) for each in outcome.violations} == {("open", "/etc/turn")}
    assert sum(each["count"] for each in outcome.violations) == 2


@pytest.mark.parametrize("wait", ["epoll", "select"])
def test_rubys_own_waits_around_a_reactor_are_none_of_its(reactor, wait):
    outcome = reactor(wait, "around")
    assert outcome.violations == [], outcome.stderr
    assert len(outcome.report["runs"][0]["loops"]) == 1


def test_rubys_own_waits_make_no_loop(reactor):
    assert loops_of(reactor("select", "never")) == []
    assert loops_of(reactor("select", "around")) != []


def doctor_finds_a_loop(offloop, program):
    text = offloop.command("doctor", program, env={"COLUMNS": "500"}).stdout
    assert ("waits that make a loop" in text) != ("no wait" in text), text
    return "waits that make a loop" in text


def run_finds_a_loop(offloop, words):
    return loops_of(offloop.run(words, cwd=offloop.folder)) != []  # where V8 leaves its log, without the library


NONE = pytest.mark.holds_without_library("there is no loop to see")


@pytest.mark.parametrize("words, loops", [
    (["node", "-e", "setTimeout(() => 0, 10)"], True),
    (["/usr/bin/python3", "-c", "import asyncio; asyncio.run(asyncio.sleep(0.01))"], True),
    pytest.param(["bash", "-c", "read -t 0.01 < <(sleep 1)"], False, marks=NONE),
    pytest.param(["ruby", "-e", "r, w = IO.pipe; IO.select([r], nil, nil, 0.01)"], False, marks=NONE),
    pytest.param(["curl", "-s", "http://127.0.0.1:9/"], False, marks=NONE),
])
def test_doctor_and_the_run_find_the_same(offloop, tool, words, loops):
    tool(words[0])
    assert doctor_finds_a_loop(offloop, words[0]) == run_finds_a_loop(offloop, words) == loops


def test_doctor_and_the_run_find_the_loop_of_redis(offloop, watched, tool, free_port, tmp_path):
    port = free_port()
    words = [tool("redis-server"), "--port", port, "--save", "", "--dir", tmp_path]
    assert doctor_finds_a_loop(offloop, words[0])
    with watched(words, port) as process:
        wait_until(process.report_so_far, "a record", process=process)
    assert loops_of(process.outcome())


@pytest.mark.holds_without_library("the command alone")
def test_doctor_knows_of_reactors_that_wait_through_ruby(offloop, tool):
    text = offloop.command("doctor", tool("ruby"), env={"COLUMNS": "500"}).stdout
    assert "while EventMachine runs" in text


@NONE
def test_a_poll_of_the_programs_own_is_no_loops(offloop, tmp_path):
    source = tmp_path / "program.c"
    source.write_text("#include <poll.h>\nint main(void) { return poll(0, 0, 1); }\n")
    subprocess.run(["gcc", source, "-o", tmp_path / "program"], check=True)
    assert not doctor_finds_a_loop(offloop, tmp_path / "program")
    assert not run_finds_a_loop(offloop, [tmp_path / "program"])
