# SPDX-License-Identifier: MIT
"""What other tools put around a function is never named for it: the API is what the user called."""
import shutil

import pytest

from expectations import assert_told, expectations
from venvs import python_with


@pytest.fixture
def site(tmp_path, programs):
    """A folder of installed packages."""
    folder = tmp_path / "site-packages"
    folder.mkdir()
    shutil.copy(programs / "installed" / "wraps_things.py", folder)
    return folder


def told(offloop, python, programs, site, which):
    outcome = offloop.preload([python.path, programs / "wrapped.py", which], env={"PYTHONPATH": site})
    assert outcome.status == 0, outcome.stderr
    return outcome.violations, expectations(programs / "wrapped.py", f"by_{which}")


@pytest.mark.parametrize("which", ["own", "holder"])
def test_a_wrapper_of_a_library(offloop, interpreter, programs, site, which):
    assert_told(*told(offloop, interpreter, programs, site, which))


@pytest.mark.parametrize("which", ["wrapt", "blockbuster"])
def test_a_wrapper_of_that_library(offloop, interpreter, programs, site, which):
    python = python_with(interpreter, which)
    assert_told(*told(offloop, python, programs, site, which))
