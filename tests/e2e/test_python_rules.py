# SPDX-License-Identifier: MIT
"""Rules for Python callables of the user's own: every shape of function, imported before and after
the bridge; and that the bridge leaves the program as it was."""
import subprocess

import pytest

from conftest import ROOT, clean_environment, judged_loops

NAMES = ("plain only handles closure cell generator coroutine async_generator caller Thing.method "
         "Child.method Thing.static Thing.of_class Thing.value").split()


@pytest.fixture
def rules(tmp_path):
    file = tmp_path / "own.rules"
    # a function of closure's making is known by where it is kept
    file.write_text("".join(f'loop-only python:shapes:{name} "post it to the loop"\n'
                            for name in NAMES))
    return file


def plain(interpreter, words):
    return subprocess.run([interpreter.path, *words], env=clean_environment(), capture_output=True,
                          text=True, check=True).stdout


@pytest.mark.parametrize("when", ["early", "late"])
def test_every_shape_is_caught_and_works_as_before(offloop, programs, interpreter, rules, when):
    words = [programs / "own_callables.py", when]
    outcome = offloop.preload([interpreter.path, *words], env={"OFFLOOP_RULES": rules})
    assert outcome.stdout == plain(interpreter, words), outcome.stderr
    found = {each["api"] for each in outcome.violations if each["kind"] == "loop-only"}
    assert found == {f"shapes.{name}" for name in NAMES}
    assert all(each["culprit"]["file"].endswith(("own_callables.py", "shapes.py"))
               for each in outcome.violations if each["kind"] == "loop-only")


def test_calls_on_the_loop_are_silent_and_off_loop_only_is_the_reverse(offloop, programs,
                                                                       interpreter, tmp_path):
    rules = tmp_path / "own.rules"
    rules.write_text("loop-only python:shapes:only\noff-loop-only python:shapes:plain\n"
                     "blocking python:shapes:handles name=handles\n")
    program = tmp_path / "turn.py"
    program.write_text(
        "import asyncio, sys, threading\n"
        f"sys.path.insert(0, {str(programs)!r})\n"
        "import shapes\n"
        "def all_of_them():\n"
        "    shapes.only(1, k=2)\n"
        "    shapes.plain(1)\n"
        "    shapes.handles('1')\n"
        "async def main():\n"
        "    await asyncio.sleep(0.02)\n"
        "    if sys.argv[1] == 'loop':\n"
        "        all_of_them()\n"
        "    else:\n"
        "        await asyncio.get_running_loop().run_in_executor(None, all_of_them)\n"
        "asyncio.run(main())\n")

    def found(where):
        outcome = offloop.preload([interpreter.path, program, where], env={"OFFLOOP_RULES": rules})
        return {(each["rule"], each["kind"]) for each in outcome.violations
                if each["kind"] != "blocking" or each["rule"] == "handles"}
    assert found("loop") == {("shapes.plain", "off-loop-only"), ("handles", "blocking")}
    assert found("thread") == {("shapes.only", "loop-only")}


WHERE = '''\
import asyncio, sys, threading

class Cart:
    def __init__(self, loop):
        self.loop = loop

def of_main(item): pass
def by_place(item, loop=None): pass
def by_name(item, *, loop=None): pass
def by_attribute(item, cart): pass
def in_the_rest(item, **more): pass
'''

WHERE_CALLS = '''\
import asyncio, sys, threading
import where

def all_of_them(loop):
    where.of_main(1)
    where.by_place(1, loop)
    where.by_place(1, loop=loop)
    where.by_name(1, loop=loop)
    where.by_attribute(1, where.Cart(loop))
    where.by_attribute(1, cart=where.Cart(loop))
    where.in_the_rest(1, loop=loop)

async def turn(loop):
    await asyncio.sleep(0.02)
    all_of_them(loop or asyncio.get_running_loop())

async def main():
    loop = asyncio.get_running_loop()
    await asyncio.sleep(0.02)
    if sys.argv[1] == "loop":
        return all_of_them(loop)
    way = lambda: all_of_them(loop) if sys.argv[1] == "thread" else asyncio.run(turn(loop))
    thread = threading.Thread(target=way)
    thread.start()
    while thread.is_alive():
        await asyncio.sleep(0.01)

asyncio.run(main())
'''

WHERE_RULES = {"of_main": "loop=main", "by_place": "loop=loop", "by_name": "loop=loop", "by_attribute": "loop=cart.loop",
               "in_the_rest": "loop=loop"}


@pytest.mark.parametrize("caller, times", {"loop": 0, "thread": 1, "other_loop": 1}.items())
def test_the_loop_is_found_where_the_rule_says(offloop, interpreter, tmp_path, caller, times):
    """By name or by place, and judged by the thread that runs it: not by just any loop's."""
    (tmp_path / "where.py").write_text(WHERE)
    program = tmp_path / "calls.py"
    program.write_text(WHERE_CALLS)
    rules = tmp_path / "own.rules"
    rules.write_text("".join(f"loop-only python:where:{name} {loop}\n" for name, loop in WHERE_RULES.items()))
    outcome = offloop.preload([interpreter.path, program, caller], env={"OFFLOOP_RULES": rules})
    assert judged_loops(outcome.report)
    found = [(each["rule"], each["culprit"]["line"]) for each in outcome.violations if each["kind"] == "loop-only"]
    lines = {"of_main": 1, "by_place": 2, "by_name": 1, "by_attribute": 2, "in_the_rest": 1}
    assert len(found) == len(set(found)), outcome.stderr
    assert {name: sum(rule == f"where.{name}" for rule, _ in found) for name in lines} == {
        name: count * times for name, count in lines.items()}


def test_a_forked_child_is_judged_by_its_own_loops(offloop, programs, interpreter, tmp_path):
    rules = tmp_path / "own.rules"
    rules.write_text("loop-only python:asyncio.locks:Event.set loop=arg0._loop\n"
                     "loop-only python:shapes:only\n")
    program = tmp_path / "forks.py"
    program.write_text(
        "import asyncio, os, sys\n"
        f"sys.path.insert(0, {str(programs)!r})\n"
        "import shapes\n"
        "async def main():\n"
        "    await asyncio.sleep(0.02)\n"
        "    event = asyncio.Event()\n"
        "    event._loop = asyncio.get_running_loop()\n"
        "    pid = os.fork()\n"
        "    if not pid:\n"
        "        shapes.only(1, k=2)\n"
        "        event.set()\n"
        "        os._exit(0)\n"
        "    assert os.waitpid(pid, 0)[1] == 0\n"
        "asyncio.run(main())\n")
    outcome = offloop.preload([interpreter.path, program], env={"OFFLOOP_RULES": rules})
    assert outcome.status == 0, outcome.stderr
    assert judged_loops(outcome.report)
    assert [each for each in outcome.violations if each["kind"] == "loop-only"] == []


def test_interrupts_exceptions_and_exit_pass_through(offloop, interpreter, tmp_path):
    rules = tmp_path / "own.rules"
    rules.write_text("loop-only python:json:loads\n")
    program = tmp_path / "raises.py"
    program.write_text(
        "import asyncio, json, os, signal, sys, threading\n"
        "def bad():\n"
        "    try:\n"
        "        json.loads('{')\n"
        "    except ValueError as error:\n"
        "        print(type(error).__name__, error.__traceback__.tb_next is not None)\n"
        "async def main():\n"
        "    await asyncio.sleep(0.02)\n"
        "    await asyncio.get_running_loop().run_in_executor(None, bad)\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    await asyncio.sleep(1)\n"
        "try:\n"
        "    asyncio.run(main())\n"
        "except KeyboardInterrupt:\n"
        "    print('interrupted')\n"
        "sys.exit(3)\n")
    outcome = offloop.preload([interpreter.path, program], env={"OFFLOOP_RULES": rules})
    assert (outcome.status, outcome.stdout) == (3, "JSONDecodeError True\ninterrupted\n")
    assert "json.loads" in {each["rule"] for each in outcome.violations}


def test_an_import_stays_one_import_where_rules_name_what_it_calls(offloop, interpreter, tmp_path):
    (tmp_path / "late.py").write_text("import os\nos.listdir('.')\n")
    program = tmp_path / "imports.py"
    program.write_text("import asyncio\n"
                       "async def main():\n"
                       "    await asyncio.sleep(0.02)\n"
                       "    import late\n"
                       "asyncio.run(main())\n")
    outcome = offloop.preload([interpreter.path, program],
                              env={"OFFLOOP_RULES": ROOT / "rules" / "homeassistant.rules"})
    assert {(each["rule"], each["argument"]) for each in outcome.violations} == {
        ("import", "late"), ("readdir", ".")}
