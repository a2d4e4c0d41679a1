# SPDX-License-Identifier: MIT
"""A good guest in a sandbox: a filter of system calls (seccomp) that the program sets allows what the program calls, and
kills for anything else. The library narrows itself to what is allowed, and says so."""
import ctypes.util
import os
import struct
import sys

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


# What offloop asks of the kernel, and Python does not; the names that this libseccomp knows.
BY_LIBSECCOMP = """import asyncio, ctypes, os
seccomp = ctypes.CDLL("libseccomp.so.2")
seccomp.seccomp_init.restype = ctypes.c_void_p

async def main():
    rules = ctypes.c_void_p(seccomp.seccomp_init(0x7fff0000))  # allowed, but for
    for name in b"process_vm_readv mincore getrusage readlinkat rt_sigpending rt_sigtimedwait ppoll waitid".split():
        number = seccomp.seccomp_syscall_resolve_name(name)
        assert seccomp.seccomp_rule_add(rules, 0x80000000, number, 0) == 0  # killed
    assert seccomp.seccomp_load(rules) == 0
    for _ in range(3):
        os.stat("/etc/passwd")
        await asyncio.sleep(0)

asyncio.run(main())
print("done")
"""


def test_libseccomp_from_python(offloop):
    if not ctypes.util.find_library("seccomp"):
        pytest.skip("libseccomp is not installed")
    guest = same(offloop, [sys.executable, "-c", BY_LIBSECCOMP])
    assert guest.stdout == "done\n"
    stat, = guest.of_rule("stat")
    assert (stat["count"], stat["argument"], stat["api"]) == (3, "/etc/passwd", "os.stat")
    assert is_said(guest)


def allow_all():
    """A filter, which is known to nobody that is executed later."""
    libc = ctypes.CDLL(None)
    allow = ctypes.create_string_buffer(struct.pack("HBBI", 6, 0, 0, 0x7fff0000))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", 1, ctypes.addressof(allow)))
    if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, program, 0, 0):
        os._exit(1)


def test_the_command_under_a_filter_says_why_nothing_was_judged(offloop, victim, tmp_path):  # noqa: F811
    words = ["run", "--out", tmp_path, "--fail-on", "warning", "--", victim("looked_up.c"), "wait"]
    watched = offloop.command(*words)
    assert watched.status == 66 and "not watched" not in watched.stderr, watched.stderr
    outcome = offloop.command(*words, preexec_fn=allow_all)
    assert outcome.status == 65, outcome.stderr
    assert f"not watched: {victim('looked_up.c')}: it was started under a seccomp filter" in outcome.stderr
