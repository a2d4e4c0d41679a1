# SPDX-License-Identifier: MIT
"""Every command, rule and workflow that the pages show is run as it stands there, in a small project that has what
they speak of; or the page says beside it why it is not. What is added to a page is taken up by itself."""
import json
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import pytest

from conftest import BUILD, LIBRARY, ROOT, TIMEOUT, clean_environment
from documented import RULES, all_shown, kind_of, shown_in, yaml

SHOWN = list(all_shown())
APP = """import asyncio
import contextlib
import time


async def handle():
    await asyncio.sleep(0.01)
    open("/etc/hosts").close()
    with contextlib.suppress(OSError):  # the page's policy may block it
        time.sleep(0.01)


if __name__ == "__main__":
    asyncio.run(handle())
"""
TESTS = "import asyncio\n\nimport app\n\n\ndef test_handle():\n    asyncio.run(app.handle())\n"

# What pages call by a name that stands for the reader's own.
STANDS_FOR = {"/path/liboffloop.so": str(LIBRARY), "/opt/offloop-source/": f"{ROOT}/", "FILE": "written.baseline",
              "OLD": "old", "NEW": "new", "RULE": "sleep", "FOLDER": ".", "RUNNER": "pytest"}
# Programs of the reader's: the project's, by other names.
STAND_INS = {"pytest": "-m pytest -p no:cacheprovider -q", "python3": "", "prog": "app.py", "hass": "app.py",
             "pip": "-c pass"}
NOT_OURS = ("actions/", "github/")  # steps of workflows


@pytest.fixture(scope="session")
def stand_ins(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bin")
    for name, words in STAND_INS.items():
        (folder / name).write_text(f'#!/bin/sh\nexec {sys.executable} {words} "$@"\n')
        (folder / name).chmod(0o755)
    (folder / "offloop").symlink_to(BUILD / "report" / "offloop")
    return folder


@pytest.fixture
def environment(build, stand_ins, tmp_path):
    """What a command of a page is run with."""
    return clean_environment({
        "PATH": f"{stand_ins}:{os.environ['PATH']}", "HOME": tmp_path,
        "GITHUB_ACTION_PATH": ROOT, "RUNNER_TEMP": tmp_path / "runner", "GITHUB_PATH": tmp_path / "github-path",
        "GITHUB_OUTPUT": tmp_path / "github-output", "PYTHONDONTWRITEBYTECODE": "1"})


@pytest.fixture(scope="session")
def made_project(build, stand_ins, tmp_path_factory):
    """A program and a test with two sites, which one baseline knows and the other does not; records of earlier runs."""
    folder = tmp_path_factory.mktemp("made") / "project"
    (folder / "tests").mkdir(parents=True)
    (folder / "app.py").write_text(APP)
    (folder / "tests" / "test_app.py").write_text(TESTS)
    (folder / "conftest.py").touch()
    (folder / "requirements.txt").touch()
    (folder / "known.txt").touch()
    (folder / "build").symlink_to(BUILD)
    env = clean_environment({"PATH": f"{stand_ins}:{os.environ['PATH']}"})
    for words in (["git", "init", "-q"], ["offloop", "run", "--", "pytest"], ["offloop", "baseline", "-o", "offloop.baseline"]):
        subprocess.run(words, cwd=folder, env=env, check=True, capture_output=True, timeout=TIMEOUT)
    for name in ("old", "new", "all-jobs"):
        shutil.copytree(folder / "offloop-out", folder / name)
    return folder


@pytest.fixture
def project(made_project, tmp_path):
    """One of its own, to be changed."""
    return shutil.copytree(made_project, tmp_path / "project", symlinks=True)


def stands_for(text):
    names = "|".join(map(re.escape, STANDS_FOR))
    return re.sub(rf"(?<![\w$]){'(' + names + ')'}(?![A-Z])", lambda name: STANDS_FOR[name[1]], text)


def expected_status(command):
    """What the page says ("# 66: …"), else what the gate finds: the project's own baseline knows all sites."""
    said = re.search(r"#\s*(\d+):", command)
    if said:
        return int(said[1])
    gated = re.search(r"offloop run .*--(fail-on|baseline) .*-- ", command)
    return 66 if gated and "--baseline offloop.baseline" not in command else 0


def check_written(command, folder):
    """The reports that it names."""
    for kind, name in re.findall(r"--report (\w+)=(\S+)", command) + re.findall(r"--format (\w+) .*?-o (\S+)", command):
        text = (folder / name).read_text()
        if kind in ("json", "sarif"):
            assert json.loads(text)
        elif kind == "junit":
            assert ElementTree.fromstring(text).tag == "testsuites"
        else:
            assert text


def run(command, folder, env, status=None):
    done = subprocess.run(["bash", "-e", "-c", stands_for(command)], cwd=folder, env=env, capture_output=True, text=True, timeout=TIMEOUT)
    expected = expected_status(command) if status is None else status
    assert done.returncode == expected, f"{command}\n{done.stdout}\n{done.stderr}"
    assert "Try 'offloop" not in done.stderr and "OFFLOOP_" not in done.stderr.replace("OFFLOOP_LOG_MAX", ""), done.stderr
    check_written(command, folder)
    return done


def run_app(folder, env, **variables):
    """The project's program under the bare library; the lines that complain."""
    done = subprocess.run([sys.executable, "app.py"], cwd=folder, env={**env, "LD_PRELOAD": str(LIBRARY), **variables},
                          capture_output=True, text=True, timeout=TIMEOUT)
    return done, [line for line in done.stderr.splitlines() if re.search(r"OFFLOOP_\w+[:=]|\.rules:\d+", line)]


# --- how each kind is run ---

def commands_of(text):
    return [line for line in text.replace("\\\n", "").split("\n") if line.strip()]


def run_commands(shown, project, environment):
    for command in commands_of(shown.text):
        run(command, project, environment)


def run_prompt(shown, project, environment):
    for line in commands_of(shown.text):
        if line.startswith("$ "):
            run(line[2:], project, environment)


def run_inline(shown, project, environment):
    """A name alone (`offloop run`) is one that there is."""
    if re.fullmatch(r"offloop [\w-]+", shown.text):
        run(f"{shown.text} --help", project, environment, status=0)
    else:
        run(shown.text, project, environment)


def run_variables(shown, project, environment):
    variables = dict(word.split("=", 1) for word in shown.text.split())
    done, complaints = run_app(project, environment, **variables)
    assert complaints == [] or variables == {"OFFLOOP_POLICY": "help"}, done.stderr


def run_rules(shown, project, environment):
    (project / "own.rules").write_text(shown.text + "\n")
    done, complaints = run_app(project, environment, OFFLOOP_RULES=str(project / "own.rules"))
    assert (done.returncode, complaints) == (0, []), done.stderr
    assert all(re.match(rf"({'|'.join(RULES)})\s", line) for line in commands_of(shown.text))


def run_baseline(shown, project, environment):
    (project / "shown.baseline").write_text(shown.text + "\n")
    done = run("offloop run --baseline shown.baseline -- python3 app.py", project, environment, status=66)
    assert not re.search(r"shown\.baseline:\d", done.stderr)


def run_ci(project, environment, **variables):
    """ci/run as the action and the template call it; with a baseline that knows all it passes."""
    env = {**environment, "OFFLOOP_CI_OUT": "out", **{f"OFFLOOP_CI_{name}": words for name, words in variables.items()}}
    run(f"{ROOT}/ci/run", project, env, status=0)
    assert {each.name for each in (project / "out").iterdir()} >= {"offloop.sarif", "offloop.xml", "offloop.html"}


def run_yaml(shown, project, environment):
    """A workflow of GitHub's, or a job by GitLab's template."""
    told = yaml.safe_load(shown.text)
    for job in told.get("jobs", {}).values():
        for step in job["steps"]:
            if "run" in step:
                run(step["run"], project, environment)
            elif not step["uses"].startswith(NOT_OURS):
                run_ci(project, environment, COMMAND=step["with"]["run"], BASELINE=step["with"]["baseline"])
    of_gitlab = [job["variables"] for job in told.values() if isinstance(job, dict) and "variables" in job]
    for variables in of_gitlab:
        run_ci(project, environment, COMMAND=variables["OFFLOOP_CI_COMMAND"], BASELINE=variables["OFFLOOP_CI_BASELINE"])
    assert "jobs" in told or of_gitlab


def run_groovy(shown, project, environment):
    for command in re.findall(r"sh '([^']*)'", shown.text):
        run(command, project, environment)


def run_script(shown, project, environment):
    """A step of the action, or a list of the template's."""
    run(shown.text, project, {**environment, "OFFLOOP_CI_COMMAND": "pytest", "OFFLOOP_CI_OUT": "out"}, status=0)


def looks_like_it_is(shown, project, environment):
    """Nothing to run: what offloop prints, and pictures."""


RUN_AS = {"commands": run_commands, "prompt": run_prompt, "inline": run_inline, "variables": run_variables,
          "rules": run_rules, "baseline": run_baseline, "yaml": run_yaml, "groovy": run_groovy, "script": run_script,
          "output": looks_like_it_is, "picture": looks_like_it_is}


def id_of(shown):
    return f"{shown.page}:{shown.line}"


@pytest.mark.parametrize("shown", SHOWN, ids=id_of)
def test_what_a_page_shows_works(shown, project, environment, tool):
    assert shown.kind in RUN_AS, f"{id_of(shown)}: neither run nor marked:\n{shown.text}"
    if shown.reason:
        pytest.skip(f"the page says: {shown.reason}")
    for program in ("node", "git"):
        if re.search(rf"\b{program}\b", shown.text) and shown.kind not in ("picture", "output"):
            tool(program)
    RUN_AS[shown.kind](shown, project, environment)


def test_pages_show_commands_of_each_sort():
    pages = {shown.page for shown in SHOWN}
    assert {"README.md", "docs/ci.md", "docs/environment.md", "docs/man/offloop.1.in", "action.yml",
            "ci/gitlab.yml"} <= pages
    assert {shown.kind for shown in SHOWN} == set(RUN_AS)


# --- what is found in a page ---

def test_a_command_that_is_new_to_a_page_is_found():
    [shown] = shown_in("page.md", "Words.\n\n    offloop run --new-option -- pytest\n\nMore.\n")
    assert (shown.line, shown.kind, shown.reason) == (3, "commands", "")
    [shown] = shown_in("page.md", "Call `offloop run\n--log off -- pytest` then.\n")
    assert (shown.kind, shown.text) == ("inline", "offloop run --log off -- pytest")
    [shown] = shown_in("page.md", "```\noffloop report\n```\n")
    assert shown.kind == "commands"
    [shown] = shown_in("page.1.in", ".EX\nofflo\\-op x\n.EE\n")
    assert shown.kind == "unknown"


def test_what_is_neither_known_nor_marked_is_not_passed_over():
    [shown] = shown_in("page.md", "Words.\n\n    docker run offloop\n")
    assert shown.kind == "unknown" and shown.kind not in RUN_AS


@pytest.mark.parametrize("page, text", [
    ("page.md", "<!-- not run in tests: an hour -->\n\n    scripts/long\n"),
    ("page.md", "<!-- not run in tests: an hour -->\n```sh\nscripts/long\n```\n"),
    ("page.md", "By `scripts/long all` <!-- not run in tests: an hour -->\nit is done.\n"),
    ("page.1.in", '.\\" not run in tests: an hour\n.EX\nscripts/long\n.EE\n'),
    ("page.yml", "job:\n  # not run in tests: an hour\n  script:\n    - scripts/long\n")])
def test_a_mark_in_the_page_says_why(page, text):
    [shown] = shown_in(page, text)
    assert shown.reason == "an hour"


def test_kinds():
    assert kind_of("$ offloop run\noffloop: done") == "prompt"
    assert kind_of("OFFLOOP_LOG=off") == "variables"
    assert kind_of("OFFLOOP_LOG=off LD_PRELOAD=x prog") == "commands"
    assert kind_of("loop  thread=x") == "rules"
    assert kind_of("7be423c3b3b4c347  app.py") == "baseline"
