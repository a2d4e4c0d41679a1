# SPDX-License-Identifier: MIT
"""docs/coverage.md against the tables of the program: what it says to be watched is a row of
detector/calls.def under a rule that the line names."""
import re

import pytest

from conftest import ROOT

pytestmark = pytest.mark.holds_without_library("of tables and pages")

TABLES = {"Home Assistant": 18, "blockbuster": 40, "aiocop": 20, "pyleak": 3, "BlockHound": 20, "RealtimeSanitizer": 120}
LINE = re.compile(r"^\| (?P<there>`.*?) \| (?P<rules>[^|`]+) \| (?P<here>[^|]+) \|$")


def rows():
    """{symbol: its rule's name}, with the spellings of each row"""
    text = (ROOT / "detector" / "calls.def").read_text()
    found = re.findall(r'^(?:CALL|SPELLING|NEAR|NULLARY|VARIADIC|ODD)\((\w+), "[^"]+", (\w+)(.*(?:\n .*)*)', text, re.M)
    return {symbol: rule.replace("_", "-") for first, rule, rest in found
            for symbol in (first, *re.findall(r"\b(?:SAME|OTHER)\((\w+)", rest))}


def rules():
    return set(re.findall(r'^RULE\(\w+, "([^"]+)"', (ROOT / "detector" / "rules.def").read_text(), re.M))


def tables():
    """[(tool, its lines)]"""
    text = (ROOT / "docs" / "coverage.md").read_text()
    for tool, body in re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", text, re.M | re.S):
        lines = [line for line in body.splitlines() if line.startswith("|")][2:]
        yield tool, lines


@pytest.fixture(scope="module")
def lines():
    return [(tool, line) for tool, of_tool in tables() for line in of_tool]


def test_every_line_names_functions_or_a_reason(lines):
    bad = [line for _, line in lines if not LINE.match(line)]
    assert bad == []


def test_every_rule_exists(lines):
    named = {rule for _, line in lines for rule in LINE.match(line)["rules"].split(", ")}
    assert named - rules() - {"none"} == set()


def test_what_is_watched_has_a_row_under_one_of_the_lines_rules(lines):
    """Of a line without a rule, nothing has a row; an import is judged by its frames, whatever it calls."""
    known = rows()
    bad = []
    for _, line in lines:
        found = LINE.match(line)
        of_line = set(found["rules"].split(", "))
        symbols = re.findall(r"`(\w+)`", found["here"].split("; ")[0])
        of_symbols = {symbol: known.get(symbol) for symbol in symbols}
        if of_line == {"none"}:
            bad += [line for name in re.findall(r"`(\w+)`", found["there"]) if name in known]
        elif of_line == {"import"}:
            bad += [line for rule in of_symbols.values() if not rule]
        elif symbols != ["syscall"]:
            bad += [f"{symbol} ({rule}): {line}" for symbol, rule in of_symbols.items() if rule not in of_line]
    assert bad == []


def test_every_rule_of_a_line_is_that_of_a_function_it_names(lines):
    known = rows()
    for _, line in lines:
        found = LINE.match(line)
        symbols = re.findall(r"`(\w+)`", found["here"])
        if found["rules"] not in ("none", "import") and "syscall" not in symbols:
            assert set(found["rules"].split(", ")) - {known.get(symbol) for symbol in symbols} == set(), line


def test_no_tool_lost_its_functions():
    """As many as were on their lists, at least."""
    for tool, of_tool in tables():
        there = [name for line in of_tool for name in re.findall(r"`[^`]+`", LINE.match(line)["there"])]
        assert len(there) == len(set(there)), [name for name in there if there.count(name) > 1]
        assert len(there) >= TABLES.pop(tool), (tool, len(there))
    assert TABLES == {}
