# SPDX-License-Identifier: MIT
"""Loops of Java: what a program does on a selector's thread, and what the machine does there itself."""
import shutil
import subprocess

import pytest

from conftest import clean_environment

pytestmark = pytest.mark.usefixtures("steady")


@pytest.fixture(scope="session")
def classes(programs, tmp_path_factory):
    compiler = shutil.which("javac") or pytest.skip("javac is not installed")
    folder = tmp_path_factory.mktemp("java")
    words = [compiler, "-d", folder, programs / "java" / "Waits.java"]
    done = subprocess.run(words, env=clean_environment(), capture_output=True, text=True)
    if "java.net.http" in done.stderr or "invalid" in done.stderr:
        pytest.skip("a Java before 11")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def java(offloop, classes, tool):
    def run(*words):
        program = [tool("java"), "-Xmx64m", "-XX:-UsePerfData", "-cp", classes, "Waits", *words]
        outcome = offloop.run(program, env={"OFFLOOP_STALL_MS": "3600000"})
        assert outcome.status == 0, outcome.stderr
        return outcome
    return run


@pytest.mark.parametrize("what", ["nothing", "allocate"])
def test_waits_of_the_machine_are_not_told(java, what):
    outcome = java(what)
    assert outcome.violations == []
    [loop] = outcome.report["runs"][0]["loops"]
    assert loop["turns"] >= 3
    if what == "allocate":
        assert any("libjvm" in each["rule"] and each["hits"]
                   for each in outcome.report["totals"]["suppressed"])


@pytest.mark.parametrize("what, rule", [
    ("sleep", "cond-wait"), ("wait", "cond-wait"), ("park", "cond-wait"), ("queue", "cond-wait"),
    ("gc", "cond-wait"), ("read", "open")])
def test_what_the_program_asks_for_is_told(java, what, rule):
    outcome = java(what)
    assert rule in outcome.rules
    assert sum(each["count"] for each in outcome.violations if each["rule"] == rule) >= 4


def test_the_http_clients_own_selector_is_no_loop(java, free_port):
    """Beside a loop of the program's own."""
    outcome = java("client", f"http://127.0.0.1:{free_port()}/")
    assert len(outcome.report["runs"][0]["loops"]) == 1
    assert outcome.violations == []
