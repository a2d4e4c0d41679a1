# SPDX-License-Identifier: MIT
"""Rules name functions: the data of a program and the addresses of its functions stay what they are,
however wide the rule."""
import pytest

from test_functions import LINKED, VICTIMS, compile_c, functions, rules  # noqa: F401 (a fixture)

OWN = {"plain": [], "no-plt": ["-fno-plt"], "lazy": ["-Wl,-z,lazy"]}


@pytest.fixture(params=OWN)
def library(request, tmp_path):
    return compile_c(tmp_path / "libaddresses.so", VICTIMS / "addresses_lib.c", *OWN[request.param],
                     "-shared", "-fPIC")


@pytest.fixture(params=LINKED)
def victim(request, library):
    return compile_c(library.parent / "addresses", VICTIMS / "addresses.c", *LINKED[request.param],
                     "-L", library.parent, "-laddresses", "-Wl,-rpath,$ORIGIN", "-ldl")


@pytest.mark.parametrize("name", ["addresses_*", "*", "stdout", "addresses_data", "*1*"])
def test_addresses_and_data_stay(offloop, victim, rules, name):  # noqa: F811
    outcome = offloop.preload([victim], env=rules(f'blocking {name} "no"\n'))
    assert (outcome.status, outcome.stdout) == (0, "looked\ndone\n")
    found = set(functions(outcome))
    assert not {"addresses_data", "addresses_text", "addresses_local", "stdout"} & found
    if name == "addresses_*":
        assert {"addresses_run", "addresses_own"} <= found


def test_who_looks_at_an_address_is_a_blind_spot(offloop, library, rules):  # noqa: F811
    """One slot serves for the call and for the address where there is no table for calls."""
    victim = compile_c(library.parent / "addresses", VICTIMS / "addresses.c", "-fno-plt", "-L",
                       library.parent, "-laddresses", "-Wl,-rpath,$ORIGIN", "-ldl")
    outcome = offloop.preload([victim], env=rules('blocking addresses_work "no"\n'))
    spots = [spot for run in outcome.report["runs"] for spot in run["blind_spots"]]
    assert [spot["what"] for spot in spots if "looks at its address" in spot["why"]] == ["addresses_work"]


@pytest.mark.parametrize("name", ["setjmp", "_setjmp", "__sigsetjmp", "vfork", "dlsym", "syscall"])
def test_what_returns_twice_is_not_wrapped(offloop, build, tmp_path, rules, name):  # noqa: F811
    victim = compile_c(tmp_path / "returns_twice", VICTIMS / "returns_twice.c", "-ldl")
    outcome = offloop.preload([victim], env=rules(f'blocking {name} "no"\n'))
    assert (outcome.status, outcome.stdout) == (0, "done\n")
    spots = [spot for run in outcome.report["runs"] for spot in run["blind_spots"]]
    whys = [spot["why"] for spot in spots if spot["what"] == name]
    assert any("returns twice" in why or "no object" in why for why in whys)


def test_a_rule_for_everything(offloop, tmp_path, rules):  # noqa: F811
    victim = compile_c(tmp_path / "returns_twice", VICTIMS / "returns_twice.c", "-ldl")
    outcome = offloop.preload([victim], env=rules('blocking * "no"\n'))
    assert (outcome.status, outcome.stdout) == (0, "done\n")
    spots = [spot for run in outcome.report["runs"] for spot in run["blind_spots"]]
    assert [spot["what"] for spot in spots if "are left out" in spot["why"]] == ["*"]
