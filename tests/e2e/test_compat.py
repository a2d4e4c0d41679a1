# SPDX-License-Identifier: MIT
"""scripts/compat: what its comparison of two runs makes of their outcomes, and what its readers read."""
import pathlib
import subprocess
import sys

import pytest

from conftest import ROOT

sys.path.insert(0, str(ROOT / "tests" / "compat"))

import compare  # noqa: E402 (found by the line above)
import outcomes  # noqa: E402
import page  # noqa: E402
import sources  # noqa: E402
import suites  # noqa: E402
import trial  # noqa: E402


def verdicts(without, with_it, explained=()):
    """Whose the difference of a test is that ends so in run after run (the last outcome repeats)."""
    counts = {"without": 0, "with": 0}
    outcomes_of = {"without": without, "with": with_it}

    def measure(unit, side, names):
        at = min(counts[side], len(outcomes_of[side]) - 1)
        counts[side] += 1
        return {"steady": "passed", "test": outcomes_of[side][at], compare.ENDING: "0"}

    _, found = compare.compare("unit", measure, 3, explained)
    return [(one.name, one.whose) for one in found]


def test_same_outcomes_are_no_difference():
    assert not verdicts(["passed"], ["passed"])
    assert not verdicts(["failed"], ["failed"])


def test_always_otherwise_with_the_library_is_ours():
    assert verdicts(["passed"], ["failed"]) == [("test", "ours")]
    assert verdicts(["failed"], ["passed"]) == [("test", "ours")]


def test_unsteady_without_the_library_is_the_suites_own():
    assert verdicts(["passed", "failed", "passed"], ["failed", "passed"]) == [("test", "suite")]


def test_sometimes_otherwise_with_the_library_only_is_open():
    assert verdicts(["passed"], ["failed", "passed"]) == [("test", "open")]


def test_what_is_explained_has_that_name():
    explained = [("unit: te*", "limit", "counts its descriptors")]
    assert verdicts(["passed"], ["failed"], explained) == [("test", "limit")]


def test_a_test_that_is_missing_on_one_side_differs():
    assert compare.compared({"a": "passed"}, {}) == ["a"]


def test_a_crash_at_the_end_is_a_difference():
    def measure(unit, side, names):
        return {"test": "passed", compare.ENDING: "0" if side == "without" else "signal 11"}

    _, found = compare.compare("unit", measure, 1, ())
    assert [(one.name, one.whose) for one in found] == [(compare.ENDING, "ours")]


def test_that_a_run_failed_because_of_a_test_is_no_second_difference():
    def measure(unit, side, names):
        fails = side == "with"
        return {"test": "failed" if fails else "passed", compare.ENDING: "failed" if fails else "0"}

    _, found = compare.compare("unit", measure, 1, ())
    assert [one.name for one in found] == ["test"]


def test_readers_know_what_suites_print(tmp_path):
    tap = "1..4\nok 1 - plain\nnot ok 2 - broken\nok 3 - absent # SKIP no ipv6\nok 4 - plain\n"
    assert outcomes.tap(tap, tmp_path) == {
        "plain": "passed", "broken": "failed", "absent": "skipped", "plain #2": "passed"}
    (tmp_path / outcomes.JUNIT).write_text(
        '<testsuites><testsuite><testcase classname="a.B" name="one"/><testcase classname="a.B" name="two"><failure/>'
        '</testcase><testcase name="three"><skipped/></testcase></testsuite></testsuites>')
    assert outcomes.junit("", tmp_path) == {"a.B.one": "passed", "a.B.two": "failed", "three": "skipped"}
    tree = "pkg.test_it\n  FirstTests\n    test_a ...   [OK]\n    test_b ...   [SKIPPED]\n  Second\n    test_a ... [FAIL]\n"
    assert trial.read(tree, tmp_path) == {
        "pkg.test_it.FirstTests.test_a": "passed", "pkg.test_it.FirstTests.test_b": "skipped",
        "pkg.test_it.Second.test_a": "failed"}


@pytest.mark.parametrize("said, suite, read", [
    ("[ok]: SET and GET (3 ms)\n[err]: DEL in tests/unit/x.tcl\n[ignore]: TLS\n", "redis",
     {"SET and GET": "passed", "DEL": "failed", "TLS": "skipped"}),
    ("main/methods: OK\nutil/ipv4: SKIPPED\nhttp/base: \n  FAIL regress.c:12: x\n", "libevent",
     {"main/methods": "passed", "util/ipv4": "skipped", "http/base": "failed"}),
    ("test tablespace     ... ok    445 ms\n     boolean   ... FAILED\n", "postgresql",
     {"tablespace": "passed", "boolean": "failed"}),
    ("before GET /a {}: 200 1 ab\nnginx ended: 0\n", "nginx", {"before GET /a {}": "200 1 ab", "nginx ended": "0"}),
])
def test_readers_know_the_lines_of_a_suite(said, suite, read):
    reader = next(row.read for row in suites.SUITES if row.name == suite)
    assert reader(said, pathlib.Path()) == read


def test_the_page_is_what_was_run():
    assert page.PAGE.read_text() == page.text([suite for suite in suites.SUITES if suite.full])


def test_no_section_that_was_run_has_a_difference_of_ours():
    for row in page.rows_of(page.KEPT):
        assert not [one for one in page.differences(row) if one["whose"] in page.FAILING], row["section"]


def test_every_row_says_which_version_was_run():
    assert not [row["section"] for row in page.rows_of(page.KEPT) if not row["version"]]


def test_the_version_of_a_program_is_what_it_says(tmp_path):
    sources.program(tmp_path, "nginx", "sh", "-c", "echo nginx version: nginx/1.22.1 >&2; exit 1")
    assert (tmp_path / "version").read_text() == "nginx 1.22.1\n"
    for missing in (["sh", "-c", "echo not found"], ["/nowhere/nginx", "-v"]):
        with pytest.raises(sources.Unavailable, match="no nginx"):
            sources.program(tmp_path, "nginx", *missing)


def test_the_list_names_every_section():
    said = subprocess.run([ROOT / "scripts" / "compat", "--list"], capture_output=True, text=True, check=True).stdout
    assert [line.split()[0] for line in said.splitlines()] == [suite.name for suite in suites.SUITES]
