# SPDX-License-Identifier: MIT
"""Arguments that the call itself does not have: where a socket is on its way to, whom a library's epoll waits for,
which command a child runs, what a format says."""
import fnmatch
import socket

import pytest

from expectations import expectations, is_met

pytestmark = pytest.mark.usefixtures("steady")


@pytest.fixture
def ports():
    """One that answers nobody, since its queue is full, and one that does."""
    with socket.socket() as full, socket.socket() as listening:
        for each in (full, listening):
            each.bind(("127.0.0.1", 0))
        full.listen(0)
        listening.listen(8)
        waiting = []
        for _ in range(3):
            waiting.append(socket.socket())
            waiting[-1].setblocking(False)
            waiting[-1].connect_ex(full.getsockname())
        yield {"full": full.getsockname()[1], "open": listening.getsockname()[1]}
        for each in waiting:
            each.close()


def is_told(expected, violations):
    rules = expected.rule.split("|")
    return any(is_met(expected._replace(rule=rule, argument="*"), each)
               and fnmatch.fnmatchcase(each["argument"] or "", expected.argument)
               for each in violations for rule in rules)


def test_arguments_that_have_to_be_looked_for(offloop, interpreter, programs, ports):
    outcome = offloop.preload([interpreter.path, programs / "arguments.py", ports["full"], ports["open"]])
    assert outcome.status == 0, outcome.stderr
    expected = expectations(programs / "arguments.py", **ports)
    told = [(each["culprit"]["line"], each["rule"], each["api"], each["argument"]) for each in outcome.violations]
    assert [one for one in expected if not is_told(one, outcome.violations)] == [], told
    for one in expected:  # and nothing else stands at these lines that would say another thing
        if "*" not in one.argument:
            assert {argument for line, _, _, argument in told if line == one.line} == {one.argument}


def test_the_live_line_says_the_same(offloop, python, programs, ports):
    outcome = offloop.preload([python.path, programs / "arguments.py", ports["full"], ports["open"]])
    for words in (f'("127.0.0.1:{ports["full"]}")', "(sleep 0.3))", '("all of 100%")', '("127.0.0.1")'):
        assert words in outcome.stderr, words


def test_commands_that_node_waits_for(offloop, tool, programs):
    outcome = offloop.run([tool("node"), programs / "commands.js"])
    assert outcome.status == 0, outcome.stderr
    waits = {each["argument"].partition(" (")[2] for each in outcome.of_rule("poll")}
    assert waits == {"/bin/sh -c sleep 0.02)", "/bin/sleep 0.03)", "sleep 0.04)"}
