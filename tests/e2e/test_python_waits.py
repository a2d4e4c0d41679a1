"""Waits of Python's for somebody else are judged by what was called, not by how long it took; what is there already is
no wait."""
import pytest

from conftest import PROGRAMS
from expectations import assert_told, expectations

pytestmark = pytest.mark.usefixtures("steady")

PROGRAM = PROGRAMS / "waits_for_others.py"


def test_a_wait_is_told_by_what_was_called(offloop, interpreter):
    outcome = offloop.preload([interpreter.path, PROGRAM, "waiting"])
    assert outcome.status == 0, outcome.stderr
    expected = expectations(PROGRAM)
    assert len(expected) == 28
    assert_told(outcome.violations, expected)
    assert {(each["rule"], each["culprit"]["line"]) for each in outcome.violations if each["severity"] != "error"} == set()


def test_what_is_there_already_is_not_waited_for(offloop, interpreter):
    outcome = offloop.preload([interpreter.path, PROGRAM, "ready"])
    assert outcome.status == 0, outcome.stderr
    assert_told(outcome.violations, [])
