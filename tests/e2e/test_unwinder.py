# SPDX-License-Identifier: MIT
"""When libunwind is loaded: at start where a loop is to be expected, else when the program itself loads something or leaves
its root folder, at last at a loop's first wait. Programs without a loop never load it."""
import os

import pytest

from test_guest import hits, plain, same, victim  # noqa: F401

OWN_STACKS = "native stacks"


def culprits(guest):
    return {each["culprit"]["function"] for each in guest.of_rule("stat")}


def blind_spots(guest):
    return {spot["what"] for run in guest.report["runs"] for spot in run["blind_spots"]}


def maps(offloop, words):
    return offloop.preload([*words, "/proc/self/maps"]).stdout


def test_what_has_no_loop_does_not_load_it(offloop):
    loaded = maps(offloop, ["cat"])
    assert "liboffloop" in loaded
    assert "libunwind" not in loaded and "liblzma" not in loaded


def test_what_imports_a_loop_s_functions_has_it_from_the_start(offloop, interpreter):
    assert "libunwind" in maps(offloop, [interpreter.path, "-c", "import select, sys; print(open(sys.argv[1]).read())"])


def test_where_the_user_names_loops_it_is_there_from_the_start(offloop):
    loaded = offloop.preload(["cat", "/proc/self/maps"], env={"OFFLOOP_LOOP": "main"}).stdout
    assert "libunwind" in loaded


@pytest.mark.parametrize("words", [["wait"], ["load"], ["fork"], ["fork", "thread"], ["_Fork"]], ids=" ".join)
def test_a_loop_of_functions_that_were_looked_up_has_its_stacks(offloop, victim, words):  # noqa: F811
    guest = same(offloop, [victim("looked_up.c"), *words])
    assert hits(guest, "stat") == 3
    assert culprits(guest) == {"work"}
    assert OWN_STACKS not in blind_spots(guest)


def test_a_child_that_nobody_saw_of_several_threads_does_not_load_it(offloop, victim):  # noqa: F811
    """Another thread may have had the allocator's lock: its hits are counted, with their caller alone."""
    guest = same(offloop, [victim("looked_up.c"), "_Fork", "thread"])
    assert hits(guest, "stat") == 3
    assert culprits(guest) == {"work"}
    assert OWN_STACKS in blind_spots(guest)


def test_another_root_folder_has_no_libunwind(offloop, victim, tmp_path):  # noqa: F811
    if os.geteuid() != 0:
        pytest.skip("chroot needs root")
    program = victim("looked_up.c")
    (tmp_path / "etc").mkdir()
    assert plain(offloop, [program, "chroot", tmp_path]).status == 0
    guest = offloop.preload([program, "chroot", tmp_path])
    assert guest.status == 0, guest.stderr
    assert hits(guest, "stat") == 3
    assert OWN_STACKS not in blind_spots(guest)
