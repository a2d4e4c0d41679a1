"""Virtual environments with packages from PyPI, made once and kept in OFFLOOP_TEST_VENVS (default: the temporary
folder)."""
import contextlib
import functools
import os
import pathlib
import subprocess
import tempfile

import pytest

from conftest import Interpreter, clean_environment

VENVS = pathlib.Path(os.environ.get("OFFLOOP_TEST_VENVS", tempfile.gettempdir()))


@functools.cache
def venv(path, version):
    folder = VENVS / ("ve-" + ".".join(map(str, version)))
    if not (folder / "bin" / "pip").exists():  # nor made by halves, before python3-venv was there
        subprocess.run([path, "-m", "venv", folder], env=clean_environment(), capture_output=True)
    return Interpreter(folder / "bin" / "python", version)


@functools.cache
def got(python, package):
    """It is there, or could be installed."""
    if not python.has(package):
        words = [python.path, "-m", "pip", "-q", "install", "--retries", "1", package]
        with contextlib.suppress(subprocess.TimeoutExpired):
            subprocess.run(words, env=clean_environment(), capture_output=True, timeout=120)
    return python.has(package)


def python_with(interpreter, package, *others):
    """A venv of this interpreter with the package; skips where it can't be had. The others are installed where that
    works."""
    python = venv(interpreter.path, interpreter.version)
    if not python.path.exists() or not got(python, package):
        pytest.skip(f"no {package} for {interpreter}")
    for each in others:
        got(python, each)
    return python
