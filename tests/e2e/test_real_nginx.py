# SPDX-License-Identifier: MIT
"""nginx with a configuration of our own: a master that forks two workers, which give up root. The
workers are the loops, and are watched though they could not write a record themselves."""
import contextlib
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile

import pytest

from conftest import accepts, clean_environment, judged_loops, wait_until

CONFIGURATION = """
daemon {daemon};
{user}
worker_processes 2;
pid {root}/nginx.pid;
error_log {root}/error.log info;
events {{ worker_connections 256; }}
http {{
  access_log {root}/access.log;
  client_body_temp_path {root}/body; proxy_temp_path {root}/proxy; fastcgi_temp_path {root}/fastcgi;
  uwsgi_temp_path {root}/uwsgi; scgi_temp_path {root}/scgi;
  {more}
  server {{
    listen 127.0.0.1:{port};
    root {root}/html;
    location = /text {{ access_log off; return 200 "text\\n"; }}
  }}
}}
"""


class Nginx:
    """The folder of one server, and where to reach it."""

    def __init__(self, program, root, port):
        self.program = program
        self.root = root
        self.url = f"http://127.0.0.1:{port}"
        self.port = port

    @property
    def words(self):
        return [self.program, "-p", self.root, "-c", self.root / "nginx.conf", "-e", "stderr"]

    def master(self):
        return int((self.root / "nginx.pid").read_text())

    def workers(self):
        """None while the master has its port, but has not yet written who it is."""
        pid = self.root / "nginx.pid"
        if not (pid.exists() and pid.read_text().strip()):
            return []
        children = pathlib.Path(f"/proc/{self.master()}/task/{self.master()}/children")
        return sorted(map(int, children.read_text().split()))

    def served(self):
        return (self.root / "access.log").read_text().count(" 200 ")


@pytest.fixture
def nginx(tool, free_port):
    """A function that lays out a server; `more` is put into its http block. Its folder is one that
    workers without rights can enter."""
    program = tool("nginx")
    roots = []

    def lay_out(more="", daemon=False):
        root = pathlib.Path(tempfile.mkdtemp(prefix="offloop-nginx-"))
        roots.append(root)
        root.chmod(0o755)
        (root / "html").mkdir()
        (root / "html" / "index.html").write_text("hello\n")
        made = Nginx(program, root, free_port())
        user = "user nobody nogroup;" if os.geteuid() == 0 else ""
        (root / "nginx.conf").write_text(CONFIGURATION.format(
            daemon="on" if daemon else "off", user=user, root=root, port=made.port, more=more))
        return made
    yield lay_out
    for root in roots:
        shutil.rmtree(root)


def loop_pids(outcome):
    [run] = outcome.report["runs"]
    return sorted(loop["pid"] for loop in run["loops"])


def test_workers_that_were_forked_and_lost_their_rights_are_loops(nginx, watched):
    site = nginx()
    expected = pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else os.geteuid()

    def owners():
        return [os.stat(f"/proc/{pid}").st_uid for pid in site.workers()]
    with watched(site.words, site.port, with_signal=signal.SIGQUIT) as process:
        wait_until(lambda: owners() == [expected, expected], "two workers without root's rights")
        workers = site.workers()
    outcome = process.outcome()
    assert outcome.status == 0
    assert loop_pids(outcome) == workers


def test_each_request_for_a_file_opens_it_on_the_loop(nginx, watched, wrk):
    site = nginx()
    with watched(site.words, site.port, with_signal=signal.SIGQUIT) as process:
        load = wrk(f"{site.url}/index.html")
    outcome = process.outcome()
    opened = outcome.of_rule("open")
    assert {each["argument"] for each in opened} == {str(site.root / "html" / "index.html")}
    # What nginx logged, and wrk stopped waiting for at most one a connection.
    assert sum(each["count"] for each in opened) == site.served()
    assert load.requests <= site.served() <= load.requests + 10
    assert "stat" not in outcome.rules  # it asks by the open descriptor


def test_with_open_file_cache_a_file_is_opened_once_a_worker(nginx, watched, wrk):
    site = nginx("open_file_cache max=100; open_file_cache_valid 60s; access_log off;")
    with watched(site.words, site.port, with_signal=signal.SIGQUIT) as process:
        wrk(f"{site.url}/index.html")
    opened = process.outcome().of_rule("open")
    assert 1 <= sum(each["count"] for each in opened) <= 2


def test_answers_without_a_file_are_silent_under_load(nginx, watched, wrk):
    site = nginx()
    with watched(site.words, site.port, with_signal=signal.SIGQUIT) as process:
        wrk(f"{site.url}/text")
    outcome = process.outcome()
    assert outcome.violations == [], outcome.stderr
    assert sum(loop["turns"] for loop in outcome.report["runs"][0]["loops"]) > 100


@contextlib.contextmanager
def daemon(site, start):
    """`start` makes it; the daemon is ended, by its own pid, on the way out."""
    try:
        yield start()
        wait_until(lambda: accepts(site.port), "the daemon")
    finally:
        with contextlib.suppress(FileNotFoundError):
            master = site.master()
            os.kill(master, signal.SIGQUIT)
            wait_until(lambda: not os.path.exists(f"/proc/{master}"), "the daemon's end")


def get(url):
    words = ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", url]
    return subprocess.run(words, env=clean_environment(), capture_output=True, text=True).stdout


def test_a_daemon_is_watched_after_the_program_that_was_started_has_ended(nginx, offloop, tool):
    tool("curl")
    site = nginx(daemon=True)
    folder = offloop.next_folder() / "records"
    environment = offloop.environment(folder)
    with daemon(site, lambda: subprocess.run(site.words, env=environment, timeout=20)) as started:
        assert started.returncode == 0
        wait_until(lambda: accepts(site.port) and len(site.workers()) == 2, "the daemon")
        first = site.workers()
        os.kill(site.master(), signal.SIGHUP)  # new workers, with the configuration read again
        wait_until(lambda: len(site.workers()) == 2 and not set(first) & set(site.workers()),
                   "the new workers")
        second = site.workers()
        assert get(f"{site.url}/index.html") == "200"
    report = offloop.report_of(folder)
    [run] = report["runs"]
    assert sorted(loop["pid"] for loop in run["loops"]) == sorted(first + second)
    [opened] = [each for each in report["violations"] if each["rule"] == "open"]
    assert opened["argument"] == str(site.root / "html" / "index.html") and opened["count"] == 1
    assert opened["pid"] in second


def test_offloop_run_leaves_the_record_of_a_daemon(nginx, offloop, tool):
    tool("curl")
    site = nginx(daemon=True)
    with daemon(site, lambda: offloop.run(site.words)) as started:
        assert started.status == 0
        wait_until(lambda: accepts(site.port), "the daemon")
        assert get(f"{site.url}/index.html") == "200"
    report = offloop.report_of(offloop.folder / "run-1" / "records")
    assert report is not None, "the record was removed while the daemon still counted into it"
    assert {each["rule"] for each in report["violations"]} == {"open"}


@pytest.mark.parametrize("ending", [signal.SIGQUIT, signal.SIGTERM, signal.SIGKILL])
def test_it_answers_and_ends_as_without_us(nginx, server, watched, tool, ending):
    tool("curl")
    ends = []
    for start in (server, watched):
        site = nginx()
        with start(site.words, site.port, with_signal=ending) as process:
            pages = [get(f"{site.url}{path}") for path in ("/", "/index.html", "/text", "/nope")]
            workers = site.workers()
        if ending == signal.SIGKILL:  # the workers outlive their master; they are ours to end
            for pid in workers:
                os.kill(pid, signal.SIGTERM)
        wait_until(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in workers), "the end")
        ends.append((process.returncode, pages, (site.root / "nginx.pid").exists()))
    assert judged_loops(process.outcome().report)
    assert ends[0] == ends[1]
    assert ends[0][1] == ["200", "200", "200", "404"]


@pytest.mark.holds_without_library("it ends before its loop")
def test_a_wrong_configuration_is_refused_as_without_us(nginx, offloop):
    site = nginx("no_such_directive on;")
    plain = offloop.preload(site.words, env={"LD_PRELOAD": None})
    outcome = offloop.preload(site.words)
    assert outcome.status == plain.status == 1
    assert "no_such_directive" in outcome.stderr
