"""A loop that waits by io_uring_enter, through syscall()."""
import subprocess

import pytest

from conftest import ROOT


def test_it_is_found_and_judged(offloop, tmp_path):
    program = tmp_path / "ring"
    subprocess.run(["cc", "-D_GNU_SOURCE", "-o", program, ROOT / "tests/programs/io_uring_loop.c"],
                   check=True)
    outcome = offloop.preload([program])
    if outcome.status == 77:
        pytest.skip("this kernel refuses io_uring")
    assert outcome.status == 0, outcome.stderr
    [loop] = outcome.report["runs"][0]["loops"]
    [violation] = outcome.violations
    assert loop["wait"] == "io_uring_enter" and loop["turns"] >= 2
    assert (violation["rule"], violation["count"]) == ("stat", 3)
