# SPDX-License-Identifier: MIT
"""Turns the verdicts round, for runs with a library that does nothing (scripts/check-tests): a test
that fails there passes, and one that passes all the same fails. It claims something of the library
and would not notice if that were gone: it wants an assertion that something was watched, such as
`judged_loops(report)` of conftest.py, or has its reason by hand,

    @pytest.mark.holds_without_library("the command alone")

which is wrong where the test fails. Of a file that is about the command, `pytestmark` says it for all
tests; any of them may pass or fail then.
"""
import pytest

MARK = "holds_without_library"


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.skipped or report.when == "teardown":
        return
    holds = item.get_closest_marker(MARK) is not None
    strictly = any(mark.name == MARK for mark in item.own_markers)
    if report.failed and not strictly:
        report.outcome = "passed"
    elif report.failed:
        report.longrepr = f"fails without the library, though marked {MARK}:\n{report.longrepr}"
    elif report.when == "call" and not holds:
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} passes without the library"
