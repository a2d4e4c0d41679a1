# SPDX-License-Identifier: MIT
"""What CI servers run: ci/run, and the files that call it."""
import json
import os
import pathlib
import re
import subprocess
import xml.etree.ElementTree as ElementTree

import pytest

pytestmark = pytest.mark.holds_without_library("what the command and its reports do")

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = """import asyncio, time
async def main():
    await asyncio.sleep(0)
    time.sleep(0.01)
asyncio.run(main())
"""


@pytest.fixture
def job(build, python, tmp_path):
    """Runs ci/run as a job would, with offloop on the PATH."""
    (tmp_path / "app.py").write_text(PROGRAM)

    def run(command=f"{python.path} app.py", **extra):
        env = {name: value for name, value in os.environ.items()
               if not name.startswith(("OFFLOOP_", "GITHUB_"))}
        env.update(PATH=f"{build / 'report'}:{env['PATH']}", OFFLOOP_CI_COMMAND=command,
                   OFFLOOP_CI_OUT="out", OFFLOOP_LIBRARY=str(build / "shim" / "liboffloop.so"),
                   **extra)
        return subprocess.run([ROOT / "ci" / "run"], cwd=tmp_path, env=env, capture_output=True,
                              text=True, timeout=60)
    return run


def test_a_job_leaves_every_report(job, tmp_path):
    result = job()
    assert result.returncode == 0, result.stderr
    assert json.loads((tmp_path / "out/offloop.sarif").read_text())["runs"][0]["results"]
    assert ElementTree.parse(tmp_path / "out/offloop.xml").getroot().get("failures") == "1"
    assert "time.sleep" in (tmp_path / "out/offloop.md").read_text()
    assert (tmp_path / "out/offloop.html").stat().st_size
    assert list((tmp_path / "out/records").iterdir())
    assert "::error" not in result.stdout


def test_a_github_job_gets_annotations_and_a_summary(job, tmp_path):
    (tmp_path / "summary").write_text("before\n")
    result = job(GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(tmp_path / "summary"))
    assert "::error file=app.py,line=4,title=offloop sleep::" in result.stdout
    assert (tmp_path / "summary").read_text().startswith("before\n### offloop: 1 violation")


def test_the_gate_of_a_job(job, tmp_path):
    result = job(OFFLOOP_CI_FAIL_ON="error", OFFLOOP_CI_OPTIONS="--log off --slow-ms 7")
    named, reports, closing, reason = result.stderr.splitlines()
    assert result.returncode == 66
    # the time that is left of a sleep until a moment, as CPython 3.11 does it
    assert re.search(r"app.py:4: error: time\.sleep\([\d.]+ ms\) in main", named)
    assert "offloop.sarif" in reports and "offloop.html" in reports
    assert "1 violation, 1 hit" in closing and "--fail-on error" in reason
    known = tmp_path / "known"
    known.write_text("")
    assert job(OFFLOOP_CI_BASELINE="known").returncode == 66
    assert job(OFFLOOP_CI_BASELINE="known", OFFLOOP_CI_OPTIONS="--baseline-grow").returncode == 0
    assert job(OFFLOOP_CI_BASELINE="known").returncode == 0 and "time.sleep" in known.read_text()


def test_a_jobs_command_keeps_its_status(job):
    assert job("exit 7", OFFLOOP_CI_FAIL_ON="error").returncode == 7


def test_inputs_of_the_action_never_become_script():
    yaml = pytest.importorskip("yaml")
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    assert action["runs"]["using"] == "composite"
    used = set()
    for step in action["runs"]["steps"]:
        assert "${{" not in step["run"] and step["shell"] == "bash"
        subprocess.run(["bash", "-n", "-c", step["run"]], check=True)
        values = [*step.get("env", {}).values(), step.get("working-directory", "")]
        used |= set(re.findall(r"inputs\.([\w-]+)", " ".join(values)))
    assert used == set(action["inputs"])


def test_the_gitlab_template_and_the_examples_are_yaml():
    yaml = pytest.importorskip("yaml")
    job = yaml.safe_load((ROOT / "ci" / "gitlab.yml").read_text())[".offloop"]
    out = job["variables"]["OFFLOOP_CI_OUT"]
    assert job["artifacts"]["reports"]["junit"] == f"{out}/offloop.xml"
    text = (ROOT / "docs" / "ci.md").read_text()
    examples = [yaml.safe_load(block) for block in re.findall("```yaml\n(.*?)```", text, re.S)]
    github, gitlab = examples
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    step, = [step for step in github["jobs"]["offloop"]["steps"] if step.get("id") == "offloop"]
    assert set(step["with"]) <= set(action["inputs"])
    assert set(gitlab["loop-check"]["variables"]) <= set(job["variables"])
