# SPDX-License-Identifier: MIT
"""uvloop (libuv inside of a Python extension): the calls of blocking_calls.py, and a server that
makes none."""
import pytest

from expectations import assert_told, expectations
from test_python_calls import certificate, folder, http_port  # noqa: F401 (fixtures)


@pytest.fixture
def uvloop(python):
    return python if python.has("uvloop") else pytest.skip("python3-uvloop is not installed")


@pytest.fixture
def words(uvloop, programs, folder, http_port):  # noqa: F811
    return lambda mode: [uvloop.path, programs / "blocking_calls.py", mode, folder, http_port,
                         "uvloop"]


def test_each_call_is_told(offloop, words, programs, folder, http_port):  # noqa: F811
    outcome = offloop.preload(words("coroutine"))
    assert outcome.status == 0, outcome.stderr
    expected = expectations(programs / "blocking_calls.py", T=folder, P=http_port)
    assert len(expected) >= 17
    assert_told(outcome.violations, expected)


def test_no_call_in_an_executor_is_told(offloop, words):
    outcome = offloop.preload(words("executor"))
    assert outcome.status == 0, outcome.stderr
    assert outcome.violations == [], outcome.stderr
    assert outcome.report["runs"][0]["loops"]


@pytest.mark.parametrize("path", ["/", "/ask"])
def test_a_clean_server_under_load_is_silent(uvloop, programs, watched, wrk, free_port, path):
    if not (uvloop.has("aiohttp") and uvloop.has("httpx")):
        pytest.skip("python3-aiohttp and python3-httpx are not installed")
    port = free_port()
    with watched([uvloop.path, programs / "uvloop_server.py", port], port) as process:
        wrk(f"http://127.0.0.1:{port}{path}", seconds=2)
    outcome = process.outcome()
    assert outcome.status == 0
    assert outcome.violations == [], outcome.stderr
    assert max(loop["turns"] for loop in outcome.report["runs"][0]["loops"]) > 100
