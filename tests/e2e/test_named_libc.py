# SPDX-License-Identifier: MIT
"""Functions that are taken from the C library's own handle, as foreign function interfaces do: judged as those of the
plain name are, wherever they are the same functions."""
import os
import shutil
import subprocess

import pytest

from conftest import judged_loops
from expectations import assert_told, expectations
from venvs import python_with


@pytest.fixture
def by_handle(compiled):
    return compiled("named_libc", "-D_GNU_SOURCE")


@pytest.mark.parametrize("way", ["name", "version", "default", "next", "program", "thread-library"])
def test_the_function_of_the_plain_name(offloop, by_handle, way):
    outcome = offloop.preload([by_handle, way])
    assert (outcome.status, outcome.stdout) == (0, "the same\n")
    assert [(each["rule"], each["argument"], each["count"]) for each in outcome.of_rule("sleep")] == [
        ("sleep", "20 ms", 1)]


def test_who_asks_for_another_copy_gets_it(offloop, by_handle):
    outcome = offloop.preload([by_handle, "copy"])
    assert (outcome.status, outcome.stdout) == (0, "another\n")
    assert judged_loops(outcome.report)
    assert outcome.of_rule("sleep") == []


def test_a_version_that_there_is_not(offloop, by_handle):
    outcome = offloop.preload([by_handle, "missing-version"])
    assert (outcome.status, outcome.stdout) == (0, "none\nwith an error\n")
    assert judged_loops(outcome.report)


@pytest.mark.holds_without_library("nothing is to be different")
def test_two_versions_stay_two_functions(offloop, by_handle):
    assert offloop.preload([by_handle, "versions"]).stdout == "two\n"


def test_nothing_is_given_where_nothing_is_watched(offloop, by_handle):
    outcome = offloop.preload([by_handle, "name"], env={"OFFLOOP_POLICY": "ignore"})
    assert (outcome.status, outcome.stdout) == (0, "another\n")


def test_it_can_be_blocked(offloop, by_handle):
    outcome = offloop.preload([by_handle, "name"], env={"OFFLOOP_POLICY": "sleep=block"})
    assert (outcome.status, [each["blocked"] for each in outcome.of_rule("sleep")]) == (0, [True])


@pytest.mark.parametrize("order", ["before", "after"])
def test_a_preload_that_asks_the_c_library_itself_never_meets_itself(offloop, build, compiled, by_handle, order):
    peer = compiled("usleep_preload", "-D_GNU_SOURCE", "-shared", "-fPIC")
    library = build / "shim" / "liboffloop.so"
    preload = f"{peer}:{library}" if order == "before" else f"{library}:{peer}"
    outcome = offloop.preload([by_handle, "default"], env={"LD_PRELOAD": preload})
    assert (outcome.status, outcome.stdout) == (0, "the same\npassed on 1\n")
    assert [each["count"] for each in outcome.of_rule("sleep")] == [1]


def test_by_ctypes(offloop, programs, interpreter):
    if not interpreter.has("ctypes"):
        pytest.skip(f"{interpreter} has no ctypes")
    outcome = offloop.preload([interpreter.path, programs / "named_libc.py", "ctypes"])
    assert outcome.status == 0, outcome.stderr
    assert_told(outcome.violations, expectations(programs / "named_libc.py", "by_ctypes"))


def test_by_cffi(offloop, programs, python):
    of_venv = python_with(python, "cffi")
    outcome = offloop.preload([of_venv.path, programs / "named_libc.py", "cffi"])
    assert outcome.status == 0, outcome.stderr
    assert_told(outcome.violations, expectations(programs / "named_libc.py", "by_cffi"))


LANGUAGES = {"lua": ["luajit"], "rb": ["ruby"], "pl": ["perl"], "js": ["node"]}
NEEDS = {"lua": ["-e", "require('ffi')"], "rb": ["-rfiddle", "-e", "1"], "pl": ["-MFFI::Platypus", "-e", "1"],
         "js": ["-e", "require('koffi')"]}


def folder_of_koffi():
    """NODE_PATH, or where npm keeps what is installed for everybody."""
    if os.environ.get("NODE_PATH") or not shutil.which("npm"):
        return os.environ.get("NODE_PATH", "")
    found = subprocess.run(["npm", "root", "-g"], capture_output=True, text=True, timeout=60)
    return found.stdout.strip()


@pytest.mark.parametrize("language", LANGUAGES)
def test_by_another_language(offloop, programs, tool, language):
    words = [tool(LANGUAGES[language][0])]
    env = {"NODE_PATH": folder_of_koffi()} if language == "js" else {}
    found = subprocess.run([*words, *NEEDS[language]], env={**os.environ, **env}, capture_output=True, text=True)
    if found.returncode:
        pytest.skip(f"{words[0]}: {found.stderr.splitlines()[0] if found.stderr else 'lacks the library'}")
    outcome = offloop.preload([*words, programs / f"named_libc.{language}"], env=env)
    assert outcome.status == 0, outcome.stderr
    assert [(each["argument"], each["count"]) for each in outcome.of_rule("sleep")] == [("20 ms", 1)]
