# SPDX-License-Identifier: MIT
"""Every blocking call of the core list, made by CPython: told of in a coroutine with the name, the
place and the argument that its user knows, and not told of in an executor."""
import http.server
import re
import shutil
import subprocess
import threading

import pytest

from conftest import PROGRAMS, judged_loops
from expectations import assert_told, expectations

pytestmark = pytest.mark.usefixtures("steady")

RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$")


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """A folder with ca.pem and key.pem."""
    openssl = shutil.which("openssl") or pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("certificate")
    words = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30",
             "-subj", "/CN=localhost", "-keyout", folder / "key.pem", "-out", folder / "ca.pem"]
    subprocess.run(words, check=True, capture_output=True)
    return folder


class Empty(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(204)
        self.end_headers()

    def log_message(self, *words):
        pass


@pytest.fixture(scope="session")
def http_port():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Empty) as served:
        thread = threading.Thread(target=served.serve_forever)
        thread.start()
        yield served.server_address[1]
        served.shutdown()
        thread.join()


@pytest.fixture
def folder(tmp_path, certificate):
    """What blocking_calls.py finds in its folder."""
    folder = tmp_path / "folder"
    for made in ("tree/sub", "modules"):
        (folder / made).mkdir(parents=True)
    for made in ("file", "tree/leaf", "modules/lazily_imported.py"):
        (folder / made).touch()
    for copied in ("ca.pem", "key.pem"):
        shutil.copy(certificate / copied, folder)
    return folder


@pytest.fixture
def words(interpreter, programs, folder, http_port):
    """The program in a mode, as a command line."""
    return lambda mode: [interpreter.path, programs / "blocking_calls.py", mode, folder, http_port]


@pytest.fixture
def expected(programs, folder, http_port):
    return expectations(programs / "blocking_calls.py", T=folder, P=http_port)


def test_each_call_in_a_coroutine_is_told_by_its_name_place_and_argument(offloop, words, expected):
    outcome = offloop.preload(words("coroutine"))
    assert outcome.status == 0, outcome.stderr
    assert len(expected) == 17
    assert_told(outcome.violations, expected)
    [sleep] = outcome.of_rule("sleep")  # CPython says until when it sleeps: a little is over
    number, unit = sleep["argument"].split()
    assert unit == "ms" and 10 < float(number) <= 20


def test_a_lock_taken_by_with_has_the_name_of_its_acquire(offloop, interpreter, programs):
    program = programs / "with_locks.py"
    outcome = offloop.preload([interpreter.path, program], env={"OFFLOOP_SLOW_MS": "5"})
    assert outcome.status == 0, outcome.stderr
    assert_told(outcome.violations, expectations(program))


def test_an_import_is_one_hit_whatever_it_reads(offloop, interpreter, tmp_path):
    program = tmp_path / "late.py"
    program.write_text("import asyncio\n\n\n"
                       "async def main():\n"
                       "    await asyncio.sleep(0.01)\n"
                       "    import xml.dom.minidom\n"
                       "    import sqlite3\n"
                       "    for _ in range(3):\n"
                       "        await asyncio.sleep(0.01)\n"
                       "        try:\n"
                       "            import there_is_none_of_that_name\n"
                       "        except ImportError:\n"
                       "            pass\n\n\n"
                       "asyncio.run(main())\n")
    outcome = offloop.preload([interpreter.path, program])
    assert outcome.status == 0, outcome.stderr
    imports = {each["argument"]: each for each in outcome.of_rule("import")}
    assert {name: each["count"] for name, each in imports.items()} == {
        "xml.dom.minidom": 1, "sqlite3": 1, "there_is_none_of_that_name": 3}
    once = imports["xml.dom.minidom"]
    assert once["max_ns"] == once["total_ns"] > 0
    assert len({each["id"] for each in imports.values()}) == 3
    assert len([line for line in outcome.live_lines if " import(" in line]) == 3


def test_no_call_in_an_executor_is_told(offloop, words):
    outcome = offloop.preload(words("executor"))
    assert outcome.status == 0, outcome.stderr
    assert len(outcome.report["runs"][0]["loops"]) == 1
    assert outcome.violations == []
    assert outcome.report["totals"]["hits"] == 0


def test_the_program_does_the_same_with_and_without_the_library(offloop, words):
    for mode in ("coroutine", "executor"):
        plain = offloop.preload(words(mode), env={"LD_PRELOAD": None})
        watched = offloop.preload(words(mode))
        assert (watched.status, watched.stdout) == (plain.status, plain.stdout) == (0, "")
        assert plain.stderr == "" and plain.report is None
        assert judged_loops(watched.report)


def check_run(run, words):
    words = [str(word) for word in words]
    assert run["argv"] == words or run["argv"] == " ".join(words)
    assert run["blind_spots"] == []
    [loop] = run["loops"]
    assert loop["wait"] == "epoll_wait" and loop["turns"] >= 2
    assert 0 < loop["longest_turn_ns"] <= loop["busy_ns"]
    assert 0 < loop["p50_ns"] <= loop["p99_ns"]
    return run["pid"], loop["tid"]


def check_violation(violation, pid, tid):
    assert violation["kind"] == "blocking" and violation["severity"] in ("warning", "error")
    assert violation["action"] == "report" and violation["blocked"] is False
    assert violation["phase"] == "running"
    assert violation["pid"] == pid
    assert (violation["thread"]["tid"], violation["thread"]["on_loop"]) == (tid, True)
    assert violation["count"] >= 1
    assert 0 < violation["max_ns"] <= violation["total_ns"]
    assert RFC_3339.match(violation["first"]) and RFC_3339.match(violation["last"])
    assert violation["first"] <= violation["last"]
    assert violation["hint"] and violation["rule"] in violation["help"]


def check_stack(violation):
    """Innermost first; the culprit is one of its frames, and the loop lies further out."""
    culprit = violation["culprit"]
    assert culprit["function"] == "offend"
    assert culprit["module"] == culprit["owner"] == "blocking_calls"
    python = [frame for frame in violation["stack"] if frame["kind"] == "python"]
    at = [(frame["file"], frame["line"], frame["function"]) for frame in python]
    position = at.index((culprit["file"], culprit["line"], culprit["function"]))
    outwards = [frame["function"].rpartition(".")[2] for frame in python[position:]]
    assert outwards[:2] == ["offend", "main"]
    assert outwards.index("_run_once") + 1 == outwards.index("run_forever")
    natives = [frame for frame in violation["stack"] if frame["kind"] == "native"]
    assert violation["stack"] == natives + python


def test_offloop_run_reports_the_same_as_data(offloop, words, expected):
    outcome = offloop.run(words("coroutine"))
    assert outcome.status == 0, outcome.stderr
    assert_told(outcome.violations, expected)
    assert outcome.report["schema"] == "offloop.report/1" and outcome.report["offloop"]
    [run] = outcome.report["runs"]
    pid, tid = check_run(run, words("coroutine"))
    for violation in outcome.violations:
        check_violation(violation, pid, tid)
        check_stack(violation)
    ids = [violation["id"] for violation in outcome.violations]
    assert len(set(ids)) == len(ids)


def test_the_totals_are_the_sums_of_the_violations(offloop, words):
    report = offloop.run(words("coroutine")).report
    totals = report["totals"]
    assert totals["sites"] > 0 and totals["sites"] == len(report["violations"])
    assert totals["hits"] == sum(each["count"] for each in report["violations"])
    assert totals["time_ns"] == sum(each["total_ns"] for each in report["violations"])
    assert not totals["dropped"] or not any(totals["dropped"].values())


def test_a_fingerprint_is_the_same_in_the_next_run(offloop, words):
    def fingerprints():
        return {(each["rule"], each["culprit"]["line"]): each["id"]
                for each in offloop.run(words("coroutine")).violations}
    first = fingerprints()
    assert first and fingerprints() == first


def test_offloop_run_tells_nothing_of_an_executor(offloop, words):
    outcome = offloop.run(words("executor"))
    assert outcome.status == 0, outcome.stderr
    assert judged_loops(outcome.report) and outcome.violations == []


def test_a_gil_that_is_shared_out_is_no_wait(offloop, interpreter):
    outcome = offloop.preload([interpreter.path, PROGRAMS / "gil.py", "share"])
    assert outcome.status == 0, outcome.stderr
    assert judged_loops(outcome.report) and outcome.of_rule("gil") == []


def test_a_gil_that_is_kept_is_one_hit(offloop, interpreter):
    outcome = offloop.preload([interpreter.path, PROGRAMS / "gil.py", "hold"])
    assert outcome.status == 0, outcome.stderr
    [held] = outcome.of_rule("gil")
    assert held["count"] == 1
    assert held["max_ns"] == held["total_ns"] >= 1_000_000_000


def test_each_module_that_a_line_imports_is_told(offloop, interpreter, tmp_path):
    (tmp_path / "plain.py").write_text("import plain_too\n")
    (tmp_path / "plain_too.py").touch()
    (tmp_path / "package").mkdir()
    (tmp_path / "package/__init__.py").write_text("from package import inner\n")
    (tmp_path / "package/inner.py").touch()
    outcome = offloop.preload([interpreter.path, PROGRAMS / "imports.py", tmp_path])
    assert outcome.status == 0, outcome.stderr
    told = {each["argument"]: each["count"] for each in outcome.of_rule("import")}
    assert told == {"plain": 1, "package": 1, "missing": 1}  # twice in one turn: one hit


SETTINGS = """
import dataclasses, functools
def checked(function):
    @functools.wraps(function)
    def wrapper(*words):
        return function(*words)
    return wrapper
@dataclasses.dataclass
class Settings:
    path: str
    def __post_init__(self):
        open(self.path).close()
@checked
def read(path):
    open(path).close()
"""


def test_generated_code_is_nobody_s_fault(offloop, interpreter, tmp_path):
    packages, program = tmp_path / "lib/site-packages", PROGRAMS / "generated.py"
    packages.mkdir(parents=True)
    (packages / "settings.py").write_text(SETTINGS)
    outcome = offloop.preload([interpreter.path, program, packages, "/etc/hostname"])
    assert outcome.status == 0, outcome.stderr
    wanted = expectations(program, T="/etc/hostname")
    if interpreter.version < (3, 11):  # knows no names of classes
        wanted[1] = wanted[1]._replace(api="*")
    assert_told(outcome.of_rule("open"), wanted)


ENTRY = """
import served
served.start()
"""
SERVED = """
import asyncio, dataclasses
async def serve():
    await asyncio.sleep(0)
    open("/etc/hostname").close()
def start():
    asyncio.run(serve())
    import select
    waiting = select.epoll()
    waiting.poll(0.001)
    open("/etc/hostname").close()
    Settings()
@dataclasses.dataclass
class Settings:
    path: str = "/etc/hostname"
    def __post_init__(self):
        open(self.path).close()
"""


def test_a_package_that_was_started_by_its_script_is_the_culprit(offloop, interpreter, tmp_path):
    """The second and third open() are beyond any loop that is known by name."""
    packages, script = tmp_path / "lib/site-packages", tmp_path / "bin/served"
    packages.mkdir(parents=True)
    script.parent.mkdir()
    (packages / "served.py").write_text(SERVED)
    script.write_text(ENTRY)
    outcome = offloop.preload([interpreter.path, script], env={"PYTHONPATH": packages})
    assert outcome.status == 0, outcome.stderr
    told = {(each["culprit"]["owner"], each["culprit"]["line"]) for each in outcome.of_rule("open")}
    if interpreter.version < (3, 11):  # names no generated code
        told = {each for each in told if each[1] in (5, 11)} | {("served", 17)}
    assert told == {("served", 5), ("served", 11), ("served", 17)}
