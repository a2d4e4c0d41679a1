# SPDX-License-Identifier: MIT
"""Clean programs under load stay silent, with every rule at report and the lowest severity shown.
OFFLOOP_CLEAN_SECONDS (default 4) is how long each runs, and the clean servers of test_real_*.py too:
60 before a release."""
import os
import subprocess

import pytest

from conftest import PROGRAMS, ROOT
from expectations import brief

SECONDS = float(os.environ.get("OFFLOOP_CLEAN_SECONDS", "4"))
PYTHON = "/usr/bin/python3"


def has(module):
    return subprocess.run([PYTHON, "-c", f"import {module}"], capture_output=True).returncode == 0


def assert_silent(report):
    assert report is not None, "no loop was found"
    assert [brief(each) for each in report["violations"]] == []
    assert report["runs"][0]["loops"]


@pytest.mark.parametrize("kind", ["asyncio", "uvloop"])
def test_executor_jobs_while_threads_fight_for_the_gil(offloop, kind):
    if kind == "uvloop" and not has("uvloop"):
        pytest.skip("uvloop is not installed for /usr/bin/python3")
    outcome = offloop.preload([PYTHON, PROGRAMS / "clean_jobs.py", SECONDS, kind],
                              timeout=SECONDS + 60)
    assert outcome.status == 0, outcome.stderr
    assert_silent(outcome.report)


def test_jobs_on_every_interpreter(offloop, interpreter):
    outcome = offloop.preload([interpreter.path, PROGRAMS / "clean_jobs.py", 2, "asyncio"])
    assert outcome.status == 0, outcome.stderr
    assert_silent(outcome.report)


def test_an_aiohttp_server_under_wrk(offloop, server, free_port, tool):
    if not has("aiohttp"):
        pytest.skip("aiohttp is not installed for /usr/bin/python3")
    wrk, port = tool("wrk"), free_port()
    folder = offloop.next_folder() / "records"
    with server([PYTHON, ROOT / "tests" / "bench" / "aiohttp_app.py", port], port=port,
                env=offloop.environment(folder)):
        subprocess.run([wrk, "-t1", "-c16", f"-d{SECONDS:g}s", f"http://127.0.0.1:{port}/x"],
                       check=True, capture_output=True, timeout=SECONDS + 60)
    assert_silent(offloop.report_of(folder))


CLIENT = """
import anyio._backends._asyncio, asyncio, httpx, importlib, sys, time
for late in "sniffio", "httpcore.backends.asyncio", "httpcore._backends.auto", "httpcore._backends.anyio":
    try:  # at its first request httpx would, by its version
        importlib.import_module(late)
    except ImportError:
        pass
end = time.monotonic() + float(sys.argv[2])
async def main():
    async with httpx.AsyncClient(trust_env=False, verify=False) as client:
        while time.monotonic() < end:
            await asyncio.gather(*(client.get(f"http://127.0.0.1:{sys.argv[1]}/x") for _ in range(8)))
if len(sys.argv) > 3:
    import uvloop
    uvloop.new_event_loop().run_until_complete(main())
else:
    asyncio.run(main())
"""


def test_httpx_on_uvloop_as_client(offloop, server, free_port):
    for module in ("httpx", "uvloop", "aiohttp"):
        if not has(module):
            pytest.skip(f"{module} is not installed for /usr/bin/python3")
    port = free_port()
    with server([PYTHON, ROOT / "tests" / "bench" / "aiohttp_app.py", port], port=port):
        outcome = offloop.preload([PYTHON, "-c", CLIENT, port, SECONDS, "uvloop"],
                                  timeout=SECONDS + 60)
    assert outcome.status == 0, outcome.stderr
    assert_silent(outcome.report)


def test_a_server_on_glib_under_wrk(watched, wrk, free_port):
    if not has("gi"):
        pytest.skip("python3-gi is not installed for /usr/bin/python3")
    port = free_port()
    with watched([PYTHON, PROGRAMS / "gi_server.py", port], port) as process:
        wrk(f"http://127.0.0.1:{port}/")
    assert_silent(process.outcome().report)


MEMORY = """
import asyncio, os
async def main():
    await asyncio.sleep(0)
    memory = os.memfd_create("pool")
    os.ftruncate(memory, 1 << 20)
    os.write(memory, bytes(1 << 20))
    os.pread(memory, 1 << 20, 0)
    os.fsync(memory)
    os.close(memory)
asyncio.run(main())
"""


def test_files_in_memory(offloop):
    outcome = offloop.preload([PYTHON, "-c", MEMORY])
    assert outcome.status == 0, outcome.stderr
    assert_silent(outcome.report)


def test_the_answer_of_the_x_server(offloop, display):
    """Toolkits ask for it on their loops, and can't do without."""
    outcome = offloop.preload([PYTHON, PROGRAMS / "xcb_turn.py"], env={"DISPLAY": display})
    assert outcome.status == 0, outcome.stderr
    assert_silent(outcome.report)
