# SPDX-License-Identifier: MIT
"""What other tools document that they report, or leave alone (programs/peers.py, a function each): here it is reported
under its rule, or silent, or docs/coverage.md says why not."""
import collections
import importlib.util

import pytest

from conftest import PROGRAMS, ROOT

COVERAGE = " ".join((ROOT / "docs" / "coverage.md").read_text().split())


def load():
    spec = importlib.util.spec_from_file_location("peers", PROGRAMS / "peers.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.CASES


CASES = load()
TOOLS = {"blockbuster": 45, "aiocop": 45, "pyleak": 8, "homeassistant": 20}


def wanted(case):
    return set(case.rules) - {""}


def told_by_case(outcome):
    """{function: the rules that it was reported under}"""
    told = collections.defaultdict(set)
    for each in outcome.violations:
        told[(each["culprit"]["function"] or "?").partition(".")[0]].add(each["rule"])
    return told


def test_every_case_is_as_it_should_be(offloop, interpreter, programs, tmp_path):
    outcome = offloop.preload([interpreter.path, programs / "peers.py", tmp_path / "folder"],
                              env={"OFFLOOP_SLOW_MS": 50})  # what is slow there takes twice as long
    assert outcome.status == 0, outcome.stderr
    told = told_by_case(outcome)
    missed = {name: told[name] for name, case in CASES.items() if wanted(case) and not told[name] & wanted(case)}
    false = {name: told[name] for name, case in CASES.items() if not wanted(case) and told[name]}
    assert (missed, false) == ({}, {})
    assert set(told) - set(CASES) == set(), "reported without a case"


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.because])
@pytest.mark.holds_without_library("of tables and pages")
def test_what_is_not_reported_has_its_reason_in_the_page(name):
    assert CASES[name].because in COVERAGE


@pytest.mark.holds_without_library("of tables and pages")
def test_each_tool_has_its_cases():
    found = collections.Counter(tool for case in CASES.values() for tool in case.tools)
    assert {tool: count for tool, count in TOOLS.items() if found[tool] < count} == {}, found
    assert set(found) == set(TOOLS)
