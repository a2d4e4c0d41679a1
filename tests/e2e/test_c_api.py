# SPDX-License-Identifier: MIT
"""offloop.h in C and C++: what a program marks and allows, with the library and without it."""
import re
import subprocess

import pytest

from conftest import ROOT, clean_environment

pytestmark = pytest.mark.usefixtures("steady")

LIVE = re.compile(r'offloop: warning: \w+\("([^"]+)"\) on loop thread')


@pytest.fixture(params=["api", "api_cpp"])
def api(request, victim):
    return victim(request.param)


@pytest.mark.holds_without_library("it has none")
def test_without_the_library_every_function_does_nothing(api):
    done = subprocess.run([api], env=clean_environment(), capture_output=True, text=True,
                          timeout=20)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0] == "active 0"


def test_what_is_marked_is_told_and_what_is_allowed_is_not(offloop, api):
    outcome = offloop.preload([api])
    assert outcome.status == 0, outcome.stderr
    active, *expected = outcome.stdout.splitlines()
    assert active == "active 1"
    told = [found[1] for found in map(LIVE.match, outcome.live_lines) if found]
    assert sorted(told) == sorted(expected)


def test_a_marked_loop_has_the_name_it_was_given(offloop, api):
    outcome = offloop.preload([api])
    [run] = outcome.report["runs"]
    marked = [loop for loop in run["loops"] if loop["wait"] == "api"]
    assert [loop["name"] for loop in marked if loop["tid"] == run["pid"]] == [
        "mine", api.name[:15], "allowing", "deep", "waiting", "first", "errno"]
    assert [loop["name"] for loop in marked if loop["tid"] != run["pid"]] == ["other"]
    assert [loop["wait"] for loop in run["loops"] if loop not in marked] == ["epoll_wait"]


def test_marked_loops_count_under_every_choice_of_loops(offloop, api):
    for choice in "api", "thread=nobody":
        outcome = offloop.preload([api], env={"OFFLOOP_LOOP": choice})
        told = [found[1] for found in map(LIVE.match, outcome.live_lines) if found]
        by_wait = {"/told/after-a-wait", "/told/after-a-leave-without-an-enter"}
        assert sorted(told) == sorted(set(outcome.stdout.splitlines()[1:]) - by_wait)


def compiled(tmp_path, *words):
    program = tmp_path / "program"
    source = ROOT / "tests" / "programs" / "api.c"
    words = [*words, source, "-I", ROOT / "include", "-o", program, "-pthread"]
    subprocess.run([str(word) for word in words], check=True, timeout=60)
    return program


@pytest.mark.parametrize("words", [
    ["gcc", "-std=c11", "-D_GNU_SOURCE", "-pedantic-errors", "-Wall", "-Wextra", "-Werror"],
    ["clang", "-std=c11", "-D_GNU_SOURCE", "-pedantic-errors", "-Wall", "-Wextra", "-Werror"],
    ["g++", "-x", "c++", "-std=c++11", "-pedantic-errors", "-Wall", "-Wextra", "-Werror"],
    ["gcc", "-fno-pie", "-fno-plt", "-no-pie", "-Wl,-z,dynamic-undefined-weak"],
], ids=["gcc", "clang", "g++", "no-pie"])
def test_the_header_compiles_without_a_word_and_works(offloop, tool, tmp_path, words):
    tool(words[0])
    program = compiled(tmp_path, *words)
    plain = offloop.preload([program], env={"LD_PRELOAD": None})
    watched = offloop.preload([program])
    assert (plain.status, watched.status) == (0, 0)
    assert plain.stdout.splitlines() == ["active 0", *watched.stdout.splitlines()[1:]]
    assert watched.stdout.splitlines()[0] == "active 1"
    assert any("/told/after-enter" in line for line in watched.live_lines)
