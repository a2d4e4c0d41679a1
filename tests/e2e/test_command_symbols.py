# SPDX-License-Identifier: MIT
"""Names of native and JavaScript frames: demangled, from separate debug files, below a sysroot, and
from V8's perf maps."""
import json
import os
import shutil
import subprocess

import pytest

pytestmark = pytest.mark.holds_without_library("what the command and its reports do")

PROGRAM = """
#include <unistd.h>
#include <sys/epoll.h>
#include <thread>
namespace shop {
struct Basket {
    template <typename T> static inline __attribute__((always_inline)) void pause(T us)
    {
        usleep(us);
    }
    __attribute__((noinline)) void pay(int us)
    {
        pause(us);
        asm volatile("");
    }
};
}
int main()
{
    int loop = epoll_create1(0);
    struct epoll_event event;
    for (int i = 0; i < 4; i++) {
        epoll_wait(loop, &event, 1, 1);
        shop::Basket().pay(2000);
    }
    return 0;
}
"""
TIMER = """
const fs = require('fs')
function loadConfig() {
  return fs.readFileSync(process.argv[2])
}
let turns = 0 // the first may be due before the loop has ever waited: in no turn
const timer = setInterval(() => {
  if (turns++) loadConfig()
  if (turns > 6) clearInterval(timer)
}, 5)
"""


@pytest.fixture
def program(tool, tmp_path):
    """A C++ program with debug information, built into `app`."""
    source = tmp_path / "basket.cc"
    source.write_text(PROGRAM)
    subprocess.run([tool("g++"), "-g", "-O1", "-Wl,--build-id", "-o", tmp_path / "app", source],
                   check=True)
    return tmp_path / "app"


def report(offloop, folder, *options, **more):
    outcome = offloop.command("report", "--format", "json", *options, folder, **more)
    assert outcome.status == 0, outcome.stderr
    return json.loads(outcome.stdout)


def sleeps(data):
    return [each for each in data["violations"] if each["rule"] == "sleep"]


def own_frames(data):
    """(function, line known, inlined) of the program's frames of the sleep, main the last."""
    frames = [frame for frame in sleeps(data)[0]["stack"] if frame["module"].endswith("/app")]
    names = [(frame["function"], frame["line"] is not None, "inlined" in frame)
             for frame in frames]
    return names[:[name for name, _, _ in names].index("main") + 1]


@pytest.fixture
def recorded(offloop, program):
    """A folder with the program's record."""
    folder = offloop.next_folder()
    outcome = offloop._finish([program], offloop.environment(folder), 60)
    assert outcome.status == 0, outcome.stderr
    return folder


WHOLE = [("shop::Basket::pause<int>", True, True), ("shop::Basket::pay", True, False),
         ("main", True, False)]


def test_cxx_is_demangled_and_inlined_frames_are_there(offloop, recorded):
    assert own_frames(report(offloop, recorded)) == WHOLE


def strip(tool, program, debug):
    subprocess.run([tool("objcopy"), "--only-keep-debug", program, debug], check=True)
    subprocess.run([tool("strip"), "--strip-all", program], check=True)


def build_id(tool, program):
    notes = subprocess.run([tool("readelf"), "-n", program], capture_output=True, text=True,
                           check=True).stdout
    return notes.split("Build ID:")[1].split()[0]


def test_a_debug_file_is_found_by_its_build_id(offloop, tool, program, recorded, tmp_path):
    digits = build_id(tool, program)
    debug = tmp_path / "debug/.build-id" / digits[:2] / (digits[2:] + ".debug")
    debug.parent.mkdir(parents=True)
    strip(tool, program, debug)
    stripped = sleeps(report(offloop, recorded))[0]["stack"]
    assert "shop::Basket::pay" not in [frame["function"] for frame in stripped]
    assert own_frames(report(offloop, recorded, "--debug-dir", tmp_path / "debug")) == WHOLE
    assert own_frames(report(offloop, recorded, "--debug-dir", "debug", cwd=tmp_path)) == WHOLE
    program.unlink()  # the debug file alone does it too
    assert own_frames(report(offloop, recorded, "--debug-dir", tmp_path / "debug")) == WHOLE


def test_a_debug_file_is_found_by_its_debuglink(offloop, tool, program, recorded, tmp_path):
    debug = tmp_path / "app.debug"
    strip(tool, program, debug)
    subprocess.run([tool("objcopy"), f"--add-gnu-debuglink={debug}", program], check=True)
    assert own_frames(report(offloop, recorded)) == WHOLE


def test_a_sysroot_stands_for_the_root(offloop, program, recorded, tmp_path):
    inside = tmp_path / "image" / str(program).lstrip("/")
    inside.parent.mkdir(parents=True)
    shutil.move(program, inside)
    missing = sleeps(report(offloop, recorded))[0]["stack"]
    assert all(frame["line"] is None for frame in missing if frame["module"].endswith("/app"))
    assert own_frames(report(offloop, recorded, "--sysroot", tmp_path / "image")) == WHOLE


def test_a_missing_sysroot_is_wrong_usage(offloop, recorded):
    for option in ("--sysroot", "--debug-dir"):
        outcome = offloop.command("report", option, "/nonexistent", recorded)
        assert outcome.status == 2 and "no such folder" in outcome.stderr


@pytest.fixture
def timer(tool, tmp_path):
    tool("node")
    script = tmp_path / "timer.js"
    script.write_text(TIMER)
    (tmp_path / "file").write_text("content\n")
    return script


def test_node_names_the_users_function_file_and_line(offloop, timer, tmp_path):
    outcome = offloop.run(["node", timer, tmp_path / "file"], cwd=tmp_path)
    assert outcome.status == 0 and "--no-node-options" in outcome.stderr
    found = [each for each in outcome.of_rule("open") if each["argument"].endswith("/file")]
    assert len(found) == 1, "one site, however often V8 compiled it anew"
    culprit = found[0]["culprit"]
    assert (culprit["function"], culprit["line"]) == ("loadConfig", 3)
    assert culprit["file"] == str(timer) and culprit["owner"] == "timer"
    assert found[0]["api"] == "fs.readFileSync" and found[0]["count"] == 6
    scripts = [frame for frame in found[0]["stack"] if frame["kind"] == "js"]
    assert {"loadConfig", "listOnTimeout"} <= {frame["function"] for frame in scripts}


def test_a_record_of_node_is_read_later_and_v8_leaves_nothing(offloop, timer, tmp_path):
    before = {entry.name for entry in os.scandir("/tmp") if entry.name.startswith("perf-")}
    outcome = offloop.run(["node", timer, tmp_path / "file"], cwd=tmp_path)
    after = {entry.name for entry in os.scandir("/tmp") if entry.name.startswith("perf-")}
    assert f"perf-{outcome.report['runs'][0]['pid']}.map" not in after - before
    assert not list(tmp_path.glob("isolate-*"))
    again = report(offloop, tmp_path / "run-1/records")
    assert [each["id"] for each in again["violations"]] == \
        [each["id"] for each in outcome.violations]
    assert any(each["culprit"] and each["culprit"]["function"] == "loadConfig"
               for each in again["violations"])


def test_node_options_of_the_user_stay(offloop, timer, tmp_path):
    outcome = offloop.run(["node", "-p", "process.env.NODE_OPTIONS"],
                          env={"NODE_OPTIONS": "--trace-warnings"})
    assert outcome.stdout.startswith("--trace-warnings --perf-basic-prof")
    outcome = offloop.run(["node", "-p", "process.env.NODE_OPTIONS"], ["--no-node-options"],
                          env={"NODE_OPTIONS": "--trace-warnings"})
    assert outcome.stdout == "--trace-warnings\n" and "NODE_OPTIONS" not in outcome.stderr


def test_other_programs_get_no_node_options(offloop):
    outcome = offloop.run(["sh", "-c", "echo ${NODE_OPTIONS-none}"], env={"NODE_OPTIONS": None})
    assert outcome.stdout == "none\n"
