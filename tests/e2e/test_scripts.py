# SPDX-License-Identifier: MIT
"""scripts/: what they make of words that they do not know."""
import subprocess

import pytest

from conftest import ROOT

pytestmark = pytest.mark.holds_without_library("the library has no part in it")


@pytest.mark.parametrize("minutes", ["soon", "-3", "1.5.2", ""])
def test_fuzzing_needs_a_time_that_ends(minutes):
    said = subprocess.run([ROOT / "scripts" / "fuzz", minutes], capture_output=True, text=True, check=False)
    assert (said.returncode, said.stderr) == (
        2, f"scripts/fuzz: '{minutes}' is neither minutes nor --check or --minimize\n")
