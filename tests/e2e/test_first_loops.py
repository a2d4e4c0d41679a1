# SPDX-License-Identifier: MIT
"""Threads that begin their first loops at the same moment: what one of them finds out about the
process is decided for all."""
import pytest

from conftest import LIBRARY
from expectations import assert_told, expectations

pytestmark = pytest.mark.usefixtures("steady")

LOOPS = 8


def assert_all_are_judged(outcome, file):
    assert (outcome.status, outcome.stdout) == (0, ""), outcome.stderr
    assert_told(outcome.violations, expectations(file))
    [run] = outcome.report["runs"]
    assert outcome.report["totals"]["hits"] == LOOPS
    assert len(run["loops"]) == LOOPS
    assert not [each for each in run["blind_spots"] if "frames" in each["why"]]


def test_all_first_loops_are_judged_while_others_ask_for_the_version(offloop, programs, interpreter):
    file = programs / "first_loops.py"
    for _ in range(3):
        assert_all_are_judged(offloop.preload([interpreter.path, file]), file)


def test_the_interpreter_is_known_without_a_call_into_it(offloop, programs, interpreter, compiled):
    """Its version stands in a buffer that is empty while another thread asks for it."""
    asked = compiled("version_asked", "-D_GNU_SOURCE", "-shared", "-fPIC")
    file = programs / "first_loops.py"
    both = {"LD_PRELOAD": f"{LIBRARY}:{asked}"}
    outcome = offloop.preload([interpreter.path, file], env=both)
    assert_all_are_judged(outcome, file)
    assert outcome.report["runs"][0]["language"].startswith(
        "python " + ".".join(map(str, interpreter.version[:2])))
