"""Real Home Assistant from PyPI under `offloop run --profile homeassistant`, with a custom component
that breaks each documented rule once, each from a line of its own. Skips, and says why, where there
is no CPython for the release or no registry."""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

import pytest

from conftest import clean_environment, interpreters

HERE = pathlib.Path(__file__).resolve().parent
RELEASE = {(3, 13): "2025.1.4", (3, 12): "2024.12.5"}  # by the newest CPython that it runs on
VENVS = pathlib.Path(os.environ.get("OFFLOOP_TEST_VENVS", tempfile.gettempdir()))
OWNER = "custom integration offender"


@pytest.fixture(scope="session")
def hass():
    """The hass program of a venv, made once."""
    fitting = [each for each in reversed(interpreters()) if each.version[:2] in RELEASE]
    if not fitting:
        pytest.skip("Home Assistant needs CPython 3.12 or 3.13")
    python = fitting[0]
    release = RELEASE[python.version[:2]]
    folder = VENVS / f"ve-homeassistant-{release}"
    program = folder / "bin" / "hass"
    if not program.exists():
        subprocess.run([python.path, "-m", "venv", folder], env=clean_environment(), check=True,
                       capture_output=True)
        made = subprocess.run([folder / "bin" / "pip", "-q", "install", f"homeassistant=={release}"],
                              env=clean_environment(), capture_output=True, text=True, timeout=1200)
        if made.returncode:
            shutil.rmtree(folder)
            pytest.skip(f"homeassistant {release} can't be installed: {made.stderr[-300:]}")
    return program


def rows():
    """line: (kind, api) as the component's comments say."""
    source = (HERE / "custom_components/offender/__init__.py").read_text().splitlines()
    found = {}
    for number, line in enumerate(source, 1):
        comment = re.search(r"# (blocking|loop-only) ([\w.]+)$", line)
        if comment:
            found[number] = comment.groups()
    return found


def run(offloop, hass, folder, where):
    shutil.copytree(HERE / "custom_components", folder / "custom_components",
                    ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(HERE / "storage", folder / ".storage")
    (folder / "configuration.yaml").write_text(
        f"homeassistant:\n  name: Test\noffender:\n  from: {where}\n")
    outcome = offloop.run([hass, "-c", folder], ["--profile", "homeassistant"], timeout=300)
    assert "offender: done" in outcome.stdout, outcome.stderr
    return outcome, [each for each in outcome.violations
                     if each["culprit"] and each["culprit"]["owner"] == OWNER]


@pytest.mark.parametrize("where", ["thread", "executor"])
def test_each_row_is_one_violation_with_its_owner_line_and_hint(offloop, hass, tmp_path, where):
    config = tmp_path / "config"
    config.mkdir()
    outcome, found = run(offloop, hass, config, where)
    assert len(rows()) == 46
    assert {each["culprit"]["line"]: (each["kind"], each["api"]) for each in found} == rows()
    assert len(found) == 46 and all(each["count"] == 1 and each["hint"] for each in found)
    blocked = {each["api"] for each in found if each["blocked"]}
    assert blocked == {api for kind, api in rows().values() if kind == "loop-only"} | {
        "time.sleep", "http.client.HTTPConnection.putrequest"}
    for api in blocked:
        assert re.search(rf"RuntimeError: offloop blocked {re.escape(api)}: .*"
                         rf"offender/__init__.py:\d+ in .* \[{OWNER}\]\. Instead: ", outcome.stdout)


def test_the_same_done_rightly_is_silent(offloop, hass, tmp_path):
    config = tmp_path / "config"
    config.mkdir()
    _, found = run(offloop, hass, config, "loop")
    assert [(each["api"], each["culprit"]["line"]) for each in found] == []
