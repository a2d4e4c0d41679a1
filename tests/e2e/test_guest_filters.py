"""A good guest in a sandbox: a filter of system calls (seccomp) that the program sets allows what the program calls, and
kills for anything else. The library narrows itself to what is allowed, and says so."""
import pytest

from test_guest import hits, same, victim  # noqa: F401

FORBIDS = "what a seccomp filter forbids"


def is_said(outcome):
    return FORBIDS in {spot["what"] for run in outcome.report["runs"] for spot in run["blind_spots"]}


def arguments(outcome, rule):
    return {violation["argument"] for violation in outcome.of_rule(rule)}


@pytest.mark.parametrize("answer", ["kill", "trap", "error"])
@pytest.mark.parametrize("when,stats", [(0, 5), (1, 5), (2, 6)])
def test_a_filter_never_sees_a_call_of_ours(offloop, victim, when, stats, answer):  # noqa: F811
    guest = same(offloop, [victim("filtered.c"), when, "prctl", answer])
    assert (hits(guest, "stat"), hits(guest, "open")) == (stats, 5)
    assert arguments(guest, "stat") == {"/etc/passwd"}
    assert is_said(guest)


@pytest.mark.parametrize("how", ["number", "tsync", "thread", "twice"])
def test_a_filter_is_seen_however_it_is_set(offloop, victim, how):  # noqa: F811
    guest = same(offloop, [victim("filtered.c"), 1, how, "kill"])
    assert (hits(guest, "stat"), hits(guest, "open")) == (5, 5)
    assert is_said(guest)


def test_a_filter_that_looks_at_words_is_asked_about_ours(offloop, victim, tmp_path):  # noqa: F811
    guest = same(offloop, [victim("filtered.c"), 0, "words", "kill"], env={"OFFLOOP_LOG": tmp_path / "log"})
    assert (hits(guest, "stat"), hits(guest, "open")) == (5, 5)
    assert arguments(guest, "open") == {"/etc/hostname"}
    assert is_said(guest)


def test_strict_mode(offloop, victim):  # noqa: F811
    guest = same(offloop, [victim("filtered.c"), 2, "strict", "kill"])
    assert guest.stdout == "strict\n"
    assert hits(guest, "stat") == 1


@pytest.mark.parametrize("how", ["asks", "invalid"])
def test_a_filter_that_was_not_set_changes_nothing(offloop, victim, how):  # noqa: F811
    guest = same(offloop, [victim("filtered.c"), 1, how, "kill"])
    assert (hits(guest, "stat"), hits(guest, "open")) == (5, 5)
    assert not is_said(guest)


def test_a_program_that_was_born_with_a_filter_is_left_alone(offloop, victim):  # noqa: F811
    words = [str(victim("filtered.c")), "0", "exec", "kill"]
    assert same(offloop, words).stdout == "done\n"
    guest = offloop.run(words)
    assert guest.stdout == "done\n"
    assert "filtered: it was started under a seccomp filter" in guest.stderr
