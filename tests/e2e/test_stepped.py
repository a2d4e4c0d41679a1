# SPDX-License-Identifier: MIT
"""Loops that a program steps by itself. What runs between two steps is in a turn; what runs after the
last one, or after a helper has looked once, is not."""
import os
import re
import signal
import subprocess

import pytest

from conftest import PROGRAMS, ROOT, clean_environment, wait_until

SOURCES = ROOT / "tests" / "programs"
LIBRARIES = {"libuv": ["-luv"], "libev": ["-lev"], "libevent": ["-levent"], "glib": None}
SCENES = re.findall(r"SCENE\((\w{9,})\)", (SOURCES / "stepped.h").read_text())
REPORTED = [scene for scene in SCENES if scene.startswith(("between_steps", "between_looks", "in_a_function"))]
SILENT = [scene for scene in SCENES if scene.startswith("after") or scene == "between_jobs"]
PYTHON_SCENES = re.findall(r"^def (\w+)\(\)", (PROGRAMS / "stepped.py").read_text(), re.M)
PYTHON_REPORTED = [scene for scene in PYTHON_SCENES if scene.startswith("between") and "jobs" not in scene]
PYTHON_SILENT = [scene for scene in PYTHON_SCENES if scene.startswith("after") or "jobs" in scene]


def flags_of(library):
    if LIBRARIES[library]:
        return LIBRARIES[library]
    words = subprocess.run(["pkg-config", "--cflags", "--libs", "glib-2.0"], capture_output=True, text=True)
    return words.stdout.split() if words.returncode == 0 else pytest.skip("libglib2.0-dev is not installed")


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """A function that compiles the victim of a library, or skips where that is not installed."""
    folder = tmp_path_factory.mktemp("stepped")

    def compiled(library, level="-O1"):
        program = folder / f"{library}{level}"
        if not program.exists():
            words = ["gcc", "-g", level, SOURCES / f"stepped_{library}.c", "-o", program, *flags_of(library)]
            done = subprocess.run(words, capture_output=True, text=True)
            if done.returncode:
                pytest.skip(f"{library} is not installed: {done.stderr.splitlines()[0]}")
        return program
    return compiled


def counts(outcome):
    return {each["argument"]: each["count"] for each in outcome.of_rule("open")}


@pytest.mark.parametrize("level", ["-O0", "-O2"])
@pytest.mark.parametrize("scene", REPORTED)
@pytest.mark.parametrize("library", LIBRARIES)
def test_what_runs_between_two_steps_is_in_a_turn(steady, offloop, built, library, scene, level):
    """Ten steps have nine such places; a tenth one where a step at another line follows."""
    outcome = offloop.run([built(library, level), scene], ["--fail-on", "warning"])
    assert outcome.status == 66
    assert counts(outcome) == {"/etc/between": 10 if "two_places" in scene else 9}
    [violation] = outcome.violations
    assert violation["culprit"]["function"] == "work"
    [loop] = outcome.report["runs"][0]["loops"]
    assert loop["turns"] >= 9
    assert any("/etc/between" in line for line in outcome.live_lines)


@pytest.mark.parametrize("level", ["-O0", "-O2"])
@pytest.mark.parametrize("scene", SILENT)
@pytest.mark.parametrize("library", LIBRARIES)
def test_what_runs_after_the_last_step_is_not(steady, offloop, built, library, scene, level):
    outcome = offloop.run([built(library, level), scene])
    assert outcome.violations == [] and "/etc/after" not in outcome.stderr
    assert len(outcome.report["runs"][0]["loops"]) == 1


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_callback_of_a_step_is_in_a_turn(steady, offloop, built, library):
    """libuv may call a timer twice in a step."""
    outcome = offloop.run([built(library), "in_callbacks_of_steps"])
    assert set(counts(outcome)) == {"/etc/callback"} and counts(outcome)["/etc/callback"] >= 9


@pytest.mark.parametrize("library", LIBRARIES)
def test_what_never_returns_between_two_steps_is_recorded(watched, built, library):
    with watched([built(library), "in_a_call_that_never_ends"], with_signal=signal.SIGKILL) as process:
        wait_until(process.report_so_far, "a record", process=process)
        wait_until(lambda: {"sleep"} <= {each["rule"] for each in process.report_so_far()["violations"]},
                   "the sleep in the record")
    outcome = process.outcome()
    assert process.returncode == -signal.SIGKILL
    [slept] = outcome.of_rule("sleep")
    assert slept["culprit"]["function"] == "in_a_call_that_never_ends" and slept["count"] == 1
    assert counts(outcome) == {"/etc/between": 6}


def test_a_call_between_two_steps_can_be_blocked(steady, offloop, built):
    """From the second step on: before, nothing tells that there will be one."""
    outcome = offloop.run([built("libuv"), "between_steps"], env={"OFFLOOP_POLICY": "open=block"})
    [violation] = outcome.violations
    assert violation["blocked"] and violation["count"] == 9


@pytest.fixture
def step(offloop, interpreter):
    def play(scene):
        if ("iteration" in scene or "main_loop" in scene) and not interpreter.has("gi"):
            pytest.skip("python3-gi is not installed for it")
        outcome = offloop.run([interpreter.path, PROGRAMS / "stepped.py", scene])
        assert outcome.status == 0, outcome.stderr
        return outcome
    return play


@pytest.mark.parametrize("scene", PYTHON_REPORTED)
def test_what_python_does_between_two_steps_is_in_a_turn(steady, step, scene):
    outcome = step(scene)
    assert {each["argument"] for each in outcome.violations} == {"/etc/between"}
    [violation] = outcome.violations
    assert violation["rule"] == "open" and violation["count"] == 9
    assert violation["culprit"]["function"] == "work"


@pytest.mark.parametrize("scene", PYTHON_SILENT)
def test_what_python_does_after_the_last_step_is_not(steady, step, scene):
    outcome = step(scene)
    assert outcome.report["runs"][0]["loops"] and outcome.violations == []


MANY = """
import asyncio, os, sys
loop = asyncio.new_event_loop()
def work():
{lines}
for _ in range({steps}):
    loop.call_soon(loop.stop)
    loop.run_forever()
    work()
"""


@pytest.mark.parametrize("steps, places", [(4, 300), (1, 0)])
def test_more_places_than_are_held_between_two_steps(steady, offloop, python, tmp_path, steps, places):
    """What does not fit counts at once from a place's second step on; after a look that is the only one
    nothing counts."""
    program = tmp_path / "many.py"
    lines = "\n".join("    os.stat('/etc')" for _ in range(300))
    program.write_text(MANY.format(lines=lines, steps=steps))
    outcome = offloop.run([python.path, program])
    assert outcome.report["runs"][0]["loops"] and len(outcome.of_rule("stat")) == places


@pytest.mark.parametrize("steps, hits", [(10, {"/etc/between": 9}), (1, {})])
def test_nio4rs_selector_is_stepped_by_ruby(steady, offloop, tool, steps, hits):
    ruby = tool("ruby")
    if subprocess.run([ruby, "-e", "require 'nio'"], capture_output=True, env=clean_environment()).returncode:
        pytest.skip("ruby-nio4r is not installed")
    outcome = offloop.run([ruby, PROGRAMS / "nio.rb", str(steps)])
    assert counts(outcome) == hits
    assert len(outcome.report["runs"][0]["loops"]) == 1


def test_what_neovim_does_for_its_timers_is_in_a_turn(steady, offloop, tool, tmp_path):
    """A scheduled callback runs between two steps of its loop; after the last one it leaves."""
    script = tmp_path / "script.lua"
    script.write_text("""
        local count = 0
        local timer = vim.loop.new_timer()
        timer:start(5, 5, vim.schedule_wrap(function()
            count = count + 1
            io.open('/etc/between')
            if count == 5 then vim.cmd('qa!') end
        end))""")
    words = [tool("nvim"), "--headless", "-u", "NONE", "-i", "NONE", "-n", "-c", f"luafile {script}"]
    outcome = offloop.run(words)
    opened = {each["argument"]: each["count"] for each in outcome.of_rule("open") if "etc" in each["argument"]}
    assert opened == {"/etc/between": 4}
