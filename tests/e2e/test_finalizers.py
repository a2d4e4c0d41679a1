# SPDX-License-Identifier: MIT
"""What the garbage collector runs is its doing, not that of the line in which it happens to begin."""
import re

import pytest


def readdirs(offloop, interpreter, programs, *words):
    outcome = offloop.run([interpreter.path, programs / "finalizers.py", *words])
    assert outcome.status == 0, outcome.stderr
    return outcome.of_rule("readdir"), outcome


@pytest.mark.parametrize("how, finalizer, marked", [
    ("cycle-del", "finalizers.Job.__del__", "__del__"),
    ("cycle-callback", "finalizers.callback", "callback"),
    ("cycle-given", "finalizers.given", "given"),
    ("cycle-generator", "finalizers.lines", "lines"),
])
def test_the_collector_is_the_culprit_and_the_finalizer_is_named(offloop, interpreter, programs,
                                                                 how, finalizer, marked):
    """Wherever it began: one id."""
    text = (programs / "finalizers.py").read_text()
    line = next(i for i, each in enumerate(text.splitlines(), 1) if each.endswith(f"#: {marked}"))
    ids = set()
    for made_before in ("0", "150", "600"):
        [found], outcome = readdirs(offloop, interpreter, programs, how, made_before)
        assert found["culprit"]["function"] == "the garbage collector"
        assert found["culprit"]["file"] is None and found["api"] == finalizer
        assert found["stack"][0]["line"] == line
        assert not {"first", "second", "main"} & {each["function"] for each in found["stack"]}
        assert len(re.findall(r"readdir\)?$|explain readdir", outcome.stderr, re.MULTILINE)) == 1
        ids.add(found["id"])
    assert len(ids) == 1


@pytest.mark.parametrize("how", ["deleted", "assigned", "asked"])
def test_what_ends_in_a_line_of_the_users_is_that_lines(offloop, interpreter, programs, how):
    """Its last reference went there, or it asked the collector to run. `__del__` is nearer."""
    lines = (programs / "finalizers.py").read_text().splitlines()
    marked = {each.split("#: ")[1]: i for i, each in enumerate(lines, 1) if "#: " in each}
    [found], _ = readdirs(offloop, interpreter, programs, how, "0")
    assert found["culprit"]["function"] == "Job.__del__"
    assert found["culprit"]["line"] == marked["__del__"]
    [caller] = [each for each in found["stack"] if each["function"] == "main"]
    assert caller["line"] == marked[how]


FILES = """\
import asyncio, gc, os, sys, tempfile, warnings
warnings.simplefilter("ignore")
class Holder:
    pass
async def innocent(things):
    for i in range(250):
        things.append([i])
async def main():
    gc.disable()
    await asyncio.sleep(0.01)
    holder = Holder()
    holder.folder = tempfile.TemporaryDirectory()
    holder.itself = holder
    del holder
    await asyncio.sleep(0.01)
    gc.enable()
    things = [[i] for i in range(int(sys.argv[1]))]
    for _ in range(20):
        await innocent(things)
asyncio.run(main())
"""


def test_a_finalizer_of_the_standard_library_is_named(command, interpreter, tmp_path):
    """And a baseline knows it again."""
    program = tmp_path / "app.py"
    program.write_text(FILES)
    command("run", "--log", "off", "--out", "first", "--", interpreter.path, program, "0")
    command("baseline", "first", "-o", "known")
    known = [line.split("  ") for line in (tmp_path / "known").read_text().splitlines()
             if line and line[0] != "#"]
    assert ["tempfile", "TemporaryDirectory._cleanup", "tempfile.TemporaryDirectory._cleanup"] in \
        [words[1:3] + words[4:] for words in known]
    for made_before in ("100", "333", "500"):
        again = command("run", "--log", "off", "--out", made_before, "--baseline", "known", "--",
                        interpreter.path, program, made_before)
        assert again.returncode == 0 and "new:" not in again.stderr, again.stderr
