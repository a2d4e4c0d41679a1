# SPDX-License-Identifier: MIT
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
RELEASE = {(3, 14): "2026.11.0", (3, 13): "2025.1.4", (3, 12): "2024.12.5"}  # by the newest CPython that it runs on
VENVS = pathlib.Path(os.environ.get("OFFLOOP_TEST_VENVS", tempfile.gettempdir()))
OWNER = "custom integration offender"
FILE = "custom_components/offender/__init__.py"

# What the developer documentation says to do instead, where it is not the executor (blocking) or hass.add_job()
REPLACEMENTS = {
    "importlib.import_module": ["async_import_module", "executor"],
    "time.sleep": ["asyncio.sleep", "pyserial-asyncio-fast"],
    "http.client.HTTPConnection.putrequest": ["aiohttp", "httpx", "executor"],
    "hass.async_create_task": ["hass.create_task"],
    "hass.bus.async_fire": ["hass.bus.fire"],
    "hass.services.async_register": ["hass.services.register"],
    "hass.services.async_remove": ["hass.services.remove"],
    "async_write_ha_state": ["self.schedule_update_ha_state"],
    "async_dispatcher_send": ["dispatcher_send"],
    "async_render_to_info": ["in the loop"],
    "issue_registry.async_get_or_create": ["issue_registry.create_issue"],
    "issue_registry.async_delete": ["issue_registry.delete_issue"],
    "issue_registry.async_ignore": ["hass.add_job", "async_ignore_issue"],
}


def replacement(kind, api):
    if api.startswith("ssl."):
        return ["async_get_clientsession", "get_async_client", "homeassistant.util.ssl"]
    return REPLACEMENTS.get(api, ["executor"] if kind == "blocking" else ["hass.add_job"])


@pytest.fixture(scope="session")
def hass():
    """The hass program of a venv, made once."""
    fitting = [each for each in reversed(interpreters()) if each.version[:2] in RELEASE]
    if not fitting:
        pytest.skip("Home Assistant needs CPython 3.12 to 3.14")
    python = fitting[0]
    release = RELEASE[python.version[:2]]
    folder = VENVS / f"ve-homeassistant-{release}"
    program = folder / "bin" / "hass"
    if not program.exists():
        subprocess.run([python.path, "-m", "venv", folder], env=clean_environment(), check=True,
                       capture_output=True)
        words = ["timeout", "1200", folder / "bin" / "pip", "-q", "install", f"homeassistant=={release}"]
        made = subprocess.run(words, env=clean_environment(), capture_output=True, text=True)
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


# These give an iterator: what it reads of the disk, and by another rule, is done when the loop asks for more.
LEFT_TO_DO = {("os.walk", "stat"), ("glob.iglob", "readdir")}


@pytest.mark.parametrize("where", ["thread", "executor"])
def test_each_row_is_one_violation_with_its_owner_line_and_hint(offloop, hass, tmp_path, where):
    config = tmp_path / "config"
    config.mkdir()
    outcome, found = run(offloop, hass, config, where)
    assert len(rows()) == 46
    assert {each["culprit"]["line"]: (each["kind"], each["api"]) for each in found} == rows()
    rest = [each for each in found if (each["api"], each["rule"]) in LEFT_TO_DO]
    assert {(each["api"], each["rule"]) for each in rest} == LEFT_TO_DO
    found = [each for each in found if each not in rest]
    assert len(found) == 46 and all(each["count"] == 1 for each in found if each["api"] != "os.walk")
    for each in found:
        assert each["culprit"]["file"].endswith(FILE)
        assert all(word in each["hint"] for word in replacement(each["kind"], each["api"])), each
        if each["kind"] == "loop-only":
            other = "offender" if where == "thread" else r"SyncWorker_\d+"
            assert re.fullmatch(rf"called in thread \d+ \({other}\), its loop runs in thread \d+ "
                                r"\(MainThread\)", each["argument"])
    blocked = [each for each in found if each["blocked"]]
    assert {each["api"] for each in blocked} == {
        api for kind, api in rows().values() if kind == "loop-only"} | {
            "time.sleep", "http.client.HTTPConnection.putrequest"}
    for each in blocked:
        place = rf"{FILE}:{each['culprit']['line']} in \S+ \[{OWNER}\]"
        assert re.search(rf"RuntimeError: offloop blocked {re.escape(each['api'])}: .*{place}\. "
                         rf"Instead: {re.escape(each['hint'])}\n", outcome.stdout)


def test_the_same_done_rightly_is_silent(offloop, hass, tmp_path):
    config = tmp_path / "config"
    config.mkdir()
    outcome, found = run(offloop, hass, config, "loop")
    assert [(each["api"], each["culprit"]["line"]) for each in found] == []
    assert [each["api"] for each in outcome.violations if each["kind"] == "loop-only"] == []
