# SPDX-License-Identifier: MIT
"""Handlers of signals on a loop: what a signal has interrupted is not part of the place of what its handler does, and the
handler never waits for what it has interrupted."""
import sys

import pytest

from test_guest import hits, same, victim  # noqa: F401

PROGRAM = """import asyncio, ctypes, sys
strike = ctypes.CDLL(sys.argv[1]).strike

def another():
    strike()

async def main():
    strike()
    await asyncio.sleep(0)
    another()
    [strike() for _ in range(2)]

asyncio.run(main())
print("done")
"""


def functions(violation):
    return [frame["function"] for frame in violation["stack"]]


@pytest.mark.parametrize("stack", ["own", "alternate"])
def test_a_handler_s_place_is_the_handler(offloop, victim, stack):  # noqa: F811
    guest = same(offloop, [victim("interrupted.c", "-rdynamic"), stack])
    opened, = guest.of_rule("open")
    assert functions(opened) == ["from_handler", "on_alarm"]
    assert opened["culprit"]["function"] == "from_handler"
    assert opened["count"] >= 1
    assert {functions(violation)[-1] for violation in guest.of_rule("stat")} == {"_start"}, "the program's own are whole"
    assert hits(guest, "stat") >= 300


def test_a_handler_that_forks(offloop, victim):  # noqa: F811
    guest = same(offloop, [victim("forks_in_handler.c")])
    assert hits(guest, "stat") > 0


def test_a_handler_of_c_is_not_python_s(offloop, victim):  # noqa: F811
    library = victim("handler_library.c", "-shared", "-fPIC", name="handler_library.so")
    guest = same(offloop, [sys.executable, "-c", PROGRAM, library])
    struck = [violation for violation in guest.of_rule("stat") if violation["argument"] == "/etc/hostname"]
    assert [violation["count"] for violation in struck] == [4]
    assert functions(struck[0]) == ["handler"]
