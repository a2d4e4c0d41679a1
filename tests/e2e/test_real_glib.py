# SPDX-License-Identifier: MIT
"""GLib's main loop: a small program of ours, and programs of the distribution that run on it. It
waits by poll(), which is a loop's wait when libglib calls it."""
import contextlib
import signal
import subprocess

import pytest

from conftest import ROOT, clean_environment, wait_until

WAITS = {"poll", "ppoll"}  # by GLib's version

BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={folder}/socket</listen>
  <auth>EXTERNAL</auth>
  <servicedir>{folder}/services</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
  </policy>
</busconfig>
"""


@pytest.fixture(scope="session")
def glib_loop(tmp_path_factory):
    """tests/programs/glib_loop.c, built with lines."""
    words = ["pkg-config", "--cflags", "--libs", "gio-2.0"]
    with contextlib.suppress(FileNotFoundError):
        flags = subprocess.run(words, capture_output=True, text=True)
        if flags.returncode == 0:
            program = tmp_path_factory.mktemp("glib") / "glib_loop"
            source = ROOT / "tests" / "programs" / "glib_loop.c"
            subprocess.run(["gcc", "-g", "-std=gnu11", source, "-o", program,
                            *flags.stdout.split()], check=True)
            return program
    return pytest.skip("libglib2.0-dev is not installed")


@pytest.fixture
def file(tmp_path):
    file = tmp_path / "file"
    file.write_text("content\n")
    return file


def test_reading_and_sleeping_in_a_timeout_are_told(offloop, glib_loop, file):
    outcome = offloop.preload([glib_loop, file, "block"])
    assert outcome.status == 0
    assert outcome.rules == {"open", "sleep"}
    [opened], [slept] = outcome.of_rule("open"), outcome.of_rule("sleep")
    assert opened["argument"] == str(file) and slept["argument"] == "30 ms"
    assert 0.03e9 <= slept["total_ns"] < 1e9
    source = (ROOT / "tests" / "programs" / "glib_loop.c").read_text().splitlines()
    for told, call in ((opened, "g_file_get_contents"), (slept, "g_usleep")):
        assert told["culprit"]["function"] == "block"
        assert call in source[told["culprit"]["line"] - 1]
    [loop] = outcome.report["runs"][0]["loops"]
    assert loop["wait"] in WAITS


def test_gios_asynchronous_calls_are_silent(offloop, glib_loop, file):
    outcome = offloop.preload([glib_loop, file, "async"])
    assert outcome.status == 0
    assert outcome.violations == [], outcome.stderr
    assert {loop["wait"] for loop in outcome.report["runs"][0]["loops"]} & WAITS


@pytest.fixture
def gi(python):
    return python if python.has("gi") else pytest.skip("python3-gi is not installed")


def test_a_sleep_in_a_callback_of_python_under_glib_is_told(offloop, gi, programs):
    outcome = offloop.preload([gi.path, programs / "gi_loop.py", "block"])
    assert outcome.status == 0, outcome.stderr
    [slept] = outcome.violations
    assert (slept["rule"], slept["api"], slept["argument"]) == ("sleep", "time.sleep", "30 ms")
    assert slept["culprit"]["function"] == "work"
    assert slept["culprit"]["file"] == str(programs / "gi_loop.py")


def test_python_under_glib_without_blocking_calls_is_silent(offloop, gi, programs):
    outcome = offloop.preload([gi.path, programs / "gi_loop.py", "clean"])
    assert outcome.status == 0, outcome.stderr
    assert outcome.violations == [] and outcome.report["runs"][0]["loops"]


def test_gio_monitor_is_a_loop_and_looks_at_each_file_that_is_made(watched, tool, tmp_path):
    """GIO's own thread "gmain" is its loop for file monitors, and calls stat() in it: by strace,
    newfstatat(AT_FDCWD, FILE, …, 0) at each creation."""
    folder = tmp_path / "folder"
    folder.mkdir()
    with watched([tool("gio"), "monitor", folder]) as process:
        # Watching begins some time after the start: files are made until one is noticed.
        def noticed():
            (folder / f"file-{len(list(folder.iterdir()))}").touch()
            return process.stderr_text().count(": created") >= 3
        wait_until(noticed, "three files noticed", process=process)
    outcome = process.outcome()
    assert outcome.status == -signal.SIGTERM
    assert {loop["name"] for loop in outcome.report["runs"][0]["loops"]} == {"gio", "gmain"}
    looked = outcome.of_rule("stat")
    assert looked and {each["thread"]["name"] for each in looked} == {"gmain"}
    assert all(each["argument"].startswith(str(folder)) for each in looked)


@pytest.fixture
def bus(tmp_path):
    """A D-Bus configuration of our own; bus.address, bus.words(…) and bus.call(METHOD, …)."""
    class Bus:
        folder = tmp_path
        address = f"unix:path={tmp_path}/socket"

        def words(self, program):
            return [program, f"--config-file={tmp_path}/bus.conf", "--nofork"]

        def call(self, method, *arguments):
            words = ["gdbus", "call", "--address", self.address, "--dest", "org.freedesktop.DBus",
                     "--object-path", "/org/freedesktop/DBus",
                     "--method", f"org.freedesktop.DBus.{method}", *arguments]
            done = subprocess.run(words, env=clean_environment(), capture_output=True, text=True,
                                  timeout=20)
            assert done.returncode == 0, done.stderr
            return done.stdout
    (tmp_path / "services").mkdir()
    (tmp_path / "bus.conf").write_text(BUS.format(folder=tmp_path))
    return Bus()


def test_gdbus_monitor_under_traffic_is_silent(watched, server, tool, bus):
    gdbus = tool("gdbus")
    with server(bus.words(tool("dbus-daemon"))) as daemon:
        wait_until((bus.folder / "socket").exists, "the bus", process=daemon)
        words = [gdbus, "monitor", "--address", bus.address, "--dest", "org.freedesktop.DBus"]
        with watched(words) as process:
            wait_until(lambda: "owned by" in process.stderr_text(), "the monitor", process=process)
            for _ in range(10):
                bus.call("ListNames")
            wait_until(lambda: process.stderr_text().count("NameOwnerChanged") >= 10, "signals")
    outcome = process.outcome()
    assert outcome.status == -signal.SIGTERM
    assert outcome.violations == [], outcome.stderr
    assert {"gdbus"} <= {loop["name"] for loop in outcome.report["runs"][0]["loops"]}


def test_dbus_daemon_reads_its_configuration_again_on_its_loop(watched, tool, bus):
    tool("gdbus")
    with watched(bus.words(tool("dbus-daemon"))) as process:
        wait_until((bus.folder / "socket").exists, "the bus", process=process)
        bus.call("ListNames")
        bus.call("ReloadConfig")
        assert "org.freedesktop.DBus" in bus.call("ListNames")
    outcome = process.outcome()
    opened = [each["argument"] for each in outcome.of_rule("open")]
    assert opened.count(str(bus.folder / "bus.conf")) == 1
    assert str(bus.folder / "services") in [each["argument"]
                                            for each in outcome.of_rule("readdir")]
    [loop] = outcome.report["runs"][0]["loops"]
    assert loop["wait"] == "epoll_wait"
