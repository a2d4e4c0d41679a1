# SPDX-License-Identifier: MIT
"""Under valgrind no line is ours, and what is wrong with the program is still found. Thread checkers get the file of
suppressions that is installed."""
import re
import shutil
import subprocess

import pytest

from test_guest import ROOT, victim  # noqa: F401 (a fixture)

WRONG = 99
SUPPRESSIONS = ROOT / "valgrind" / "offloop.supp"
TOOLS = {
    "memcheck": ["--leak-check=full"],
    "helgrind": [f"--suppressions={SUPPRESSIONS}"],
    "drd": [f"--suppressions={SUPPRESSIONS}"],
}


@pytest.fixture
def under(offloop, victim):  # noqa: F811
    """A function that runs the victim under a tool and the bare library."""
    if not shutil.which("valgrind"):
        pytest.skip("valgrind is not installed")

    def run(tool, fault):
        words = ["valgrind", f"--tool={tool}", f"--error-exitcode={WRONG}", *TOOLS[tool]]
        return offloop.preload([*words, victim("sanitized.c"), fault], timeout=120)
    return run


def lines_of_valgrind(outcome):
    return [line for line in outcome.stderr.splitlines() if re.match(r"(==|--|\*\*)\d+", line)]


@pytest.mark.parametrize("tool", TOOLS)
def test_nothing_is_said_of_us(under, tool):
    outcome = under(tool, "none")
    lines = lines_of_valgrind(outcome)
    assert outcome.status == 0 and "done" in outcome.stdout, outcome.stderr
    assert not [line for line in lines if "offloop" in line or "unhandled" in line or "WARNING" in line]
    assert {"open", "sleep", "join"} <= outcome.rules


@pytest.mark.parametrize("tool,fault,said", [
    ("memcheck", "leak", "definitely lost"), ("memcheck", "overflow", "Invalid write"),
    ("memcheck", "unset", "uninitialised"), ("helgrind", "race", "Possible data race"),
    ("drd", "race", "Conflicting"),
])
def test_what_is_wrong_is_still_found(under, tool, fault, said):
    outcome = under(tool, fault)
    assert outcome.status == WRONG
    assert any(said in line for line in lines_of_valgrind(outcome))


def test_the_file_is_what_is_installed(build):
    shown = subprocess.run(["meson", "introspect", "--installed", build], capture_output=True, text=True, check=True)
    assert "share/offloop/offloop.supp" in shown.stdout
