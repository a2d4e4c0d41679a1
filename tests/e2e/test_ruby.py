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
