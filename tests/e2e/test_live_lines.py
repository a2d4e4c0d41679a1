# SPDX-License-Identifier: MIT
"""Live lines: repeated when it gets much worse, and the same functions and places as in the report."""
import re
import shutil

import pytest

from conftest import PROGRAMS

LINE = re.compile(r"offloop: (?P<severity>\w+): (?P<api>[\w.<>]+)\((?P<argument>.*)\) on (loop )?thread "
                  r"\d+ \(.*?\), (?P<time>[\d.]+ \w+), at (?P<place>\S+?:\d+) in (?P<function>\S+)")


def told(outcome):
    return [found for found in map(LINE.match, outcome.live_lines) if found]


def milliseconds(found):
    number, unit = found["time"].split()
    return float(number) * {"ns": 1e-6, "us": 1e-3, "ms": 1, "s": 1000}[unit]


@pytest.fixture
def sleeper(offloop, python):
    def run(*seconds, env=None):
        words = [python.path, PROGRAMS / "worse_and_worse.py", *seconds]
        return offloop.run(words, env={"OFFLOOP_SLOW_MS": 100, **(env or {})})
    return run


def test_a_place_that_really_blocks_later_is_told_again(sleeper):
    lines = told(sleeper(0.0001, 0.0001, 0.2, 0.0001))
    assert len(lines) == 2
    assert milliseconds(lines[0]) < milliseconds(lines[1])
    assert milliseconds(lines[1]) > 100


def test_what_does_not_get_ten_times_worse_is_not(sleeper):
    assert len(told(sleeper(0.2, 0.25, 0.4, 0.0001))) == 1


def test_what_gets_ten_times_worse_is(sleeper):
    lines = told(sleeper(0.15, 2.5, 0.2))
    assert len(lines) == 2 and milliseconds(lines[1]) > 1000


def test_repeated_lines_count_against_the_most(sleeper):
    outcome = sleeper(0.0001, 0.2, 0.0001, env={"OFFLOOP_LOG_MAX": 1})
    assert len(told(outcome)) == 1
    assert any("OFFLOOP_LOG_MAX" in line for line in outcome.live_lines)


def places(outcome):
    """(function, place, function that is to blame) of each violation."""
    return {(each["api"], f"{each['culprit']['file']}:{each['culprit']['line']}",
             each["culprit"]["function"]) for each in outcome.violations}


@pytest.mark.parametrize("kind", ["answer", "urlopen", "file"])
def test_names_and_places_are_those_of_the_report(offloop, interpreter, tmp_path, kind):
    program = PROGRAMS / "slow_later.py"
    words = [interpreter.path, program, kind, tmp_path]
    outcome = offloop.run(words, cwd="/")
    lines = {(found["api"], found["place"].replace("//", "/"), found["function"])
             for found in told(outcome)}
    reported = places(outcome)
    assert {(api, "/" + place.lstrip("/"), function) for api, place, function in lines} == reported
    last = outcome.live_lines[-1]
    totals = outcome.report["totals"]
    assert f"{len(outcome.violations)} violation" in last and f"{totals['hits']} hit" in last


SCRIPT = """
const fs = require('fs');
function load() { fs.readFileSync('/etc/hostname'); }
setTimeout(load, 20);
"""


def test_a_line_of_node_names_no_place_that_is_none(offloop, tmp_path):
    node = shutil.which("node")
    if not node:
        pytest.skip("no node")
    script = tmp_path / "app.js"
    script.write_text(SCRIPT)
    outcome = offloop.run([node, script])
    [violation] = outcome.of_rule("open")
    assert violation["culprit"]["function"] == "load"
    [line] = [line for line in outcome.live_lines if "open(" in line]
    assert ", at JavaScript of app.js [node] " in line and "+0x" not in line
    assert f"{len(outcome.violations)} violation" in outcome.live_lines[-1]
