# SPDX-License-Identifier: MIT
"""libevent: memcached, which has one loop a thread, and tmux, whose server waits by poll() (it
tells libevent to do without epoll)."""
import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import threading

import pytest

from conftest import clean_environment, judged_loops, load_for_long, wait_until


def talk(port, requests, replies):
    """One client: sets and gets, each reply compared with what it must be."""
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        stream = connection.makefile("rwb")
        for i in range(requests):
            stream.write(b"set key%d 0 0 5\r\nvalue\r\nget key%d\r\n" % (i, i))
            stream.flush()
            lines = [stream.readline() for _ in range(4)]
            assert lines == [b"STORED\r\n", b"VALUE key%d 0 5\r\n" % i, b"value\r\n", b"END\r\n"]
            replies.append(4)


@pytest.fixture
def memcached(tool, free_port):
    program = tool("memcached")

    def words():
        port = free_port()
        user = ["-u", "nobody"] if os.geteuid() == 0 else []
        return [program, *user, "-l", "127.0.0.1", "-p", port, "-t", "2"], port
    return words


def load(port, clients=6, requests=500):
    replies = []
    threads = [threading.Thread(target=talk, args=(port, requests, replies))
               for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(replies) == 4 * clients * requests


def test_each_thread_of_memcached_is_a_loop_and_silent_under_load(memcached, watched):
    """As root it gives up its rights before its first wait, and could make no record then."""
    words, port = memcached()
    with watched(words, port) as process:
        load_for_long(lambda: load(port))
    outcome = process.outcome()
    assert outcome.status == 0
    assert outcome.violations == [], outcome.stderr
    [run] = outcome.report["runs"]
    assert len(run["loops"]) == 3 and process.pid in {loop["tid"] for loop in run["loops"]}
    workers = [loop for loop in run["loops"] if loop["tid"] != process.pid]
    assert all(loop["wait"] == "epoll_wait" and loop["turns"] > 100 for loop in workers)


def stats_of(port, names):
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(b"stats\r\nquit\r\n")
        text = connection.makefile("rb").read().decode()
    return {line.split()[1]: line.split()[2] for line in text.splitlines()
            if line.startswith("STAT") and line.split()[1] in names}


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_memcached_counts_and_ends_as_without_us(memcached, server, watched, ending):
    ends = []
    for start in (server, watched):
        words, port = memcached()
        with start(words, port, with_signal=ending) as process:
            load(port, clients=2, requests=100)
            stats = stats_of(port, ("cmd_get", "cmd_set", "get_hits", "curr_items", "threads"))
        ends.append((process.returncode, stats))
    assert judged_loops(process.outcome().report)
    assert ends[0] == ends[1]
    assert ends[0][1]["get_hits"] == "200"


@pytest.fixture
def tmux(tool, offloop, tmp_path):
    """A context manager: a tmux server of our own under offloop, as tmux(words…); its record
    afterwards, as tmux.report."""
    program = tool("tmux")
    socket_path = tmp_path / "tmux"
    folder = offloop.next_folder() / "records"
    environment = {**offloop.environment(folder), "SHELL": "/bin/sh"}

    def ask(*words, env=None):
        done = subprocess.run([program, "-S", socket_path, "-f", "/dev/null", *map(str, words)],
                              env=clean_environment() if env is None else env, timeout=20,
                              capture_output=True, text=True, stdin=subprocess.DEVNULL)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    @contextlib.contextmanager
    def session():
        ask("new-session", "-d", "sleep 60", env=environment)
        ask.pid = int(ask("display-message", "-p", "#{pid}"))
        try:
            yield ask
        finally:
            ask("kill-server")
            wait_until(lambda: not pathlib.Path(f"/proc/{ask.pid}").exists(), "the server's end")
        report = offloop.report_of(folder)
        ask.told = [each for each in report["violations"] if each["pid"] == ask.pid]
        ask.loops = [loop for run in report["runs"] for loop in run["loops"]
                     if loop["pid"] == ask.pid]
    return session


def test_the_tmux_server_is_a_loop_though_it_made_itself_a_daemon(tmux):
    with tmux() as ask:
        for _ in range(5):
            assert ask("display-message", "-p", "#{pid}") == str(ask.pid)
    assert "poll" in {loop["wait"] for loop in ask.loops}


def test_tmux_starts_programs_on_its_loop(tmux):
    """By strace: the server itself forks for run-shell. (On Debian it also forks utempter for each
    new window, and waits for its end.)"""
    with tmux() as ask:
        ask("run-shell", "true")
        ask("new-window", "-d", "sleep 60")
    assert "fork" in {each["rule"] for each in ask.told}
