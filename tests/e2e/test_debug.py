# SPDX-License-Identifier: MIT
"""OFFLOOP_DEBUG: each word prints its own lines and no others, and what they say is so."""
import pathlib
import re

import pytest

from conftest import PROGRAMS, judged_loops

WORDS = ["loop", "gate", "patch", "bridge", "record"]
LINE = re.compile(r"offloop: debug (?P<word>\w+): thread (?P<tid>\d+) (?P<name>.*?): (?P<said>.*)")
STEADY = {"OFFLOOP_SLOW_MS": 3600000, "OFFLOOP_STALL_MS": 0}  # a busy machine makes no violations of its own
ASYNCIO = ("import asyncio, time\nasync def main():\n await asyncio.sleep(0.01)\n time.sleep(0.01)\n await asyncio.sleep(0.01)\n"
           "asyncio.run(main())\n")


def lines(outcome):
    return [found for found in map(LINE.match, outcome.stderr.splitlines()) if found]


def said(outcome, word):
    return [line["said"] for line in lines(outcome) if line["word"] == word]


@pytest.fixture
def decided(offloop, python):
    def run(words, **env):
        return offloop.preload([python.path, PROGRAMS / "decisions.py"], env={"OFFLOOP_DEBUG": words, **STEADY, **env})
    return run


@pytest.fixture
def asyncio_program(offloop, python, tmp_path):
    program = tmp_path / "app.py"
    program.write_text(ASYNCIO)

    def run(words, **env):
        return offloop.preload([python.path, program], env={"OFFLOOP_DEBUG": words, **STEADY, **env})
    return run


@pytest.mark.parametrize("word", WORDS)
def test_a_word_prints_its_own_lines_and_no_others(asyncio_program, word):
    plain, printing = asyncio_program(""), asyncio_program(word)
    assert {line["word"] for line in lines(printing)} == {word}
    assert lines(plain) == [] and "debug" not in plain.stderr
    assert (plain.status, plain.stdout) == (printing.status, printing.stdout)
    assert plain.rules == printing.rules == {"sleep"} and judged_loops(printing.report)


def test_words_add_up(asyncio_program):
    assert {line["word"] for line in lines(asyncio_program(" loop , RECORD,"))} == {"loop", "record"}


def test_a_program_without_a_loop_decides_nothing_of_loops(offloop):
    outcome = offloop.preload(["/bin/ls", "/"], env={"OFFLOOP_DEBUG": "loop,gate,bridge,record"})
    assert outcome.status == 0 and lines(outcome) == []


def test_a_loop_begins_and_ends_as_it_is_printed(decided):
    outcome = decided("loop")
    fd, tid = outcome.stdout.split()
    begun = [line for line in lines(outcome) if " begins a loop" in line["said"]]
    assert [line["tid"] for line in begun] == [tid] and f"({fd}) begins" in begun[0]["said"]
    assert [line for line in said(outcome, "loop") if "ends" in line] == [
        f"the loop ends: its descriptor {fd} is closed"]
    [loop] = judged_loops(outcome.report)
    assert str(loop["tid"]) == tid


def test_what_makes_no_loop_is_printed_with_why(decided):
    polled = [line for line in said(decided("loop"), "loop") if line.startswith("poll()")]
    assert len(polled) == 1 and "makes no loop" in polled[0]
    polls = decided("loop", OFFLOOP_LOOP="auto,wait=poll")
    assert any(line.startswith("poll() begins a loop") for line in said(polls, "loop"))
    assert not any(line.startswith("poll() makes no") for line in said(polls, "loop"))


def test_loops_that_OFFLOOP_LOOP_leaves_out_are_printed_as_that(decided):
    outcome = decided("loop", OFFLOOP_LOOP="thread=nobody")
    assert any(line.startswith("epoll_wait(") and line.endswith("OFFLOOP_LOOP names others") for line in said(outcome, "loop"))
    assert not any("begins" in line for line in said(outcome, "loop")) and outcome.violations == []


def test_the_gate_prints_each_violation_as_it_is_counted(decided):
    outcome = decided("gate")
    slept = [line for line in said(outcome, "gate") if " of rule sleep" in line]
    assert len(slept) == 3 == sum(each["count"] for each in outcome.of_rule("sleep"))
    assert [("first" in line) for line in slept] == [True, False, False]


def test_the_gate_prints_what_suppresses_a_call(decided):
    suppressed = [line for line in said(decided("gate"), "gate") if line.startswith("open(/proc/self/limits)")]
    assert len(suppressed) == 1 and re.search(r"suppressed by allow +\* +path=/proc/\*", suppressed[0])


def test_the_gate_prints_what_the_policy_ignores_and_blocks(decided):
    ignoring = decided("gate", OFFLOOP_POLICY="report,sleep=ignore")
    assert [line.partition(" of ")[2] for line in said(ignoring, "gate") if "rule sleep" in line] == [
        "rule sleep: the policy ignores it"] * 3
    assert ignoring.of_rule("sleep") == []
    blocking = decided("gate", OFFLOOP_POLICY="report,sleep=block")
    blocked = [line for line in said(blocking, "gate") if line.endswith(", blocked")]
    assert len(blocked) == 1 and " of rule sleep" in blocked[0], "it raises OSError, so no other one follows"


def test_what_counts_only_when_it_is_slow_is_printed_with_its_limit(decided):
    closed = [line for line in said(decided("gate", OFFLOOP_SLOW_MS=3600000), "gate") if line.startswith("close(")]
    assert closed and all(line.endswith("one of rule close if it takes 3600 s") for line in closed)


def test_arguments_are_printed_as_they_are_kept(decided):
    assert not any("limits" in line for line in said(decided("gate", OFFLOOP_ARGS="none"), "gate"))


def test_functions_of_rules_files_are_printed_where_they_are_called_from(offloop, python, tmp_path):
    (tmp_path / "own.rules").write_text('blocking getloadavg "keep it"\n')
    words = [python.path, "-c", "import os\n" + ASYNCIO.replace("time.sleep(0.01)", "os.getloadavg()")]

    def patched(policy):
        env = {"OFFLOOP_DEBUG": "patch", "OFFLOOP_RULES": tmp_path / "own.rules", "OFFLOOP_POLICY": policy, **STEADY}
        outcome = offloop.preload(words, env=env)
        calls = [line for line in said(outcome, "patch") if " calls getloadavg() through the library" in line]
        return bool(calls), outcome.rules
    assert patched("report") == (True, {"getloadavg"})
    assert patched("report,getloadavg=ignore") == (False, set())


def test_the_bridge_is_printed_from_its_wait_to_its_guards(asyncio_program):
    printed = said(asyncio_program("bridge", OFFLOOP_RULES="asyncio"), "bridge")
    assert printed[0].startswith("waits for the interpreter (Python 3.")
    assert any(re.match(r"is there, with [1-9]\d* rules for callables", line) for line in printed)
    assert any(re.match(r"guards .*call_soon\(\)", line) for line in printed)
    assert not any("gives up" in line for line in printed)


def test_the_record_is_where_it_is_printed_to_be(asyncio_program):
    outcome = asyncio_program("record")
    printed = said(outcome, "record")
    [path] = [line.removeprefix("is ") for line in printed if line.startswith("is /")]
    assert pathlib.Path(path).is_file()
    made = [line for line in printed if re.match(r"site \d+ is made: ", line)]
    assert len(made) == len(outcome.violations) == 1 and "rule sleep" in made[0]


def test_nothing_that_a_program_names_reaches_the_terminal_raw(decided):
    outcome = decided("loop,gate")
    assert "\x1b" not in outcome.stderr and any("a\\x1b[31mb" in line["name"] for line in lines(outcome))


def test_a_wrong_word_is_named_in_one_line(decided, command):
    outcome = decided("loop,gat")
    assert [line for line in outcome.stderr.splitlines() if "'gat'" in line] == [
        "offloop: OFFLOOP_DEBUG: unknown word 'gat': did you mean 'gate'?"]
    assert said(outcome, "loop") and not said(outcome, "gate")
    refused = command("run", "--debug", "loop,gat", "--", "true")
    assert refused.returncode == 2 and refused.stderr.splitlines() == [
        "offloop: --debug: unknown word 'gat': did you mean 'gate'?"]


def test_the_command_has_it_as_an_option(offloop, python):
    outcome = offloop.run([python.path, PROGRAMS / "decisions.py"], options=["--debug", "loop"])
    assert {line["word"] for line in lines(outcome)} == {"loop"}
