# SPDX-License-Identifier: MIT
"""Fixtures for whole programs under offloop.

OFFLOOP_BUILD names the build folder (default: build/ in the repository). Whatever is started here
is also ended here, and nothing else is: every process is known by its handle.
"""
import contextlib
import functools
import json
import os
import pathlib
import pwd
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("OFFLOOP_BUILD", ROOT / "build")).resolve()
PROGRAMS = pathlib.Path(__file__).resolve().parent / "programs"
LIBRARY = BUILD / "shim" / "liboffloop.so"
COMMAND = BUILD / "report" / "offloop"
collect_ignore = ["programs"]  # tests of the victims' own: test runners run them, under offloop
OLDEST, NEWEST = (3, 9), (3, 15)  # CPython versions whose frames offloop reads
TIMEOUT = 60

# Programs that a shell put into the background are born deaf to it, and so are their children.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
LONG = float(os.environ.get("OFFLOOP_CLEAN_SECONDS", "0"))  # clean servers: under load for longer


def pytest_configure(config):
    config.addinivalue_line("markers", "holds_without_library(why): right to pass with a library "
                            "that does nothing (see empty_library.py)")


def clean_environment(extra=None):
    """Ours, without what would reach offloop by accident; `extra` on top, None removes."""
    env = {name: value for name, value in os.environ.items()
           if not name.startswith("OFFLOOP_") and name not in ("LD_PRELOAD", "COLUMNS")}
    for name, value in (extra or {}).items():
        if value is None:
            env.pop(name, None)
        else:
            env[name] = str(value)
    return env


def judged_loops(report):
    """The loop threads of a report of which some turn was judged: with none, the library may as well
    not have been there."""
    return [loop for run in (report or {"runs": []})["runs"] for loop in run["loops"] if loop["judged"]]


class Outcome:
    """How a program ended, what it wrote, and what was recorded of it (None: no report)."""

    def __init__(self, status, stdout, stderr, report=None):
        self.status = status  # as subprocess: -N for signal N
        self.stdout = stdout
        self.stderr = stderr
        self.report = report

    @property
    def violations(self):
        return self.report["violations"] if self.report else []

    @property
    def rules(self):
        return {violation["rule"] for violation in self.violations}

    def of_rule(self, rule):
        return [violation for violation in self.violations if violation["rule"] == rule]

    @property
    def live_lines(self):
        return [line for line in self.stderr.splitlines() if line.startswith("offloop: ")]


class Offloop:
    """Runs programs under offloop, each with its records in a folder of its own."""

    def __init__(self, folder):
        self.folder = folder
        self.runs = 0
        self.always = {}  # variables of every program, unless the call says otherwise

    def next_folder(self):
        self.runs += 1
        folder = self.folder / f"run-{self.runs}"
        folder.mkdir(mode=0o700)
        return folder

    def command(self, *words, env=None, timeout=TIMEOUT, **options):
        """The `offloop` command itself, as it is."""
        env = clean_environment({**self.always, **(env or {})})
        return self._finish([COMMAND, *words], env, timeout, **options)

    def run(self, program, options=(), env=None, timeout=TIMEOUT, **more):
        """`offloop run`; the report is None when the run made none."""
        folder = self.next_folder()
        file = folder / "report.json"
        words = ["run", "--out", folder / "records", "--report", f"json={file}", *options, "--"]
        outcome = self.command(*words, *program, env=env, timeout=timeout, **more)
        if file.exists():
            outcome.report = json.loads(file.read_text())
        return outcome

    def preload(self, program, env=None, timeout=TIMEOUT, **more):
        """The bare library; its records are read by `offloop report` afterwards."""
        folder = self.next_folder() / "records"
        outcome = self._finish(program, self.environment(folder, env), timeout, **more)
        outcome.report = self.report_of(folder)
        return outcome

    def environment(self, folder, env=None):
        """What makes a program run under the bare library, with records in `folder`."""
        own = {"LD_PRELOAD": LIBRARY, "OFFLOOP_OUT": folder}
        return clean_environment({**own, **self.always, **(env or {})})

    def report_of(self, folder):
        """The records in a folder as data, or None without any: one that is just in the making is
        none yet."""
        if not folder.is_dir() or not any(folder.iterdir()):
            return None
        outcome = self.command("report", "--format", "json", folder)
        if "no record in the folders" in outcome.stderr:
            return None
        assert outcome.status == 0, outcome.stderr
        return json.loads(outcome.stdout)

    @staticmethod
    def _finish(words, env, timeout, **options):
        words = [str(word) for word in words]
        done = subprocess.run(words, env=env, timeout=timeout, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, errors="backslashreplace", **options)
        return Outcome(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="session")
def build():
    """The build folder; the test session fails at once where it has not been built."""
    for made in (LIBRARY, COMMAND):
        if not made.exists():
            pytest.fail(f"{made} is missing: build first, or set OFFLOOP_BUILD")
    return BUILD


@pytest.fixture(scope="session")
def record_make(tmp_path_factory):
    """The program that writes records to read: record_make KIND FILE."""
    program = tmp_path_factory.mktemp("tools") / "record_make"
    sources = [ROOT / "tests/unit/record_make.c", ROOT / "tests/unit/record_fixture.c"]
    words = ["gcc", "-std=gnu11", "-D_GNU_SOURCE", "-I", ROOT, "-o", program, *sources]
    subprocess.run(words, check=True)
    return program


@pytest.fixture
def record(record_make, tmp_path):
    """A function that writes a record of that kind."""
    def make(kind, name=None):
        path = tmp_path / (name or f"{kind}-1.offloop")
        path.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([record_make, kind, path], check=True)
        return path
    return make


@pytest.fixture
def offloop(build, tmp_path):
    return Offloop(tmp_path)


@pytest.fixture
def command(offloop, tmp_path):
    """A function that runs the `offloop` command in tmp_path, and says how it ended."""
    def call(*arguments, env=None, **options):
        options = {"cwd": tmp_path, "text": True, **options}
        return subprocess.run([COMMAND, *arguments], env=clean_environment({**offloop.always, **(env or {})}),
                              capture_output=True, timeout=TIMEOUT, **options)
    return call


@pytest.fixture
def steady(offloop):
    """Nothing is told of for having been slow: what is told does not depend on the machine."""
    offloop.always = {"OFFLOOP_SLOW_MS": "3600000", "OFFLOOP_STALL_MS": "0"}


@pytest.fixture
def free_port():
    """A function that gives a port of 127.0.0.1 that nobody listens on."""
    def find():
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return probe.getsockname()[1]
    return find


def wait_until(ready, what, seconds=20, process=None):
    """Polls `ready` until it is true; says `what` was not to be had otherwise."""
    end = time.monotonic() + seconds
    while not ready():
        if process and process.poll() is not None:
            pytest.fail(f"{what}: the program ended with {process.returncode} before")
        if time.monotonic() > end:
            pytest.fail(f"{what}: not within {seconds} s")
        time.sleep(0.02)


def load_for_long(work):
    """Does that work on a server, and again until OFFLOOP_CLEAN_SECONDS have passed."""
    end = time.monotonic() + LONG
    work()
    while time.monotonic() < end:
        work()


def accepts(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def end(process, with_signal=signal.SIGTERM, seconds=20):
    """Ends a process that we started: by the signal, and by SIGKILL where that does not help."""
    if process.poll() is None:
        process.send_signal(with_signal)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@pytest.fixture
def server(tmp_path):
    """A context manager: `with server(words, port=..., env=...) as process`. It is there when it
    accepts on the port, and is ended on the way out; process.stderr_text() is what it said."""
    @contextlib.contextmanager
    def start(words, port=None, env=None, with_signal=signal.SIGTERM, **options):
        log = tmp_path / f"server-{time.monotonic_ns()}.log"
        with open(log, "wb") as stderr:
            process = subprocess.Popen([str(word) for word in words],
                                       stdin=subprocess.DEVNULL, stdout=stderr, stderr=stderr,
                                       env=clean_environment() if env is None else env, **options)
        process.stderr_text = lambda: log.read_text(errors="backslashreplace")
        try:
            if port is not None:
                wait_until(lambda: accepts(port), f"{words[0]} on port {port}", process=process)
            yield process
        finally:
            end(process, with_signal)
    return start


@pytest.fixture
def tool():
    """A function that gives the path of a program, or skips the test with that reason."""
    def find(name):
        path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
        return path or pytest.skip(f"{name} is not installed")
    return find


@pytest.fixture
def watched(server, offloop):
    """As `server`, under the bare library; process.outcome(), once it has ended, is what was
    recorded of it and of its children, process.report_so_far() what is until then. "Slow" is 200 ms
    here: under load, on a busy machine, a thread loses its processor for longer than the 5 ms that
    are the default."""
    @contextlib.contextmanager
    def start(words, port=None, env=None, **options):
        folder = offloop.next_folder() / "records"
        calm = {"OFFLOOP_SLOW_MS": 200, **(env or {})}
        with server(words, port, offloop.environment(folder, calm), **options) as process:
            process.report_so_far = lambda: offloop.report_of(folder)
            process.outcome = lambda: Outcome(process.returncode, "", process.stderr_text(),
                                              offloop.report_of(folder))
            yield process
    return start


class Load:
    """What wrk says of its requests."""

    def __init__(self, text):
        self.requests = int(re.search(r"(\d+) requests in", text)[1])
        self.failed = "Non-2xx" in text or "Socket errors" in text
        self.text = text


@pytest.fixture
def wrk(tool):
    """A function that loads a URL of 127.0.0.1 for so many seconds, or OFFLOOP_CLEAN_SECONDS;
    nothing of it may fail."""
    def run(url, seconds=1, connections=10):
        seconds = max(seconds, LONG)
        done = subprocess.run([tool("wrk"), "-t1", f"-c{connections}", f"-d{seconds:g}s", url],
                              env=clean_environment(), capture_output=True, text=True,
                              timeout=seconds + TIMEOUT)
        assert done.returncode == 0, done.stderr
        load = Load(done.stdout)
        assert not load.failed and load.requests > 100, load.text
        return load
    return run


@pytest.fixture(scope="session")
def display(tmp_path_factory):
    """A private X server: its DISPLAY."""
    if not shutil.which("Xvfb"):
        pytest.skip("Xvfb is not installed")
    reader, writer = os.pipe()
    process = subprocess.Popen(["Xvfb", "-displayfd", str(writer), "-nolisten", "tcp"],
                               pass_fds=[writer], stderr=subprocess.DEVNULL)
    os.close(writer)
    with os.fdopen(reader) as said:
        number = said.readline().strip()
    yield f":{number}"
    process.terminate()
    process.wait()


def postgres_tools():
    for path in sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (path / "initdb").exists() and (path / "postgres").exists():
            return path
    pytest.skip("PostgreSQL is not installed")


@pytest.fixture
def postgres(server, free_port):
    """A PostgreSQL of our own: a conninfo. It refuses to run as root, so it runs as nobody then; and
    pytest's folders are root's alone."""
    tools = postgres_tools()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="offloop-postgres-"))
    user = {}
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    data = folder / "data"
    subprocess.run([tools / "initdb", "-D", data, "-U", "tester", "-A", "trust", "--no-sync"],
                   check=True, capture_output=True, timeout=120, cwd=folder, **user)
    port = free_port()
    with server([tools / "postgres", "-D", data, "-k", folder, "-p", port, "-h", "127.0.0.1"],
                port=port, cwd=folder, **user):
        ready = [tools / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
        wait_until(lambda: subprocess.run(ready).returncode == 0, "PostgreSQL")
        yield f"host=127.0.0.1 port={port} user=tester dbname=postgres connect_timeout=20"
    shutil.rmtree(folder)


class Interpreter:
    """A CPython on this machine."""

    def __init__(self, path, version):
        self.path = path
        self.version = version  # (3, 11, 2)

    def __str__(self):
        return "python" + ".".join(map(str, self.version))

    def has(self, module):
        return subprocess.run([self.path, "-c", f"import {module}"], env=clean_environment(),
                              capture_output=True).returncode == 0


def candidates():
    """Whatever may be an interpreter, Debian's first; pyenv's shims are scripts, and not asked."""
    folders = [pathlib.Path("/usr/bin")]
    folders += sorted(pathlib.Path.home().glob(".pyenv/versions/*/bin"))
    folders += [pathlib.Path(part) for part in os.environ.get("PATH", "").split(":") if part]
    name = re.compile(r"python3(\.\d+)?$")
    for folder in folders:
        if folder.name != "shims" and folder.is_dir():
            yield from (path for path in sorted(folder.iterdir()) if name.match(path.name))


PROBE = ("import sys; print(sys.implementation.name, *sys.version_info[:3], "
         "sys.base_prefix, sys.maxsize > 2**32, sep='|')")


@functools.lru_cache(maxsize=None)
def interpreters():
    """One for each CPython installation from OLDEST to NEWEST; of several paths to one, the first."""
    found = {}
    for path in dict.fromkeys(candidate.resolve() for candidate in candidates()):
        with contextlib.suppress(OSError, ValueError, subprocess.TimeoutExpired):
            probe = subprocess.run([path, "-c", PROBE], env=clean_environment(), timeout=20,
                                   capture_output=True, text=True)
            name, *version, prefix, wide = probe.stdout.strip().split("|")
            version = tuple(map(int, version))
            if name == "cpython" and wide == "True" and OLDEST <= version[:2] <= NEWEST:
                found.setdefault((version, prefix), Interpreter(path, version))
    return sorted(found.values(), key=lambda interpreter: interpreter.version)


def pytest_generate_tests(metafunc):
    """A test that asks for `interpreter` runs once for each CPython on the machine."""
    if "interpreter" in metafunc.fixturenames:
        metafunc.parametrize("interpreter", interpreters(), ids=str)


@pytest.fixture(scope="session")
def python():
    """Debian's python3, which has aiohttp."""
    found = [each for each in interpreters() if str(each.path).startswith("/usr/bin/")]
    return found[0] if found else pytest.skip("/usr/bin/python3 is no CPython 3.9 to 3.15")


@pytest.fixture(scope="session")
def programs():
    """The folder of the victims."""
    return PROGRAMS


@pytest.fixture(scope="session")
def victim(build):
    """A function that gives a victim of tests/programs, or skips where it could not be built."""
    def find(name):
        path = build / "tests" / f"victim-{name}"
        return path if path.exists() else pytest.skip(f"{path} was not built")
    return find


@pytest.fixture(scope="session")
def compiled(tmp_path_factory):
    """A function that compiles a victim by its pkg-config packages or plain libraries; skips where
    those are missing."""
    folder = tmp_path_factory.mktemp("compiled")

    def build(name, *words, package=None):
        output = folder / name
        if package:
            found = subprocess.run(["pkg-config", "--cflags", "--libs", package],
                                   capture_output=True, text=True)
            if found.returncode:
                pytest.skip(f"{package} is not installed for building")
            words = [*words, *found.stdout.split()]
            output = folder / f"{name}-{package}"
        if "-shared" in words:
            output = output.with_suffix(".so")
        if not output.exists():
            done = subprocess.run(["gcc", "-g", ROOT / "tests" / "programs" / f"{name}.c", "-o", output, *words,
                                   "-lpthread", "-ldl"], capture_output=True, text=True)
            if "No such file" in done.stderr or "cannot find -l" in done.stderr:
                pytest.skip(f"{name}: {done.stderr.splitlines()[0]}")
            assert done.returncode == 0, done.stderr
        return output
    return build
