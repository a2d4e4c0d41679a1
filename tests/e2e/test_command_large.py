# SPDX-License-Identifier: MIT
"""Much to read and little to show it on: large records, narrow terminals, and the bar that says
that it is not done yet."""
import os
import pathlib
import pty
import shutil
import subprocess

import pytest

from formats import FORMATS

pytestmark = pytest.mark.holds_without_library("the command alone")

ROOT = pathlib.Path(__file__).resolve().parents[2]
# The promise is 5 s on a machine with nothing else to do, and each takes less than 2 s there; what
# is counted here is the time of the processor, with room for one that many share, where it counts
# double and more.
SECONDS, MEGABYTES = 10, 500


@pytest.fixture(scope="module")
def large(record_make, tmp_path_factory):
    """100,000 sites in as many records as it takes."""
    folder = tmp_path_factory.mktemp("large")
    for first in range(0, 100_000, 8000):
        sites = min(8000, 100_000 - first)
        subprocess.run([record_make, f"{first}-{sites}", folder / f"x-{first}.offloop"], check=True)
    return folder


@pytest.fixture(scope="module")
def numerous(record_make, tmp_path_factory):
    """1,000 records of 100 sites, of which no two are the same."""
    folder = tmp_path_factory.mktemp("numerous")
    for first in range(0, 100_000, 100):
        subprocess.run([record_make, f"{first}-100", folder / f"x-{first}.offloop"], check=True)
    yield folder
    shutil.rmtree(folder)


def measure(words):
    """Seconds of processor time and megabytes of a command, and what it said."""
    process = subprocess.Popen([str(word) for word in words], stderr=subprocess.PIPE)
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = status
    assert status == 0, said
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, said.decode()


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("records", ["large", "numerous"])
def test_many_sites_are_soon_rendered(build, request, records, format, tmp_path):
    folder = request.getfixturevalue(records)
    out = tmp_path / "out"
    seconds, megabytes, said = measure([build / "report/offloop", "report", "--format", format,
                                  "-o", out, folder])
    assert out.stat().st_size > 1000
    out.unlink()
    assert seconds < SECONDS and megabytes < MEGABYTES, (seconds, megabytes)
    # nothing is left out, and who takes no more than so many is named
    expected = "100000 results: GitHub's code scanning takes 25000" if format == "sarif" else ""
    assert expected in said and len(said.splitlines()) == bool(expected), said


@pytest.mark.parametrize("columns", [24, 36, 60])
def test_a_narrow_terminal_gets_narrow_lines(offloop, record_make, tmp_path, columns):
    subprocess.run([record_make, "usual", tmp_path / "x.offloop"], check=True)
    outcome = offloop.command("report", tmp_path / "x.offloop", env={"COLUMNS": str(columns)})
    assert outcome.status == 0 and "time.sleep" in outcome.stdout
    for line in outcome.stdout.splitlines():
        assert not line.lstrip().startswith(",")
        # a word that is too long is left whole, so that it can be copied
        assert len(line) <= columns or len(line.split()) <= 2, line


def on_terminal(words, env):
    """What a command writes to a terminal on stderr."""
    ours, its = pty.openpty()
    process = subprocess.Popen([str(word) for word in words], stdout=subprocess.DEVNULL,
                               stdin=subprocess.DEVNULL, stderr=its, env=env)
    os.close(its)
    written = b""
    try:
        while part := os.read(ours, 65536):
            written += part
    except OSError:  # the other end is closed
        pass
    os.close(ours)
    assert process.wait(60) == 0
    return written


# A clock that says that each look at it was so much later: reading takes long on any machine.
CLOCK = """
#include <time.h>
int clock_gettime(clockid_t id, struct timespec *now)
{
    static long looks;
    *now = (struct timespec){.tv_sec = looks++ * STEP};
    return 0;
}
"""


@pytest.fixture
def clock(tool, tmp_path):
    def make(step):
        (tmp_path / "clock.c").write_text(CLOCK)
        words = [tool("gcc"), "-shared", "-fPIC", f"-DSTEP={step}", "-o", tmp_path / f"{step}.so",
                 tmp_path / "clock.c"]
        subprocess.run(words, check=True)
        return {"PATH": os.environ["PATH"], "TERM": "xterm", "LD_PRELOAD": tmp_path / f"{step}.so"}
    return make


def test_long_reading_shows_a_bar_on_a_terminal_and_takes_it_away(build, record, clock):
    words = [build / "report/offloop", "report", "--format", "markdown", record("many")]
    written = on_terminal(words, clock(1))
    assert b"reading records [" in written and written.endswith(b"\r\x1b[K")
    assert on_terminal(words, {**clock(1), "TERM": "dumb"}) == b""
    assert on_terminal(words, clock(0)) == b""
