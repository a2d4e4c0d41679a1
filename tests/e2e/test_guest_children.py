# SPDX-License-Identifier: MIT
"""Children that no fork handler sees: those with memory of their own are judged as those of fork(), those in the parent's
memory change nothing of the parent."""
import pytest

from test_guest import hits, same, victim  # noqa: F401

COUNT = 5


@pytest.mark.parametrize("kind", ["_Fork", "syscall-clone", "syscall-clone3"])
def test_a_child_with_memory_of_its_own_is_judged_from_its_first_turn_on(offloop, victim, kind):  # noqa: F811
    guest = same(offloop, [victim("children.c"), kind, COUNT])
    assert hits(guest, "stat") == 3 * COUNT
    assert hits(guest, "access") == COUNT + 1, "the parent's"
    run, = guest.report["runs"]
    assert len(run["processes"]) == 1 + COUNT
    first = run["processes"][0]["pid"]
    assert {process["parent"] for process in run["processes"][1:]} == {first}
    assert {loop["pid"] for loop in run["loops"]} == {process["pid"] for process in run["processes"]}


@pytest.mark.parametrize("kind", ["clone-vm", "clone-vm-vfork", "bare-vfork"])
def test_a_child_in_its_parent_s_memory_is_nobody_s_loop(offloop, victim, kind):  # noqa: F811
    guest = same(offloop, [victim("children.c"), kind, COUNT])
    assert hits(guest, "stat") == 0
    assert hits(guest, "access") == COUNT + 1
    run, = guest.report["runs"]
    assert len(run["processes"]) == len(run["loops"]) == 1
