# SPDX-License-Identifier: MIT
"""Libraries that block: found under the name that users know, on the line that calls them."""
import http.server
import subprocess
import threading

import pytest

from conftest import PROGRAMS
from expectations import assert_told, brief, expectations, place

PYTHON = "/usr/bin/python3"


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *words):
        pass


@pytest.fixture
def port():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def has(module):
    return subprocess.run([PYTHON, "-c", f"import {module}"], capture_output=True).returncode == 0


def fits(expected, violation):
    """Whole arguments where they are known; else a word of it (a pipe, a holder)."""
    argument = violation["argument"] or ""
    return (place(violation) == (expected.file, expected.line)
            and violation["rule"] == expected.rule and violation["api"] == expected.api
            and (expected.argument == "*" or expected.argument in argument))


def test_each_offender_is_named_by_its_api(offloop, port, tmp_path):
    if not has("requests"):
        pytest.skip("requests is not installed for /usr/bin/python3")
    program = PROGRAMS / "offenders.py"
    outcome = offloop.preload([PYTHON, program, tmp_path, port])
    assert outcome.status == 0, outcome.stderr
    told = "\n".join(brief(violation) for violation in outcome.violations)
    missed = [expected for expected in expectations(program, T=tmp_path)
              if not any(fits(expected, violation) for violation in outcome.violations)]
    assert missed == [], f"told:\n{told}"


def test_a_contended_lock_names_its_holder(offloop, port, tmp_path):
    if not has("requests"):
        pytest.skip("requests is not installed for /usr/bin/python3")
    outcome = offloop.preload([PYTHON, PROGRAMS / "offenders.py", tmp_path, port])
    held = [each for each in outcome.of_rule("sem-wait") if each["api"] == "threading.Lock.acquire"]
    main = outcome.report["runs"][0]["pid"]
    assert len(held) == 1
    assert "held by thread " in held[0]["argument"]
    assert not any(f"held by thread {main} " in each["argument"] for each in outcome.of_rule("sem-wait"))
    assert held[0]["waits"] > 0 and held[0]["total_ns"] > 100_000_000


def test_psycopg2_is_named_by_its_calls(offloop, postgres):
    if not has("psycopg2"):
        pytest.skip("psycopg2 is not installed for /usr/bin/python3")
    program = PROGRAMS / "psycopg.py"
    address = postgres.split("port=")[1].split()[0]
    outcome = offloop.preload([PYTHON, program, postgres])
    assert outcome.status == 0, outcome.stderr
    assert_told(outcome.of_rule("poll"), expectations(program, A=f"127.0.0.1:{address}"))
    slept = max(each["max_ns"] for each in outcome.of_rule("poll"))
    assert slept >= 50_000_000
