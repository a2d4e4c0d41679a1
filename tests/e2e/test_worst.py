# SPDX-License-Identifier: MIT
"""What is shown of a violation is its longest hit: the call, stack and argument that cost most."""
import pytest

from conftest import PROGRAMS

LATE_NS = 250_000_000  # the program waits for longer than that


@pytest.fixture
def slow_later(offloop, python, tmp_path):
    def run(kind, *options):
        outcome = offloop.run([python.path, PROGRAMS / "slow_later.py", kind, tmp_path], options)
        assert outcome.status == 0, outcome.stderr
        return outcome
    return run


def line_of(kind, text):
    lines = (PROGRAMS / "slow_later.py").read_text().splitlines()
    return next(i for i, line in enumerate(lines, 1) if text in line)


def slow_ones(outcome):
    return [violation for violation in outcome.violations if violation["max_ns"] >= LATE_NS]


def functions_of(violation):
    return [frame["function"] or "" for frame in violation["stack"]]


def test_the_wait_for_an_answer_is_not_shown_under_the_connect_before_it(slow_later):
    [slow] = slow_ones(slow_later("answer"))
    assert slow["api"] == "http.client.HTTPConnection.getresponse"
    assert any("_read_status" in name for name in functions_of(slow))
    assert slow["culprit"]["line"] == line_of("answer", "link.getresponse()")


def test_of_one_function_of_a_library_the_stack_that_cost_most_is_shown(slow_later):
    [slow] = slow_ones(slow_later("urlopen"))
    assert slow["api"] == "urllib.request.urlopen"
    assert any("_read_status" in name for name in functions_of(slow))
    assert not any("create_connection" in name for name in functions_of(slow))
    assert slow["culprit"]["line"] == line_of("urlopen", "urlopen(f")


@pytest.mark.parametrize("form", ["text", "json", "html", "markdown", "sarif", "junit", "github"])
def test_of_files_opened_in_one_line_the_slow_one_is_named(slow_later, tmp_path, form):
    report = tmp_path / "report"
    [slow] = slow_ones(slow_later("file", "--report", f"{form}={report}"))
    assert slow["argument"] == str(tmp_path / "pipe")
    assert slow["count"] == 4
    text = report.read_text()
    assert "/pipe" in text
    assert "/plain-" not in text


def test_the_flame_graph_has_the_stack_that_cost_most(slow_later, tmp_path):
    folded = tmp_path / "folded"
    slow_later("urlopen", "--report", f"folded={folded}")
    stack, weight = max((line.rsplit(" ", 1) for line in folded.read_text().splitlines()),
                        key=lambda pair: int(pair[1]))
    assert "_read_status" in stack
    assert int(weight) > 0


@pytest.mark.parametrize("options", [[], ["--rules", "homeassistant"]])
def test_a_walk_has_the_time_of_all_its_folders(offloop, interpreter, tmp_path, options):
    """os.walk() is a generator: with the pack only its call was measured."""
    folders = 300
    for i in range(folders):
        (tmp_path / f"folder-{i}").mkdir()
    outcome = offloop.run([interpreter.path, PROGRAMS / "walks.py", tmp_path], options)
    assert outcome.status == 0, outcome.stderr
    [listed] = outcome.of_rule("readdir")
    assert listed["api"] == "os.walk"
    assert listed["count"] >= folders
    assert listed["total_ns"] > folders * 300  # a system call takes longer than that
