# SPDX-License-Identifier: MIT
"""Ruby: what blocks is named by method, file and line, and by what the line called."""
import shutil
import subprocess

import pytest

from conftest import PROGRAMS

TWO = PROGRAMS / "ruby_two.rb"


@pytest.fixture(scope="module")
def ruby():
    found = shutil.which("ruby")
    if not found or subprocess.run([found, "-e", "require 'eventmachine'"], capture_output=True).returncode:
        pytest.skip("ruby with eventmachine is not installed")
    return found


def places(outcome):
    return {(v["api"], v["culprit"]["function"], v["culprit"]["line"]) for v in outcome.violations}


def test_two_methods_are_two_places(offloop, ruby):
    outcome = offloop.preload([ruby, TWO])
    assert places(outcome) == {("File.read", "Shop#hosts", 5), ("Dir.entries", "lists", 7)}


def test_a_rule_names_a_method(offloop, ruby, tmp_path):
    (tmp_path / "own.rules").write_text('allow open ruby=ruby_two:Shop#hosts "known"\n')
    outcome = offloop.preload([ruby, TWO], env={"OFFLOOP_RULES": str(tmp_path / "own.rules")})
    assert places(outcome) == {("Dir.entries", "lists", 7)}


def test_a_reactor_that_waits_for_the_interpreters_lock_waits_for_nobody(offloop, ruby):
    """Two threads that compute take the lock for a tenth of a second each; the reactor's selector has to wait for it."""
    if subprocess.run([ruby, "-e", "require 'nio'"], capture_output=True).returncode:
        pytest.skip("nio4r is not installed")
    outcome = offloop.preload([ruby, PROGRAMS / "ruby_lock.rb"])
    assert outcome.status == 0
    assert places(outcome) == {("File.read", "reads", 5)}


@pytest.mark.parametrize("way", ["epoll", "select"])
def test_what_waits_below_a_callback_is_no_wait_of_the_reactor(offloop, ruby, way):
    outcome = offloop.preload([ruby, PROGRAMS / "ruby_waits.rb", way])
    assert outcome.status == 0
    assert {(v["api"], v["culprit"]["line"]) for v in outcome.violations} == {
        ("Thread#join", 7), ("Thread::Queue#pop", 8), ("Kernel#sleep", 9), ("Thread::Mutex#synchronize", 15)}
