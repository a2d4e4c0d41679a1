# SPDX-License-Identifier: MIT
"""Every row of detector/calls.def and every number of shim/syscalls.def, by every_call.c.

The program makes each call in each of its situations ("worlds"), and says what came of it: the
value, errno, whether the call's effect is to be seen, what a violation is to show, and whether the
situation lets the call block at all. Here its runs are compared: without the library, off the
loop, and on it, with calls that all count as slow, that none does, and that are blocked.
"""
import collections
import errno
import functools
import json
import os
import pathlib
import re

import pytest

from conftest import ROOT, Offloop, clean_environment, judged_loops

CANARY = 76  # errno before each call
UNCHANGED = None

# What fails.def promises, by id: value, errno. Functions that return a pointer say 1 or 0.
FAILURES = {
    "minus_one": (-1, errno.EDEADLK),
    "null": (0, errno.EDEADLK),
    "zero": (0, errno.EDEADLK),
    "zero_read": (0, errno.EDEADLK),
    "eof": (-1, errno.EDEADLK),
    "errnum": (errno.EDEADLK, UNCHANGED),
    "unslept": (1, errno.EDEADLK),
    "thrd_failed": (-2, errno.EDEADLK),
    "eai_system": (-11, errno.EDEADLK),
    "host_null": (0, errno.EDEADLK),
    "host_r": (errno.EDEADLK, errno.EDEADLK),
    "entry_r": (errno.EDEADLK, UNCHANGED),
    "h_errno_minus_one": (-1, errno.EDEADLK),
    "glob_aborted": (2, errno.EDEADLK),
    "wordexp_failed": (1, errno.EDEADLK),
    "dl_null": (0, errno.EDEADLK),
    "gnutls_failed": (-64, UNCHANGED),
    "mbedtls_failed": (-0x2900, UNCHANGED),
    "key_failed": (-0x3e00, UNCHANGED),
    "thrd_error": (2, UNCHANGED),
    "weof": (0xffffffff, errno.EDEADLK),
}
NEVER = 1000000  # ms: no call is slow


def failure(row):
    """Value and errno of that row when it is blocked; (None, None) where it can't be."""
    value, error = FAILURES.get(row["fail"], (None, None))
    return value, CANARY if value is not None and error is UNCHANGED else error


WORLDS = 12  # of a row, at most


class Run:
    """The situations of a program by (symbol, world), and the violations of each. It was run once for each world, since
    a violation is a line, whoever called its function."""

    def __init__(self, outcomes, watched):
        self.rows = {}
        self.told = collections.defaultdict(list)
        self.others = []
        loops = 0
        for outcome in outcomes:
            self.add(outcome)
            loops += len(judged_loops(outcome.report))
        assert bool(loops) == watched, "of some rows that wait, each makes a loop"

    def add(self, outcome):
        assert outcome.status == 0, outcome.stderr
        rows = [json.loads(line) for line in outcome.stdout.splitlines()]
        found = {(row["symbol"], row["world"]): row for row in rows}
        assert len(found) == len(rows) and not found.keys() & self.rows.keys(), "two worlds of a row have one name"
        self.rows.update(found)
        by_frames = {(f"call_{row['symbol']}", f"in_situation_{row['index']}"): key for key, row in found.items()}
        for violation in outcome.violations:
            functions = {frame["function"] for frame in violation["stack"]}
            places = [key for frames, key in by_frames.items() if functions.issuperset(frames)]
            if len(places) == 1:
                self.told[places[0]].append(violation)
            else:
                self.others.append(violation)

    def hits(self, key):
        return sum(violation["count"] for violation in self.told[key])

    def result(self, key):
        row = self.rows[key]
        return row["value"], row["errno"], row["happened"]


def assert_all(run, of_row):
    """`of_row` says what is wrong with a situation, given its key and row, or nothing."""
    found = {key: of_row(key, row) for key, row in run.rows.items()}
    bad = [f"{symbol} ({world}): {text}" for (symbol, world), text in found.items() if text]
    assert not bad, f"{len(bad)} of {len(found)} situations:\n" + "\n".join(bad)


@pytest.fixture(scope="module")
def every_call(build, tmp_path_factory):
    """A function that gives a run, made once for each set of its words."""
    program = build / "tests" / "victim-every_call"
    root = tmp_path_factory.mktemp("every-call")
    offloop = Offloop(root)

    @functools.lru_cache(maxsize=None)
    def made(where, watched, slow_ms, policy):
        def in_world(world):
            folder = root / f"{where}-{watched}-{slow_ms}-{policy}-{world}"
            folder.mkdir()
            env = {"OFFLOOP_SLOW_MS": slow_ms, "OFFLOOP_POLICY": policy, "OFFLOOP_LOG": "off",
                   "OFFLOOP_STALL_MS": 0, "SSL_CERT_FILE": None, "EVERY_CALL_WORLD": world}
            words = [program, where, folder]
            if watched:
                return offloop.preload(words, env=env, timeout=120)
            unwatched = {"SSL_CERT_FILE": None, "EVERY_CALL_WORLD": world}
            return offloop._finish(words, clean_environment(unwatched), 120)
        return Run(map(in_world, range(WORLDS)), watched)

    def run(where, watched=True, slow_ms=NEVER, policy="report"):
        return made(where, watched, slow_ms, policy)
    return run


@pytest.fixture(scope="module")
def plain(every_call):
    return every_call("off", watched=False)


def differs(run, other, key, _):
    if run.result(key) != other.result(key):
        return f"{run.result(key)} instead of {other.result(key)} (value, errno, happened)"
    return None


# the situations are what they claim, and nothing is to be seen of the library off the loop

@pytest.mark.holds_without_library("of the victim alone")
def test_the_calls_do_what_they_are_for(plain):
    def check(key, row):
        failed = row["wanted_errno"] != 0
        if (row["errno"] != row["wanted_errno"]) if failed else row["value"] == failure(row)[0]:
            return f"errno {row['errno']} ({os.strerror(row['errno'])}), value {row['value']}"
        return "it did not happen" if row["happened"] == 0 else None
    assert_all(plain, check)


@pytest.mark.holds_without_library("of the victim alone")
def test_on_a_loop_they_do_the_same(plain, every_call):
    alone = every_call("on", watched=False)
    assert_all(alone, functools.partial(differs, alone, plain))


@pytest.mark.parametrize("where, slow_ms, policy", [
    ("off", 0, "report"), ("off", 0, "block"), ("on", 0, "report"), ("on", NEVER, "report"),
    ("on", 5, "backtrace")])
def test_value_errno_and_effect_are_the_real_ones(plain, every_call, where, slow_ms, policy):
    run = every_call(where, slow_ms=slow_ms, policy=policy)

    assert_all(run, functools.partial(differs, run, plain))


def test_off_the_loop_nothing_is_told(every_call):
    for policy in ("report", "block"):
        run = every_call("off", slow_ms=0, policy=policy)
        assert run.told == {} and run.others == []


# on the loop: as often as it blocks, once

EXPECTED = {
    # OFFLOOP_SLOW_MS: verdicts that are told, verdicts that are not
    0: lambda row: row["verdict"] != "silent",
    NEVER: lambda row: row["verdict"] == "counts",
}


@pytest.mark.parametrize("slow_ms", EXPECTED)
def test_each_situation_counts_once_or_not_at_all(every_call, slow_ms):
    run = every_call("on", slow_ms=slow_ms)
    expected = EXPECTED[slow_ms]

    def check(key, row):
        if run.hits(key) != int(expected(row)):
            told = [(each["rule"], each["count"]) for each in run.told[key]]
            return f"{row['verdict']}: told {told}"
        return None
    assert_all(run, check)
    assert [(each["rule"], each["function"], each["argument"]) for each in run.others] == []


def test_what_took_long_counts_by_default(every_call):
    run = every_call("on", slow_ms=5, policy="backtrace")
    slow = [key for key, row in run.rows.items() if row["takes_long"]]
    assert len(slow) > 20
    assert {key: run.hits(key) for key in slow if run.hits(key) != 1} == {}
    silent = [key for key, row in run.rows.items() if row["verdict"] == "silent"]
    assert {key: run.hits(key) for key in silent if run.hits(key)} == {}


def test_a_violation_tells_the_rule_the_function_and_the_argument(every_call):
    run = every_call("on", slow_ms=0)

    def check(key, row):
        if row["verdict"] == "silent" or len(run.told[key]) != 1:
            return None
        [violation] = run.told[key]
        expected = {"rule": row["rule"].replace("_", "-"), "function": row["function"],
                    "argument": row["argument"], "action": "report", "blocked": False}
        found = {name: violation[name] or "" if name == "argument" else violation[name]
                 for name in expected}
        on_loop = violation["thread"]["on_loop"]
        return None if found == expected and on_loop else f"{found} instead of {expected}"
    assert_all(run, check)


# block

def test_a_blocked_call_fails_as_documented_and_does_nothing(plain, every_call):
    run = every_call("on", policy="block")

    def check(key, row):
        if row["verdict"] != "counts" or row["fail"] == "never":
            expected = plain.result(key)
        else:
            expected = (*failure(row), min(row["happened"], 0))
        if run.result(key) != expected:
            return f"{run.result(key)} instead of {expected} (value, errno, happened)"
        return None
    assert_all(run, check)


def test_a_blocked_call_is_told_as_blocked(every_call):
    run = every_call("on", policy="block")

    def check(key, row):
        if run.hits(key) != (row["verdict"] == "counts"):
            return f"told {run.hits(key)} times"
        if any(each["blocked"] != (row["fail"] != "never") for each in run.told[key]):
            return f"blocked: {[each['blocked'] for each in run.told[key]]}"
        return None
    assert_all(run, check)


# the calls that nobody returns from

@pytest.mark.parametrize("symbol", ["execve", "execv", "execvp", "execvpe", "fexecve", "execl", "execlp", "execle",
                                    "daemon"])
def test_a_loop_that_becomes_another_program_is_told(build, tmp_path, symbol):
    rule = "fork" if symbol == "daemon" else "exec"
    offloop = Offloop(tmp_path)
    program = build / "tests" / "victim-every_call"
    outcome = offloop.preload([program, "exec", symbol], env={"OFFLOOP_POLICY": "report"})
    assert (outcome.status, outcome.stdout) == (0, "became echo\n"), outcome.stderr
    [violation] = [each for each in outcome.violations if each["rule"] == rule]
    assert (violation["function"], violation["count"]) == (symbol, 1)
    blocked = offloop.preload([program, "exec", symbol], env={"OFFLOOP_POLICY": f"{rule}=block"})
    assert (blocked.status, blocked.stdout) == (errno.EDEADLK, ""), blocked.stderr


# the table

@pytest.mark.holds_without_library("of the victim alone")
def test_every_failure_is_tried(plain):
    """Each way to fail that fails.def knows is some row's, but for the one that means none."""
    text = pathlib.Path(ROOT / "detector" / "fails.def").read_text()
    known = set(re.findall(r"^FAIL\((\w+), true", text, re.M))
    used = {row["fail"] for row in plain.rows.values()}
    assert used - {"never"} == known
