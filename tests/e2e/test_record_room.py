# SPDX-License-Identifier: MIT
"""The record's file: small, shared by a family of processes, gone where there is nothing in it; and
a program that goes on whatever happens to the file and to the disk below it."""
import json
import os
import shutil
import subprocess

import pytest

from conftest import COMMAND, PROGRAMS, ROOT

pytestmark = pytest.mark.usefixtures("steady")

OPENS = PROGRAMS / "repeated_open.py"
SMALL = 256 * 1024


def records_of(folder):
    return sorted(folder.glob("**/*.offloop"))


def blocks_of(path):
    return path.stat().st_blocks * 512


# disks

@pytest.fixture
def mounted(tmp_path):
    """A function that mounts a file system of its own: tmpfs, or one that mkfs makes in a file."""
    folders = []

    def mount(kind, size, *more):
        folder = tmp_path / f"disk-{len(folders)}"
        folder.mkdir()
        words = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", folder]
        if kind != "tmpfs":
            image = folder.with_suffix(".image")
            with open(image, "wb") as file:
                file.truncate(int(size))
            mkfs = shutil.which(f"mkfs.{kind}", path=os.environ.get("PATH", "") + ":/usr/sbin")
            if not mkfs:
                pytest.skip(f"mkfs.{kind} is not installed")
            subprocess.run([mkfs, *more, image], check=True, capture_output=True)
            words = ["mount", "-o", "loop", image, folder]
        try:
            done = subprocess.run(words, capture_output=True, text=True)
        except OSError:
            pytest.skip("mount is not there")
        if done.returncode:
            pytest.skip(f"{kind} can't be mounted here: {done.stderr.strip()}")
        folders.append(folder)
        return folder
    yield mount
    for folder in folders:
        subprocess.run(["umount", folder], check=True)


def test_a_full_disk_is_one_line_and_no_signal(offloop, python, mounted):
    disk = mounted("tmpfs", "40k")
    outcome = offloop.preload([python.path, OPENS, "3"], env={"OFFLOOP_OUT": disk / "records"})
    [trouble] = [line for line in outcome.live_lines if "live lines only" in line]
    assert outcome.status == 0 and "no room" in trouble
    assert "1 violation, 3 hits" in outcome.live_lines[-1]
    assert not records_of(disk)


def test_a_full_disk_lets_no_gate_pass(offloop, python, mounted):
    disk = mounted("tmpfs", "40k")
    words = ["run", "--out", disk / "records", "--fail-on", "error", "--", python.path, OPENS, "3"]
    outcome = offloop.command(*words)
    assert outcome.status == 65 and "found no room on its file system" in outcome.stderr
    assert not records_of(disk)


FILLS = """
import asyncio, os, sys

disk, number = sys.argv[1], int(sys.argv[2])
text = "".join(f"def site_{i}():\\n    os.access('/etc/hosts', 0)\\n" for i in range(number))
exec(compile(text, "generated.py", "exec"))
sites = [globals()[f"site_{i}"] for i in range(number)]

def fill():
    file, size = os.open(disk + "/filler", os.O_CREAT | os.O_WRONLY), 65536
    while size:
        try:
            os.write(file, bytes(size))
        except OSError:
            size //= 8
    try:
        os.fsync(file)
    except OSError:
        pass
    os.sync()

async def main():
    await asyncio.sleep(0)
    sites[0]()
    fill()
    for _ in range(3):
        for site in sites:
            site()
        os.sync()
    print("done")

asyncio.run(main())
"""
SITES = 700
HITS = 3 * SITES + 1


@pytest.mark.parametrize("kind,size,more", [
    ("tmpfs", 4 << 20, ()), ("ext4", 16 << 20, ()), ("ext2", 16 << 20, ()),
    ("xfs", 300 << 20, ("-q",)),
], ids=["tmpfs", "ext4", "without fallocate", "xfs"])
def test_a_disk_that_fills_up_costs_places_and_never_the_program(offloop, python, mounted, kind,
                                                                 size, more):
    disk = mounted(kind, size, *more)
    env = {"OFFLOOP_OUT": disk / "records", "OFFLOOP_LOG": "off"}
    outcome = offloop.preload([python.path, "-c", FILLS, disk, SITES], env=env)
    assert (outcome.status, outcome.stdout) == (0, "done\n")
    report = json.loads(offloop.command("report", "--format", "json", disk / "records").stdout)
    access = [each["count"] for each in report["violations"] if each["rule"] == "access"]
    assert report["totals"]["hits"] >= HITS
    if kind == "ext2":  # all of it was written at start
        assert sum(access) == HITS and not report["totals"]["dropped"]
    else:
        assert 0 < sum(access) < HITS and report["totals"]["dropped"]


def test_what_a_full_disk_cost_is_in_the_last_line(offloop, python, mounted):
    disk = mounted("tmpfs", 4 << 20)
    words = ["run", "--out", disk / "records", "--log=off", "--", python.path, "-c", FILLS, disk, SITES]
    outcome = offloop.command(*words)
    assert outcome.status == 0 and "did not fit into the record" in outcome.live_lines[-1]


# written over by others

@pytest.fixture(scope="module")
def guest(tmp_path_factory):
    """A function that compiles a victim of tests/programs/guest, once."""
    folder = tmp_path_factory.mktemp("guest")

    def find(name):
        program = folder / name
        if not program.exists():
            source = ROOT / "tests/programs/guest" / f"{name}.c"
            subprocess.run(["gcc", "-g", "-O1", "-D_GNU_SOURCE", "-o", program, source, "-pthread"], check=True)
        return program
    return find


@pytest.mark.parametrize("how", ["ones", "zeros", "own", "noise"])
def test_a_child_that_writes_over_the_record_reaches_nothing_of_its_parent(offloop, guest, how):
    program = guest("scribble")
    for policy in "default", "backtrace":
        env = offloop.environment(offloop.next_folder() / "records", {"OFFLOOP_POLICY": policy})
        outcome = offloop._finish([program, how], env, 60)
        assert (outcome.status, outcome.stdout) == (0, "untouched, 0\n"), outcome.stderr


WAITS_FOR_A_LINE = """
import asyncio, os, sys

async def main():
    await asyncio.sleep(0)
    os.stat("/etc/hosts")
    print("recorded", flush=True)
    sys.stdin.readline()
    os.stat("/etc/hosts")
    os.access("/etc/hosts", 0)
    await asyncio.sleep(0)

asyncio.run(main())
print("went on")
"""


@pytest.mark.parametrize("byte", [b"\0", b"\xff", b"A"])
def test_a_file_that_is_written_over_is_no_trouble_of_the_program(offloop, python, byte):
    folder = offloop.next_folder() / "records"
    with subprocess.Popen([python.path, "-c", WAITS_FOR_A_LINE], env=offloop.environment(folder),
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "recorded\n"
        [record] = records_of(folder)
        with open(record, "r+b") as file:
            file.write(byte * record.stat().st_size)
        rest, _ = process.communicate("go on\n", timeout=60)
        assert (process.returncode, rest) == (0, "went on\n")


# size

def test_a_record_begins_small_and_stays_small(offloop, python):
    folder = offloop.next_folder() / "records"
    with subprocess.Popen([python.path, "-c", WAITS_FOR_A_LINE], env=offloop.environment(folder),
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "recorded\n"
        [record] = records_of(folder)
        assert blocks_of(record) <= SMALL
        process.communicate("go on\n", timeout=60)
    assert blocks_of(record) <= SMALL
    assert [each["rule"] for each in offloop.report_of(folder)["violations"]]


def test_twenty_small_programs_leave_little(offloop, guest, tmp_path):
    folder = tmp_path / "records"
    for _ in range(20):
        assert offloop._finish([guest("plain")], offloop.environment(folder), 60).status == 5
    assert len(records_of(folder)) == 20
    assert sum(map(blocks_of, records_of(folder))) <= 20 * SMALL / 2


TINY = 32 * 1024


def without_path(report):
    return {**report, "runs": [{**run, "path": None} for run in report["runs"]]}


@pytest.mark.parametrize("end", ["", "kill -9 $$", "exit 3"], ids=["exit", "killed", "failed"])
def test_a_run_leaves_its_records_as_long_as_what_is_in_them(offloop, python, end):
    shell = f'"{python.path}" "{OPENS}" 3; {end}'
    outcome = offloop.run(["sh", "-c", shell])
    [record] = records_of(offloop.folder / "run-1")
    assert record.stat().st_size <= TINY and blocks_of(record) <= TINY
    assert record.stat().st_mode & 0o777 == 0o600
    assert without_path(offloop.report_of(record.parent)) == without_path(outcome.report)
    assert [each["count"] for each in outcome.violations] == [3]
    assert [path.name for path in record.parent.iterdir()] == [record.name]


def test_so_is_that_of_a_loop_that_was_killed(offloop, python):
    outcome = offloop.run([python.path, "-c", WAITS_FOR_A_LINE.replace("sys.stdin.readline()", "os.kill(os.getpid(), 9)")])
    assert outcome.status == 128 + 9
    [record] = records_of(offloop.folder / "run-1")
    assert record.stat().st_size <= TINY
    assert without_path(offloop.report_of(record.parent)) == without_path(outcome.report)


def waiting(words, env):
    process = subprocess.Popen([str(word) for word in words], env=env, stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout.readline() == "recorded\n"
    return process


def test_what_another_program_still_writes_is_left_alone(offloop, python, tmp_path):
    """The run ends while a program that began meanwhile goes on recording into the same folder."""
    folder = tmp_path / "records"
    env = offloop.environment(folder)
    program = [python.path, "-c", WAITS_FOR_A_LINE]
    with waiting([COMMAND, "run", "--out", folder, "--", *program], {**env, "LD_PRELOAD": ""}) as run:
        [first] = records_of(folder)
        with waiting(program, env) as other:
            [record] = set(records_of(folder)) - {first}
            before = record.stat()
            run.communicate("go on\n", timeout=60)
            assert first.stat().st_size <= TINY
            other.communicate("go on\n", timeout=60)
    assert (record.stat().st_ino, record.stat().st_size) == (before.st_ino, before.st_size)
    report = json.loads(offloop.command("report", "--format", "json", record).stdout)
    assert {each["rule"] for each in report["violations"]} >= {"stat", "access"}


# a family of processes

FAMILY = """
import asyncio, os, sys

async def work():
    await asyncio.sleep(0)
    for _ in range(25):
        os.stat("/etc/hosts")

if sys.argv[1] == "after the parent's loop":
    asyncio.run(asyncio.sleep(0))
begin, go = os.pipe()
for i in range(4):
    if not os.fork():
        os.close(go)
        os.read(begin, 1)
        asyncio.run(work())
        sys.exit(i)
os.close(go)
for _ in range(4):
    os.wait()
"""


@pytest.mark.parametrize("when", ["before any loop", "after the parent's loop"])
def test_children_that_begin_at_once_count_into_one_record(offloop, interpreter, when):
    outcome = offloop.preload([interpreter.path, "-c", FAMILY, when])
    assert outcome.status == 0
    [run] = outcome.report["runs"]
    assert [each["count"] for each in outcome.violations] == [100]
    assert len([line for line in outcome.live_lines if "os.stat" in line]) == 1
    image, *children = run["processes"]
    assert image["parent"] == 0 and {each["parent"] for each in children} == {image["pid"]}
    assert sorted(each["exit_status"] for each in children) == [0, 1, 2, 3]
    assert len(run["loops"]) == (5 if when.startswith("after") else 4)


def test_what_children_did_is_said_and_judged_by_who_loaded_the_program(offloop, python):
    words = [python.path, "-c", FAMILY, "before any loop"]
    outcome = offloop.preload(words, env={"OFFLOOP_FAIL_ON": "note"})
    assert outcome.status == 66
    assert "1 violation, 100 hits" in outcome.live_lines[-1]


# nothing to keep

NOTHING = {
    "shell": "sh -c 'true | cat'",
    "bash": "bash -c 'true | cat; exit 0'",
    "_exit after a fork": "perl -MPOSIX -e 'exit 0 if !fork; wait; POSIX::_exit(0)'",
    "exec after a fork": "perl -e 'exit 0 if !fork; wait; exec \"true\"'",
    "exec in a grandchild": "perl -e 'if (!fork) { exec \"true\" if !fork; wait; exit 0 } wait'",
    "killed by itself": "perl -e 'exit 0 if !fork; wait; kill 9, $$'",
    "killed by its child": "perl -e 'if (!fork) { kill 15, getppid; exit 0 } sleep 9'",
    "make": "make -f /dev/null -s --eval 'x: ; @true | cat' x",
    "xargs": "echo a b c | xargs -n 1 echo",
    "python": "python3 -c 'import os; os.fork(); os._exit(0)'",
}


@pytest.mark.parametrize("what", NOTHING)
def test_a_program_without_a_loop_leaves_no_file_however_it_ends(offloop, tool, tmp_path, what):
    tool(NOTHING[what].split()[0])
    env = offloop.environment(tmp_path / "records", {"OFFLOOP_LOG": "off"})
    subprocess.run(["bash", "-c", NOTHING[what]], env=env, capture_output=True, timeout=60)
    assert not (tmp_path / "records").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give up root")
@pytest.mark.parametrize("what", ["os.setuid(0); os.execv('/bin/true', ['true'])",
                                  "os.setreuid(0, -1); os._exit(0)", "os.setuid(65534)"])
def test_so_does_one_that_makes_ready_to_give_up_root(offloop, python, tmp_path, what):
    """Who has given it up can't remove what root has made: `offloop run` does."""
    run = offloop.command("run", "--out", tmp_path / "records", "--", python.path, "-c", f"import os; {what}")
    assert run.status == 0 and not records_of(tmp_path / "records")
    if "65534" not in what:
        offloop._finish([python.path, "-c", f"import os; {what}"], offloop.environment(tmp_path / "bare"), 60)
        assert not (tmp_path / "bare").exists()
