# SPDX-License-Identifier: MIT
"""Right ways between threads and loops, of the standard library and of libraries from PyPI: silent under
rules/asyncio.rules, which tells of wrong ones only."""
import pytest

from conftest import ROOT, judged_loops
from venvs import python_with

PACK = ROOT / "rules" / "asyncio.rules"
LIBRARIES = ["janus", "culsans", "aiosqlite", "asgiref", "anyio", "aiofiles", "tornado",
             "nest_asyncio", "prompt_toolkit"]


@pytest.mark.parametrize("kind", ["stock", "uvloop"])
@pytest.mark.parametrize("library", ["stdlib", *LIBRARIES])
def test_right_ways_are_silent(offloop, programs, interpreter, library, kind):
    if library == "nest_asyncio" and kind == "uvloop":
        pytest.skip("nest_asyncio patches the stock loop only")
    python = interpreter
    if (library, kind) != ("stdlib", "stock"):
        python = python_with(interpreter, "uvloop", *LIBRARIES)
    outcome = offloop.preload([python.path, programs / "safe_handovers.py", library, kind],
                              env={"OFFLOOP_RULES": PACK})
    if outcome.status == 77:
        pytest.skip(f"{interpreter}: {outcome.stdout.strip()}")
    assert outcome.status == 0, outcome.stderr
    assert judged_loops(outcome.report)
    assert [(each["rule"], each["argument"], each["culprit"]["line"])
            for each in outcome.violations if each["kind"] != "blocking"] == []
