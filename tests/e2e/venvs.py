# SPDX-License-Identifier: MIT
"""Virtual environments with packages from PyPI, made once and kept in OFFLOOP_TEST_VENVS (default: the temporary
folder). Tests run in several processes: one makes, the others wait."""
import contextlib
import fcntl
import functools
import os
import pathlib
import shutil
import subprocess
import tempfile

import pytest

from conftest import Interpreter, clean_environment

VENVS = pathlib.Path(os.environ.get("OFFLOOP_TEST_VENVS", tempfile.gettempdir()))


@contextlib.contextmanager
def only_here(folder):
    """Nobody else makes that folder meanwhile."""
    with open(folder.with_name(folder.name + ".lock"), "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@functools.cache
def venv(path, version):
    folder = VENVS / ("ve-" + ".".join(map(str, version)))
    with only_here(folder):
        if not (folder / "bin" / "pip").exists():  # nor made by halves, before python3-venv was there
            subprocess.run([path, "-m", "venv", folder], env=clean_environment(), capture_output=True)
    return Interpreter(folder / "bin" / "python", version)


@functools.cache
def got(python, package):
    """It is there, or could be installed."""
    if python.has(package):
        return True
    words = [python.path, "-m", "pip", "-q", "install", "--retries", "1", package]
    with only_here(python.path.parents[1]), contextlib.suppress(subprocess.TimeoutExpired):
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


RUNNERS = ["pytest", "pytest-asyncio", "anyio", "trio", "pytest-trio", "aiohttp", "pytest-aiohttp", "pytest-xdist", "pytest-cov",
           "coverage", "django", "tornado", "debugpy"]


@functools.cache
def runners_of(interpreter):
    """A venv of this interpreter with test runners, their plugins and debuggers; skips where they can't be had. Apart
    from the others: plugins of pytest are used because they are installed."""
    version = interpreter.version
    folder = VENVS / ("ve-runners-%d.%d" % version[:2])
    python = Interpreter(folder / "bin" / "python", version)
    with only_here(folder):
        if not python.path.exists():
            subprocess.run([interpreter.path, "-m", "venv", folder], env=clean_environment(), capture_output=True)
        if not python.has("debugpy, pytest_cov, xdist, django, pytest_trio"):
            subprocess.run([python.path, "-m", "pip", "-q", "install", "--retries", "1", *RUNNERS],
                           env=clean_environment(), capture_output=True, timeout=400)
    if not python.has("debugpy, pytest_cov, xdist, django, pytest_trio"):
        pytest.skip(f"the test runners can't be had for {interpreter}")
    return python


@functools.cache
def node_runners():
    """The folder of mocha's and jest's commands; skips where they can't be had."""
    folder = VENVS / "ve-node-runners"
    commands = folder / "node_modules" / ".bin"
    if not shutil.which("npm"):
        pytest.skip("npm is not installed")
    with only_here(folder):
        make_node_runners(folder, commands)
    if not (commands / "jest").exists() or not (commands / "mocha").exists():
        pytest.skip("mocha and jest can't be had")
    return commands


def make_node_runners(folder, commands):
    if not (commands / "jest").exists():
        words = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", folder, "mocha", "jest"]
        with contextlib.suppress(subprocess.TimeoutExpired):
            subprocess.run(words, env=clean_environment(), capture_output=True, timeout=300)
