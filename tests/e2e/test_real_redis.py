# SPDX-License-Identifier: MIT
"""redis-server as an administrator starts it, on a port and in a folder of its own."""
import contextlib
import os
import re
import shutil
import subprocess

import pytest

from conftest import clean_environment, judged_loops, load_for_long, wait_until

NO_PERSISTENCE = ["--save", "", "--appendonly", "no"]
EACH_WRITE = ["--save", "", "--appendonly", "yes", "--appendfsync", "always"]


class Redis:
    """A server of ours, asked by redis-cli; `process` is set by the fixture."""

    def __init__(self, folder, port, process):
        self.folder = folder
        self.port = port
        self.process = process

    def ask(self, *words, stdin=None):
        done = subprocess.run(["redis-cli", "-p", str(self.port), *map(str, words)], input=stdin,
                              env=clean_environment(), capture_output=True, text=True, timeout=20)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def info(self, name):
        return re.search(rf"^{name}:(.*?)\r?$", self.ask("INFO", "everything"), re.M)[1]

    def load(self, requests, tests="set,get,incr,lpush,lrange_100,mset", clients=10):
        words = ["redis-benchmark", "-p", str(self.port), "-n", str(requests), "-c", str(clients),
                 "-t", tests, "-r", "1000", "--csv"]
        done = subprocess.run(words, env=clean_environment(), capture_output=True, text=True,
                              timeout=30)
        assert done.returncode == 0 and "rror" not in done.stdout, done.stdout + done.stderr
        return done.stdout

    def shut_down(self):
        subprocess.run(["redis-cli", "-p", str(self.port), "SHUTDOWN", "NOSAVE"],
                       env=clean_environment(), capture_output=True, timeout=20)
        self.process.wait(20)


@pytest.fixture
def redis(tool, server, watched, free_port, tmp_path):
    """A context manager: a server with those options, watched or plain; `before` it in words."""
    for name in ("redis-cli", "redis-benchmark"):
        tool(name)

    @contextlib.contextmanager
    def start(options, plain=False, before=()):
        port = free_port()
        folder = tmp_path / f"redis-{port}"
        folder.mkdir()
        words = [*before, tool("redis-server"), "--port", port, "--bind", "127.0.0.1",
                 "--dir", folder, *options]
        with (server if plain else watched)(words, port) as process:
            yield Redis(folder, port, process)
    return start


def test_a_cache_under_load_is_silent(redis):
    with redis(NO_PERSISTENCE) as server:
        load_for_long(lambda: server.load(10000))
        server.shut_down()
    outcome = server.process.outcome()
    assert outcome.status == 0
    assert outcome.violations == [], outcome.stderr
    [loop] = outcome.report["runs"][0]["loops"]
    assert loop["wait"] == "epoll_wait" and loop["tid"] == server.process.pid
    assert loop["turns"] > 1000


def test_each_sync_of_the_append_only_file_is_told_with_its_path(redis):
    with redis(EACH_WRITE) as server:
        server.load(1000, "set", clients=5)
        server.shut_down()
    outcome = server.process.outcome()
    file = str(server.folder / "appendonlydir" / "appendonly.aof.1.incr.aof")
    synced = [each for each in outcome.of_rule("fsync") if each["argument"] == file]
    assert synced and {each["function"] for each in synced} == {"fdatasync"}
    # Five clients: a turn syncs for all that wrote in it, so between each write and each fifth.
    assert 200 <= sum(each["count"] for each in synced) <= 1001
    assert synced[0]["severity"] == "error"
    assert synced[0]["culprit"]["function"] in (None, "flushAppendOnlyFile")


def test_as_many_syncs_are_counted_as_the_kernel_was_asked_for(redis, tool, build, tmp_path):
    """strace has the truth. The preload is given by strace, so that strace itself runs plain."""
    log = tmp_path / "strace"
    before = [tool("strace"), "-f", "-y", "-e", "trace=fdatasync,fsync", "-o", log]
    with redis(EACH_WRITE, before=before) as server:
        server.load(300, "set", clients=3)
        server.shut_down()
    name = "appendonly.aof.1.incr.aof"
    asked = len(re.findall(rf"fdatasync\(\d+<[^>]*{re.escape(name)}", log.read_text()))
    told = [each for each in server.process.outcome().of_rule("fsync")
            if each["argument"].endswith(name)]
    assert asked == sum(each["count"] for each in told) > 100


def test_a_background_save_costs_the_loop_its_fork_and_nothing_else(redis):
    with redis(NO_PERSISTENCE) as server:
        server.ask("SET", "large", "x" * 1000)
        server.load(2000, "set")
        assert "started" in server.ask("BGSAVE")
        wait_until(lambda: server.info("rdb_bgsave_in_progress") == "0", "the background save")
        assert server.info("rdb_last_bgsave_status") == "ok"
        fork_us = int(server.info("latest_fork_usec"))
        server.shut_down()
    outcome = server.process.outcome()
    [fork] = outcome.of_rule("fork")
    assert fork["count"] == 1 and fork["severity"] == "warning"
    assert 10_000 < fork["total_ns"] <= fork_us * 1000 + 1000  # redis's clock stands around ours
    assert {each["pid"] for each in outcome.violations} == {server.process.pid}
    assert outcome.of_rule("fsync") == []  # the child syncs, and is no loop
    check = [shutil.which("redis-check-rdb"), server.folder / "dump.rdb"]
    assert subprocess.run(check, capture_output=True).returncode == 0


def test_a_save_in_the_foreground_is_all_on_the_loop(redis):
    with redis(NO_PERSISTENCE) as server:
        server.load(1000, "set")
        assert server.ask("SAVE") == "OK"
        server.shut_down()
    outcome = server.process.outcome()
    assert {"open", "fsync", "rename"} <= outcome.rules
    assert "fork" not in outcome.rules
    assert any("dump.rdb" in each["argument"] for each in outcome.of_rule("rename"))


def test_a_rewrite_of_the_append_only_file_renames_and_syncs_on_the_loop(redis):
    with redis(EACH_WRITE) as server:
        server.load(200, "set")
        server.ask("BGREWRITEAOF")
        wait_until(lambda: server.info("aof_rewrite_in_progress") == "0"
                   and server.info("aof_base_size") != "0", "the rewrite")
        assert server.info("aof_last_bgrewrite_status") == "ok"
        server.shut_down()
    outcome = server.process.outcome()
    assert {"fsync", "fork", "rename", "open", "unlink"} <= outcome.rules
    assert any("appendonly.aof.manifest" in each["argument"] for each in outcome.of_rule("rename"))
    assert len(outcome.of_rule("fork")) == 1


def test_a_sleep_inside_of_a_command_is_told_and_is_a_stall(redis):
    with redis([*NO_PERSISTENCE, "--enable-debug-command", "yes"]) as server:
        assert server.ask("DEBUG", "SLEEP", "0.2") == "OK"
        server.shut_down()
    outcome = server.process.outcome()
    [slept] = outcome.of_rule("sleep")
    assert slept["argument"] == "200 ms" and slept["count"] == 1
    assert 0.2e9 <= slept["total_ns"] < 2e9
    assert outcome.report["runs"][0]["loops"][0]["stalls"] >= 1


def conversation():
    """Commands whose replies leave nothing to chance."""
    lines = [f"SET key:{i} value:{i}" for i in range(200)]
    lines += [f"RPUSH list {i}" for i in range(50)] + ["LRANGE list 0 -1", "INCRBY n 7", "GET n"]
    lines += ["HSET h a 1 b 2", "HGETALL h", "NOSUCHCOMMAND", "EXPIRE key:1 1000", "DBSIZE",
              "MULTI", "INCR n", "EXEC", "SAVE", "DEBUG DIGEST"]
    return "\n".join(lines) + "\n"


def test_it_answers_stores_and_ends_as_without_us(redis):
    ends = []
    for plain in (True, False):
        with redis([*EACH_WRITE, "--enable-debug-command", "yes"], plain=plain) as server:
            replies = server.ask(stdin=conversation())
            log = server.folder / "appendonlydir" / "appendonly.aof.1.incr.aof"
            size = log.stat().st_size
            server.shut_down()
        words = re.findall(r"\d+:[MC] \S+ \S+ \S+ [*#] (.*)", server.process.stderr_text())
        said = [re.sub(r"\d+", "N", line) for line in words]
        ends.append((replies, size, said, server.process.returncode,
                     sorted(os.listdir(server.folder))))
    assert judged_loops(server.process.outcome().report)
    assert ends[0] == ends[1]
    assert ends[0][3] == 0
