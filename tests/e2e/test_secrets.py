# SPDX-License-Identifier: MIT
"""What is kept of arguments: secrets never, in no output and not in the record; the rest as OFFLOOP_ARGS says."""
import pytest

from conftest import PROGRAMS
from formats import FORMATS

ARGUMENTS = ["--password", "geheim9", "mysql://root:geheim10@db/x", "--api-key=geheim11", "/home/me/input.txt"]


@pytest.fixture
def secretive(offloop, python):
    def run(**env):
        outcome = offloop.preload([python.path, PROGRAMS / "secretive.py", *ARGUMENTS],
                                  env={"OFFLOOP_SLOW_MS": 0, **env})
        outcome.folder = offloop.folder / f"run-{offloop.runs}" / "records"
        assert outcome.violations, outcome.stderr
        return outcome
    return run


def arguments(outcome, rule):
    return {violation["argument"] for violation in outcome.of_rule(rule)}


@pytest.mark.parametrize("keeps", ["full", "names", "none"])
def test_no_secret_is_in_any_line_record_or_report(offloop, secretive, keeps):
    outcome = secretive(OFFLOOP_ARGS=keeps)
    assert "geheim" not in outcome.stderr
    for record in outcome.folder.iterdir():
        assert b"geheim" not in record.read_bytes()
    for format in FORMATS:
        made = offloop.command("report", "--format", format, outcome.folder)
        assert made.status == 0 and "geheim" not in made.stdout


def test_around_secrets_arguments_are_kept_in_full(secretive):
    outcome = secretive()
    assert "true --password *** 'https://***@host/'" in arguments(outcome, "system")
    assert "/nowhere/customer.db" in arguments(outcome, "open")
    assert any("sh -c sleep 0.1 --token=*** -H Authorization: *** host=h password=***" in (violation["argument"] or "")
               for violation in outcome.violations)
    assert "'--api-key=***' /home/me/input.txt" in outcome.report["runs"][0]["argv"]
    assert "mysql://***@db/x" in outcome.report["runs"][0]["argv"]


def test_of_names_folders_words_and_messages_are_not_kept(secretive):
    outcome = secretive(OFFLOOP_ARGS="names")
    assert "customer.db" in arguments(outcome, "open")
    assert arguments(outcome, "system") == {"true"}
    assert "from -> to" in arguments(outcome, "rename") | arguments(outcome, "folder") | arguments(outcome, "unlink")
    assert outcome.report["runs"][0]["argv"].startswith("python3")
    for said in (outcome.stderr, str([each["argument"] for each in outcome.violations]), outcome.report["runs"][0]["argv"]):
        assert "/nowhere" not in said and "--token" not in said and "/home/me" not in said and "login" not in said


def test_with_none_nothing_is_kept(secretive):
    outcome = secretive(OFFLOOP_ARGS="none")
    assert {violation["argument"] for violation in outcome.violations} == {None}
    assert not outcome.report["runs"][0]["argv"]


@pytest.mark.parametrize("keeps", ["full", "names", "none"])
def test_what_is_kept_changes_no_verdict(offloop, python, tmp_path, keeps):
    """Allow rules look at the whole argument."""
    rules = tmp_path / "allow.rules"
    rules.write_text('allow open path=/nowhere/customer.db "known"\nallow system path="true --password geheim1*" "known"\n')
    outcome = offloop.preload([python.path, PROGRAMS / "secretive.py"],
                              env={"OFFLOOP_ARGS": keeps, "OFFLOOP_RULES": rules})
    assert len(outcome.of_rule("open")) == 1 and not outcome.of_rule("system")


def test_the_command_takes_what_is_to_be_kept(offloop, python):
    outcome = offloop.run([python.path, PROGRAMS / "secretive.py"], options=["--args=names"])
    assert "customer.db" in arguments(outcome, "open")
    refused = offloop.command("run", "--args", "name", "--", "true")
    assert refused.status == 2 and "did you mean 'names'" in refused.stderr
