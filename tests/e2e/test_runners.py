# SPDX-License-Identifier: MIT
"""Programs under the test runners, profilers and debuggers that users start them with: the blocking line of a test is
reported at its place with exit code 66, and without that line the run is clean. The files are in programs/runners; a
line with a mark `#:` (`//:`) is the blocking one, and is taken out for the clean run."""
import ast
import json
import os
import pathlib
import re
import subprocess

import pytest

from conftest import COMMAND, PROGRAMS, ROOT, TIMEOUT, clean_environment, interpreters
from expectations import assert_told, brief, expectations
from venvs import node_runners, runners_of

MARKED = re.compile(r"^( *)\S.* (?:#|//): .*$", re.MULTILINE)

PYTEST = "-m pytest -q -p no:cacheprovider"

# name: (what is run, its files). On each interpreter where that takes a second:
ON_EACH = {
    "pytest, asyncio.run()": (f"{PYTEST} test_asyncio_run.py", ["test_asyncio_run.py"]),
    "pytest-asyncio, a loop a test": (f"{PYTEST} test_loop_of_function.py", ["test_loop_of_function.py"]),
    "unittest": ("-m unittest -q test_isolated", ["test_isolated.py"]),
    "coverage run": ("-m coverage run script.py", ["script.py"]),
    "pdb": ("-m pdb -c c script.py", ["script.py"]),
    "cProfile": ("-m cProfile -o profile script.py", ["script.py"]),
}

# and on the oldest and the newest, or with OFFLOOP_TEST_RUNNERS=all on each:
ON_TWO = {
    "pytest-asyncio, one loop": (f"{PYTEST} test_loop_of_session.py", ["test_loop_of_session.py"]),
    "anyio's plugin on asyncio": (f"{PYTEST} test_anyio_asyncio.py", ["test_anyio_asyncio.py"]),
    "anyio's plugin on trio": (f"{PYTEST} test_anyio_trio.py", ["test_anyio_trio.py"]),
    "pytest-trio": (f"{PYTEST} test_trio.py", ["test_trio.py"]),
    "pytest-aiohttp": (f"{PYTEST} -o asyncio_mode=auto test_aiohttp.py", ["test_aiohttp.py"]),
    "tornado.testing": ("-m unittest -q test_tornado", ["test_tornado.py"]),
    "Django": ("manage.py test", ["manage.py", "settings.py", "urls.py", "tests.py"]),
    "debugpy": ("-m debugpy --listen 127.0.0.1:0 script.py", ["script.py"]),
    "pytest -s": (f"{PYTEST} -s test_asyncio_run.py", ["test_asyncio_run.py"]),
    "pytest --capture=sys": (f"{PYTEST} --capture=sys test_loop_of_function.py", ["test_loop_of_function.py"]),
    "pytest, IsolatedAsyncioTestCase": (f"{PYTEST} test_isolated.py", ["test_isolated.py"]),
    "pytest, tornado.testing": (f"{PYTEST} test_tornado.py", ["test_tornado.py"]),
    "pytest-xdist": (f"{PYTEST} -n 2 test_loop_of_function.py", ["test_loop_of_function.py"]),
    "pytest-cov": (f"{PYTEST} --cov=. test_loop_of_function.py", ["test_loop_of_function.py"]),
    "coverage run -m pytest": (f"-m coverage run {PYTEST} test_loop_of_function.py", ["test_loop_of_function.py"]),
    "coverage run -m unittest": ("-m coverage run -m unittest -q test_isolated", ["test_isolated.py"]),
}


def cases():
    """(interpreter, runner), one interpreter a version."""
    found = list({each.version[:2]: each for each in reversed(interpreters())}.values())[::-1]
    few = found if os.environ.get("OFFLOOP_TEST_RUNNERS") == "all" else [*found[:1], *found[1:][-1:]]
    for runners, on in (ON_EACH, found), (ON_TWO, few):
        for name, (command, files) in runners.items():
            for interpreter in on:
                yield pytest.param(interpreter, command, files, id=f"{name}-{interpreter}")


def place_of(name):
    [path] = PROGRAMS.joinpath("runners").rglob(name)
    return path


@pytest.fixture
def project(tmp_path):
    """A function that puts files into a folder of the user's, with the blocking lines or without."""
    def make(files, blocking):
        folder = tmp_path / ("blocking" if blocking else "clean")
        folder.mkdir()
        for name in files:
            text = place_of(name).read_text()
            nothing = r"\1console.log('clean')" if name.endswith(".js") else r"\1print('clean')"
            (folder / name).write_text(text if blocking else MARKED.sub(nothing, text))
        return folder
    return make


def function_at(path, line):
    """The innermost function that the line is in."""
    inside = [node for node in ast.walk(ast.parse(path.read_text()))
              if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.lineno <= line <= node.end_lineno]
    return max(inside, key=lambda node: node.lineno).name


def judged(offloop, words, folder, severity="warning"):
    """How it ended, and what to say when that was wrong. Some runners name the files as they were given them."""
    outcome = offloop.run(words, ["--fail-on", severity], cwd=folder)
    for each in outcome.violations:
        if each["culprit"]:
            each["culprit"]["file"] = str(folder / (each["culprit"]["file"] or ""))
    return outcome, "\n".join([*map(brief, outcome.violations), outcome.stdout, outcome.stderr])


@pytest.mark.parametrize("cpython, command, files", cases())
def test_python(offloop, project, cpython, command, files):
    python = runners_of(cpython)
    blocking, clean = project(files, True), project(files, False)
    outcome, said = judged(offloop, [python.path, *command.split()], blocking)
    assert outcome.status == 66, said
    assert_told(outcome.violations, [each for name in files for each in expectations(blocking / name)])
    for each in outcome.violations:
        function = function_at(pathlib.Path(each["culprit"]["file"]), each["culprit"]["line"])
        assert each["culprit"]["function"].rpartition(".")[2] == function, said
    outcome, said = judged(offloop, [python.path, *command.split()], clean)
    assert (outcome.status, outcome.violations) == (0, []), said
    assert "no violations" in outcome.stderr, said


def test_the_command_of_the_readme(offloop, project, tmp_path):
    """As it stands there, in a project whose known violations are in a baseline: 66 by a new one, and only then."""
    [shown] = re.findall(r"^ +\$ (offloop run .* -- pytest)\b", (ROOT / "README.md").read_text(), re.MULTILINE)
    python = runners_of(interpreters()[-1])
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "offloop").symlink_to(COMMAND)
    folder = project(["test_loop_of_function.py"], True)
    (folder / "test_orders.py").write_text("import asyncio\n\n\ndef test_order():\n    async def order():\n"
                                           "        await asyncio.sleep(0.01)\n    asyncio.run(order())\n")
    path = f"{tmp_path / 'bin'}:{python.path.parent}:{os.environ['PATH']}"

    def shell(line):
        return subprocess.run(["bash", "-c", line], cwd=folder, env=clean_environment({"PATH": path}), text=True,
                              capture_output=True, timeout=TIMEOUT)
    assert shell("offloop run -- pytest && offloop baseline -o known.txt").returncode == 0
    known = shell(shown)
    assert known.returncode == 0, known.stdout + known.stderr
    test = folder / "test_orders.py"
    test.write_text(test.read_text().replace("    asyncio.run", "        open(__file__).close()\n    asyncio.run"))
    new = shell(shown)
    assert new.returncode == 66, new.stdout + new.stderr
    assert "new: test_orders.py:7: warning: open(" in new.stderr
    results = json.loads((folder / "offloop.sarif").read_text())["runs"][0]["results"]
    assert [each["locations"][0]["physicalLocation"]["region"]["startLine"] for each in results
            if each["baselineState"] == "new"] == [7]


def done_by_the_test(outcome, folder):
    """Mocha and jest load modules on the loop, some hundred warnings, and names of so much code are not certain: see
    docs/limits.md."""
    return {(each["rule"], each["severity"], each["api"]) for each in outcome.violations if each["culprit"]
            and (each["culprit"]["file"], each["culprit"]["function"]) == (str(folder / "test_node.js"), "reads")
            and each["api"] != "require"}


@pytest.mark.parametrize("runner, severity", [("node --test", "warning"), ("mocha", "error"), ("jest -i", "error")])
def test_node(offloop, project, runner, severity):
    command, *options = runner.split()
    words = [node_runners() / command, *options] if command != "node" else runner.split()
    blocking, clean = project(["test_node.js", "package.json"], True), project(["test_node.js", "package.json"], False)
    outcome, said = judged(offloop, [*words, "test_node.js"], blocking, severity)
    assert outcome.status == 66, said
    assert {("stat", "warning", "fs.statSync"), ("poll", "error", "child_process.execSync")} <= done_by_the_test(outcome, blocking), said
    assert {each["culprit"]["function"] for each in outcome.violations
            if each["severity"] == "error"} == {"reads"}, said
    outcome, said = judged(offloop, [*words, "test_node.js"], clean, severity)
    assert outcome.status == 0, said
    assert done_by_the_test(outcome, clean) == set(), said
