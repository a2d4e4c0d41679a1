# SPDX-License-Identifier: MIT
"""Functions that rules files name are called as without the rule: whatever they take and give, and
however they are left."""
import pathlib

import pytest

from test_functions import VICTIMS, compile_c, functions, rules  # noqa: F401 (a fixture)

WIDE = ["avx", "avx512f"]  # registers of 32 and 64 bytes
RULES = 'blocking odd_* "in a worker"\n'


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    """A function that compiles a victim of libodd.so."""
    folder = tmp_path_factory.mktemp("odd")
    there = pathlib.Path("/proc/cpuinfo").read_text().split()
    wide = [f"-m{name}" for name in WIDE if name in there]
    compile_c(folder / "libodd.so", VICTIMS / "odd_calls.c", *wide, "-shared", "-fPIC", "-fexceptions")

    def link(source, *flags, compiler="gcc"):
        name = "-".join([source, compiler, *(flag.strip("-") for flag in flags)])
        return compile_c(folder / name, VICTIMS / source, *wide, *flags, "-L", folder, "-lodd",
                         "-Wl,-rpath,$ORIGIN", "-lpthread", compiler=compiler)
    return link


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
@pytest.mark.parametrize("flag", ["-O0", "-O2", "-fno-plt"])
def test_arguments_and_results_are_those_of_the_plain_call(offloop, odd, rules, compiler, flag):  # noqa: F811
    outcome = offloop.preload([odd("call_odd.c", flag, compiler=compiler)], env=rules(RULES))
    assert (outcome.status, outcome.stdout) == (0, "done\n")
    assert {"odd_words", "odd_heap", "odd_gives_words", "odd_mixed", "odd_counts",
            "odd_long_double", "odd_complex"} <= set(functions(outcome))
    assert {each["count"] for each in outcome.violations} == {3}


@pytest.mark.parametrize("compiler", ["g++", "clang++"])
def test_calls_that_are_left_in_other_ways_than_by_returning(offloop, odd, rules, compiler):  # noqa: F811
    outcome = offloop.preload([odd("leave_calls.cc", compiler=compiler)], env=rules(RULES))
    assert (outcome.status, outcome.stdout) == (0, "done\n")
    hits = sum(each["count"] for each in outcome.violations if each["function"] == "odd_calls")
    assert hits >= 10_000  # 4,000 exceptions, 4,000 jumps, 2,000 coroutines
    spots = [spot["why"] for run in outcome.report["runs"] for spot in run["blind_spots"]]
    assert not any("never returned" in why for why in spots)
