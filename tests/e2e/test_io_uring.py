# SPDX-License-Identifier: MIT
"""Waits for an io_uring: whose are a loop's, and whose are a worker's."""
import pytest

BY_RING = {"OFFLOOP_LOOP": "wait=io_uring"}
SERVE_ONE = """
const http = require('http'), fs = require('fs')
const server = http.createServer((request, response) => response.end('served\\n'))
server.listen(0, '127.0.0.1', () => http.get({port: server.address().port}, response => {
  response.on('data', data => process.stdout.write(data))
  response.on('end', () => { fs.statSync('/etc/passwd'); server.close() })
}))
"""


@pytest.fixture
def ran(offloop):
    """A function that runs a victim; it skips where there is no ring."""
    def run(program, *words, **env):
        outcome = offloop.preload([program, *words], env=env)
        if outcome.status == 77:
            pytest.skip("no io_uring on this system")
        assert outcome.status == 0, outcome.stderr
        return outcome
    return run


@pytest.fixture
def rings(compiled):
    return compiled("rings", "-D_GNU_SOURCE", "-luring")


def loops(outcome):
    return [(loop["wait"], loop["turns"]) for loop in outcome.report["runs"][0]["loops"]]


@pytest.mark.parametrize("choice", ["auto", "wait=poll", "wait=io_uring"])
def test_libevs_backend_is_a_loop(ran, compiled, choice):
    outcome = ran(compiled("ring_libev", "-lev"), OFFLOOP_LOOP=choice)
    [(wait, turns)] = loops(outcome)
    assert wait == "io_uring_enter" and 1 <= turns <= 5  # timers that are late share a turn
    [violation] = outcome.violations
    assert (violation["rule"], violation["count"]) == ("stat", 5)


def test_a_ring_is_a_loops_when_the_user_says_so_until_it_is_closed(ran, rings):
    outcome = ran(rings, "loop", **BY_RING)
    [(wait, turns)] = loops(outcome)
    # what is completed before io_uring_wait_cqe() looks for it is taken without a wait
    assert wait == "io_uring_submit_and_wait" and turns in (3, 4)
    [violation] = outcome.violations
    assert (violation["argument"], violation["count"]) == ("/etc/passwd", 4)


@pytest.mark.parametrize("scene", ["loop", "worker"])
@pytest.mark.parametrize("choice", ["auto", "wait=poll", "main"])
@pytest.mark.holds_without_library("no loop is what is right")
def test_nobody_knows_whose_ring_it_is_else(ran, rings, scene, choice):
    assert ran(rings, scene, OFFLOOP_LOOP=choice).report is None


@pytest.mark.holds_without_library("no loop is what is right")
def test_a_worker_that_reads_by_a_ring_is_no_loop_beside_the_main_threads(ran, rings):
    assert ran(rings, "worker", OFFLOOP_LOOP="main,wait=io_uring").report is None


@pytest.mark.parametrize("choice", ["auto", "wait=io_uring"])
def test_a_wait_for_a_ring_in_a_turn_counts_when_it_is_slow(ran, rings, choice):
    slow = ran(rings, "nested", 60, OFFLOOP_LOOP=choice, OFFLOOP_SLOW_MS="20")
    [violation] = slow.violations
    assert (violation["rule"], violation["function"]) == ("poll", "io_uring_submit_and_wait")
    assert [wait for wait, _ in loops(slow)] == ["epoll_wait"]
    assert not ran(rings, "nested", 1, OFFLOOP_LOOP=choice, OFFLOOP_SLOW_MS="3600000").violations


@pytest.mark.parametrize("choice", ["auto", "wait=io_uring"])
def test_libuv_submits_by_a_ring_and_waits_by_epoll(offloop, tool, choice):
    node = tool("node")
    outcome = offloop.preload([node, "-e", SERVE_ONE], env={
        "UV_USE_IO_URING": "1", "OFFLOOP_LOOP": choice, "OFFLOOP_SLOW_MS": "3600000"})
    assert (outcome.status, outcome.stdout) == (0, "served\n"), outcome.stderr
    assert {wait for wait, _ in loops(outcome)} <= {"epoll_pwait", "epoll_wait"}  # by its libuv
    assert [each["rule"] for each in outcome.violations] == ["stat"]


def test_what_waits_for_a_ring_beside_a_loop_is_a_blind_spot(ran, rings):
    said = ran(rings, "beside").report["runs"][0]["blind_spots"]
    assert [each["why"] for each in said if each["what"] == "waits for an io_uring"] == [
        "not taken for a loop's: say OFFLOOP_LOOP=wait=io_uring if they are"]
