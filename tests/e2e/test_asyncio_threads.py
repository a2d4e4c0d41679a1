# SPDX-License-Identifier: MIT
"""rules/asyncio.rules: what belongs to a loop's thread, called from there and from elsewhere, on the
stock loop and on uvloop, on every CPython of the machine."""
import re
import subprocess

import pytest

from conftest import ROOT, clean_environment, judged_loops
from test_python_calls import certificate  # noqa: F401 (a fixture)
from venvs import python_with

PACK = ROOT / "rules" / "asyncio.rules"
APIS = set(re.findall(r"^ {12}\"(asyncio\.[\w.]+)\": lambda",
                      (ROOT / "tests/e2e/programs/wrong_thread.py").read_text(), re.M))


@pytest.fixture(params=["stock", "uvloop"])
def loop_of(request, interpreter):
    """(interpreter, arguments) that run wrong_thread.py on this kind of loop."""
    if request.param == "stock":
        return interpreter, []
    return python_with(interpreter, "uvloop"), ["uvloop"]


def run(offloop, programs, loop_of, where, *more, policy="report"):
    python, arguments = loop_of
    env = {"OFFLOOP_RULES": PACK, "OFFLOOP_POLICY": f"report,loop-only={policy}"}
    words = [python.path, programs / "wrong_thread.py", where, *arguments, *more]
    outcome = offloop.preload(words, env=env)
    assert outcome.status == 0, outcome.stderr
    assert judged_loops(outcome.report)
    return outcome


def loop_only(outcome):
    return [each for each in outcome.violations if each["kind"] == "loop-only"]


@pytest.mark.parametrize("imported", ["early", "late"])
@pytest.mark.parametrize("where", ["thread", "executor", "second-loop"])
def test_each_call_from_elsewhere_is_one_violation_and_can_be_blocked(offloop, programs, loop_of,
                                                                      where, imported):
    outcome = run(offloop, programs, loop_of, where, imported, policy="block")
    found = loop_only(outcome)
    assert sorted(each["api"] for each in found) == sorted(APIS)
    assert all(each["blocked"] and each["count"] == 1 for each in found)
    assert set(outcome.stdout.split("\n")[:-1]) == {f"refused {api}" for api in APIS}


@pytest.mark.parametrize("where", ["thread", "loop"])
def test_every_kind_of_transport(offloop, programs, loop_of, certificate, where):
    """Blocked, since uvloop may crash where they happen."""
    python, arguments = loop_of
    program = programs / "wrong_thread_transports.py"
    pair = f"{certificate}/ca.pem:{certificate}/key.pem"
    env = {"OFFLOOP_RULES": PACK, "OFFLOOP_POLICY": "report,loop-only=block"}
    outcome = offloop.preload([python.path, program, where, pair, *arguments], env=env)
    assert outcome.status == 0, outcome.stderr
    assert judged_loops(outcome.report)
    lines = enumerate(program.read_text().splitlines(), 1)
    marked = {(number, line.split("# ")[1]) for number, line in lines
              if "  # asyncio.transport." in line}
    told = {(each["culprit"]["line"], each["api"]) for each in loop_only(outcome)}
    assert told == (marked if where == "thread" else set())


def test_the_violation_names_both_threads_the_place_and_the_way_out(offloop, programs, interpreter):
    outcome = run(offloop, programs, (interpreter, []), "thread", policy="block")
    [stop] = [each for each in outcome.violations if each["api"] == "asyncio.loop.stop"]
    assert stop["rule"] == stop["function"] == "asyncio.loop.stop"
    assert re.fullmatch(r"called in thread \d+ \(stranger\), its loop runs in thread \d+ "
                        r"\(MainThread\)", stop["argument"])
    assert stop["culprit"]["file"].endswith("wrong_thread.py") and stop["severity"] == "error"
    assert "call_soon_threadsafe(loop.stop)" in stop["hint"]
    assert not stop["thread"]["on_loop"]


@pytest.mark.parametrize("imported", ["early", "late"])
@pytest.mark.parametrize("where", ["loop", "safe", "idle"])
def test_right_calls_are_silent(offloop, programs, loop_of, where, imported):
    if where == "idle" and loop_of[1]:
        pytest.skip("uvloop itself refuses some of them on a loop that does not run")
    assert loop_only(run(offloop, programs, loop_of, where, imported)) == []


def test_what_a_wrong_call_does_inside_is_part_of_it(offloop, interpreter, tmp_path):
    program = tmp_path / "inner.py"
    program.write_text(
        "import asyncio, threading\n"
        "async def main():\n"
        "    loop = asyncio.get_running_loop()\n"
        "    await asyncio.sleep(0.01)\n"
        "    future = loop.create_future()\n"
        "    future.add_done_callback(int)\n"
        "    thread = threading.Thread(target=future.set_result, args=(1,))\n"
        "    thread.start()\n"
        "    await asyncio.sleep(0.2)\n"
        "asyncio.run(main())\n")
    outcome = offloop.preload([interpreter.path, program], env={"OFFLOOP_RULES": PACK})
    assert [each["api"] for each in loop_only(outcome)] == ["asyncio.Future.set_result"]


def test_without_rules_for_python_nothing_is_touched(offloop, interpreter):
    code = ("import asyncio, types\n"
            "async def main():\n"
            "    await asyncio.sleep(0.01)\n"
            "    print(types.FunctionType.__name__, asyncio.Event.set.__code__.co_consts)\n"
            "asyncio.run(main())\n")
    plain = subprocess.run([interpreter.path, "-c", code], env=clean_environment(),
                           capture_output=True, text=True)
    outcome = offloop.preload([interpreter.path, "-c", code])
    assert outcome.stdout == plain.stdout
    assert judged_loops(outcome.report)


def test_a_name_that_is_not_there_is_a_blind_spot(offloop, interpreter, tmp_path):
    rules = tmp_path / "own.rules"
    rules.write_text("loop-only python:asyncio.events:no_such_function\n")
    code = "import asyncio; asyncio.run(asyncio.sleep(0.01)); import time; asyncio.run(asyncio.sleep(0))"
    outcome = offloop.preload([interpreter.path, "-c", code + "; open('/etc/hosts')"],
                              env={"OFFLOOP_RULES": rules})
    spots = [each for run in outcome.report["runs"] for each in run["blind_spots"]]
    assert any("no_such_function" in each["what"] for each in spots)
