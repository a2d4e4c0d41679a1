# SPDX-License-Identifier: MIT
"""`offloop clean`: old runs go, and nothing else does."""
import os
import subprocess
import time

import pytest

from conftest import ROOT

HOUR, DAY = 3600, 86400


@pytest.fixture
def runs(record, tmp_path):
    """A function that makes a run of offloop-out, so many seconds old; its pid is nobody's."""
    def make(age, name=None, base="offloop-out"):
        then = time.time() - age
        stamp = time.strftime("%Y-%m-%dT%H%M%S", time.gmtime(then))
        folder = tmp_path / base / (name or f"{stamp}-99999999")
        path = record("usual", folder / "app-1.offloop")
        os.utime(path, (then, then))
        os.utime(folder, (then, then))
        return folder
    return make


def left(tmp_path, base="offloop-out"):
    return sorted(path.name for path in (tmp_path / base).iterdir())


def test_the_newest_run_stays(command, runs, tmp_path):
    old, older, newest = runs(DAY), runs(9 * DAY), runs(HOUR)
    done = command("clean")
    assert done.returncode == 0 and done.stderr == ""
    assert left(tmp_path) == [newest.name]
    lines = done.stdout.splitlines()
    assert [line.split(": ")[0] for line in lines[:-1]] == [
        f"removed offloop-out/{old.name}", f"removed offloop-out/{older.name}"]
    assert lines[-1].startswith("removed 2 runs with 2 records, ")
    assert lines[-1].endswith("; 1 run kept")


def test_so_many_of_the_newest_stay(command, runs, tmp_path):
    kept = sorted(runs(age * HOUR).name for age in range(1, 4))
    runs(DAY)
    assert command("clean", "--keep=3").returncode == 0
    assert left(tmp_path) == kept


def test_none_needs_to_stay(command, runs, tmp_path):
    runs(1), runs(DAY)
    assert command("clean", "--keep", "0").returncode == 0
    assert not (tmp_path / "offloop-out").exists()


@pytest.mark.parametrize("age,kept", [("90m", 1), ("1d", 2), ("30h", 2), ("2w", 3), ("1s", 0)])
def test_what_is_younger_stays(command, runs, age, kept, tmp_path):
    for each in HOUR, 10 * HOUR, 8 * DAY:
        runs(each)
    assert f"{kept} run{'' if kept == 1 else 's'} kept" in command("clean", "--older-than", age).stdout


def test_an_old_run_among_the_newest_stays(command, runs, tmp_path):
    kept = [runs(8 * DAY).name]
    runs(9 * DAY)
    assert command("clean", "--older-than=7d", "--keep=1").returncode == 0
    assert left(tmp_path) == kept


def test_a_dry_run_says_it_and_removes_nothing(command, runs, tmp_path):
    runs(DAY), runs(HOUR)
    before = left(tmp_path)
    for option in "-n", "--dry-run":
        done = command("clean", "--keep=0", option)
        assert done.stdout.count("would remove offloop-out/") == 2
        assert "would remove 2 runs with 2 records" in done.stdout
        assert left(tmp_path) == before


def test_records_of_the_bare_library_are_runs(command, record, tmp_path):
    for number, age in enumerate((HOUR, DAY), 1):
        path = record("usual", f"offloop-out/app-{number}.offloop")
        os.utime(path, (time.time() - age,) * 2)
    assert command("clean").returncode == 0
    assert left(tmp_path) == ["app-1.offloop"]


def test_folders_can_be_named(command, runs, tmp_path):
    runs(DAY, base="one"), runs(DAY, base="two"), runs(DAY)
    assert command("clean", "--keep=0", "one", "two").returncode == 0
    assert not (tmp_path / "one").exists() and not (tmp_path / "two").exists()
    assert len(left(tmp_path)) == 1


def test_the_folder_of_the_variable_is_meant(command, runs, tmp_path):
    runs(DAY, base="mine")
    assert command("clean", "--keep=0", env={"OFFLOOP_OUT": "mine"}).returncode == 0
    assert not (tmp_path / "mine").exists()


# what is not ours

def test_other_files_stay_and_keep_their_folder(command, runs, tmp_path):
    run = runs(DAY)
    (run / "notes.txt").write_text("mine")
    (run / "mine.offloop").write_text("no record, whatever it is called")
    (tmp_path / "offloop-out" / "report.html").write_text("mine")
    (tmp_path / "offloop-out" / "sources").mkdir()
    (tmp_path / "offloop-out" / "sources" / "a.c").write_text("mine")
    assert command("clean", "--keep=0").returncode == 0
    assert left(tmp_path) == [run.name, "report.html", "sources"]
    assert sorted(path.name for path in run.iterdir()) == ["mine.offloop", "notes.txt"]


def test_folders_with_other_names_stay(command, runs, tmp_path):
    names = ["2026-01-02", "2026-01-02T030405", "2026-01-02T030405-", "2026-01-02T030405-1x", "old"]
    for name in names:
        runs(DAY, name=name)
    assert "nothing to remove" in command("clean", "--keep=0").stdout
    assert left(tmp_path) == sorted(names)


def test_links_are_not_followed(command, runs, record, tmp_path):
    elsewhere = runs(DAY, base="elsewhere")
    (tmp_path / "offloop-out").mkdir()
    (tmp_path / "offloop-out" / elsewhere.name).symlink_to(elsewhere)
    (tmp_path / "offloop-out" / "app-1.offloop").symlink_to(elsewhere / "app-1.offloop")
    assert command("clean", "--keep=0").returncode == 0
    assert (elsewhere / "app-1.offloop").exists()
    assert len(left(tmp_path)) == 2


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_files_of_another_user_stay(command, runs, tmp_path):
    run = runs(DAY)
    os.chown(run / "app-1.offloop", 65534, 65534)
    assert command("clean", "--keep=0").returncode == 0
    assert (run / "app-1.offloop").exists()


def test_a_run_that_goes_on_stays(offloop, python, tmp_path):
    program = ("import asyncio, sys\nasync def main():\n    await asyncio.sleep(0)\n    open('/etc/hosts').close()\n"
               "    await asyncio.sleep(0)\nasyncio.run(main())\nprint('there', flush=True)\nsys.stdin.readline()\n")
    env = offloop.environment(tmp_path / "records")
    clean = ["clean", "--keep=0", tmp_path / "records"]
    with subprocess.Popen([python.path, "-c", program], env=env, stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout.readline() == "there\n"
        done = offloop.command(*clean)
        assert done.stdout == "nothing to remove; 1 run kept, 1 of them still going on\n"
        process.communicate("end\n", timeout=60)
    assert "removed 1 run with 1 record" in offloop.command(*clean).stdout
    assert not list((tmp_path / "records").glob("*.offloop"))


# wrong usage

@pytest.mark.parametrize("words,said", [
    (["--older-than=7"], "'7' is not an age: a number and s, m, h, d or w, as in 7d"),
    (["--older-than=-1d"], "is not an age"), (["--older-than=1.5d"], "is not an age"), (["--older-than=7dd"], "is not an age"),
    (["--keep=-1"], "is not a number from 0"), (["--keep=few"], "is not a number from 0"), (["nowhere"], "No such file"),
])
def test_wrong_usage_is_2_and_removes_nothing(command, runs, tmp_path, words, said):
    runs(DAY), runs(9 * DAY)
    done = command("clean", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert len(left(tmp_path)) == 2


def test_nothing_there_is_nothing_to_remove(command):
    done = command("clean")
    assert (done.returncode, done.stdout) == (0, "nothing to remove; 0 runs kept\n")


# Git

def test_records_are_no_sources(command, tool, record_make, tmp_path):
    subprocess.run([tool("git"), "init", "-q", tmp_path], check=True)
    words = ["run", "--", "sh", "-c", f'"{record_make}" usual "$OFFLOOP_OUT/prog-1.offloop"']
    assert command(*words).returncode == 0
    assert list(tmp_path.glob("offloop-out/*/prog-1.offloop"))
    assert (tmp_path / "offloop-out" / ".gitignore").read_text() == "*\n"
    status = subprocess.run(["git", "status", "--porcelain", "-uall"], cwd=tmp_path, capture_output=True, text=True)
    assert status.stdout == ""


def test_so_are_those_of_the_bare_library(offloop, python, tmp_path):
    program = ROOT / "tests/e2e/programs/repeated_open.py"
    offloop.preload([python.path, program, "1"], env={"OFFLOOP_OUT": None}, cwd=tmp_path)
    assert list(tmp_path.glob("offloop-out/*.offloop"))
    assert (tmp_path / "offloop-out" / ".gitignore").read_text() == "*\n"


def test_a_folder_that_the_user_names_is_left_as_it_is(offloop, python, tmp_path):
    program = ROOT / "tests/e2e/programs/repeated_open.py"
    offloop.preload([python.path, program, "1"], env={"OFFLOOP_OUT": "sources"}, cwd=tmp_path)
    offloop.command("run", "--out", "more", "--", python.path, program, "1", cwd=tmp_path)
    assert len(list(tmp_path.glob("*/*.offloop"))) == 2
    assert not list(tmp_path.glob("*/.gitignore"))
