# SPDX-License-Identifier: MIT
"""What other users of the machine may have put where offloop writes: links, files, folders. And programs
that have more rights than their user."""
import os
import pathlib
import pwd
import re
import shutil
import stat
import subprocess
import tempfile

import pytest

from conftest import COMMAND, LIBRARY, PROGRAMS, TIMEOUT, clean_environment

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can make what is another user's")
SLEEPER = PROGRAMS / "worse_and_worse.py"
NOBODY = pwd.getpwnam("nobody").pw_uid


@pytest.fixture
def sleeper(build, python, tmp_path):
    """A program that is reported once, under the bare library, in a folder of its own."""
    (tmp_path / "temporary").mkdir(exist_ok=True)

    def run(env=None, **options):
        env = {"LD_PRELOAD": LIBRARY, "OFFLOOP_OUT": tmp_path / "out", "TMPDIR": tmp_path / "temporary", **(env or {})}
        done = subprocess.run([python.path, SLEEPER, "0.01"], env=clean_environment(env), capture_output=True, text=True,
                              timeout=TIMEOUT, **{"cwd": tmp_path, **options})
        assert done.returncode == 0, done.stderr
        return done.stderr
    return run


@pytest.fixture
def watched_run(build, python, tmp_path):
    """The same by `offloop run`, with its gate."""
    (tmp_path / "temporary").mkdir(exist_ok=True)

    def run(*options, cwd=None, env=None):
        words = [COMMAND, "run", "--fail-on", "warning", *options, "--", python.path, SLEEPER, "0.01"]
        done = subprocess.run(words, cwd=cwd or tmp_path, capture_output=True, text=True, timeout=TIMEOUT,
                              env=clean_environment({"TMPDIR": tmp_path / "temporary", **(env or {})}))
        assert done.returncode == 66, done.stderr
        return done.stderr
    return run


def records(folder):
    return sorted(pathlib.Path(folder).glob("**/*.offloop"))


# --- the log ---


def another_ones_file(path, victim):
    path.write_text("")
    os.chown(path, NOBODY, NOBODY)


LOGS = {"a link": (lambda path, victim: path.symlink_to(victim), "is a link"),
        "a link to nothing": (lambda path, victim: path.symlink_to(path.parent / "nothing"), "is a link"),
        "a second name": (lambda path, victim: path.hardlink_to(victim), "another name"),
        "another user's": (another_ones_file, "belongs to another user"),
        "a folder": (lambda path, victim: path.mkdir(), "can't be written")}


@needs_root
@pytest.mark.parametrize("what", LOGS)
def test_a_log_that_somebody_else_may_have_put_there_is_not_written(sleeper, tmp_path, what):
    log, victim = tmp_path / "log", tmp_path / "victim"
    victim.write_text("precious\n")
    make, why = LOGS[what]
    make(log, victim)
    said = sleeper({"OFFLOOP_LOG": log})
    assert victim.read_text() == "precious\n" and not (tmp_path / "nothing").exists()
    assert not log.is_file() or log.read_text() in ("", "precious\n")
    [line] = [line for line in said.splitlines() if "OFFLOOP_LOG" in line]
    assert why in line and records(tmp_path / "out")


def test_a_log_of_ours_is_made_and_written_further(sleeper, tmp_path):
    log = tmp_path / "log"
    for lines in (1, 2):
        assert sleeper({"OFFLOOP_LOG": log}) == ""
        assert log.read_text().count("time.sleep") == lines
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["/dev/fd/{}", "/proc/self/fd/{}"])
def test_a_log_may_be_a_descriptor(sleeper, tmp_path, name):
    with open(tmp_path / "log", "w") as file:
        sleeper({"OFFLOOP_LOG": name.format(file.fileno())}, pass_fds=[file.fileno()])
    assert "time.sleep" in (tmp_path / "log").read_text()


def test_a_log_may_be_a_stream_or_a_device(sleeper):
    assert "time.sleep" in sleeper({"OFFLOOP_LOG": "/dev/stderr"})
    assert sleeper({"OFFLOOP_LOG": "/dev/null"}) == ""


def test_a_run_does_not_begin_with_a_log_that_is_a_link(offloop, tmp_path):
    (tmp_path / "log").symlink_to(tmp_path / "victim")
    outcome = offloop.command("run", "--log", tmp_path / "log", "--", "true")
    assert outcome.status == 2 and "is a link, which is not followed" in outcome.stderr
    assert offloop.command("run", "--log=/dev/stderr", "--", "true").status == 0


# --- folders ---

def folder_of(path, mode, owner=None, group=None):
    path.mkdir()
    os.chmod(path, mode)
    if owner is not None:
        os.chown(path, owner, group if group is not None else owner)
    return path


REFUSED = {"everybody's": (0o777, 0, 0, "can be written by everybody"),
           "a group's": (0o775, 0, NOBODY, "can be written by its group"),
           "another user's": (0o700, NOBODY, NOBODY, "belongs to another user")}
TAKEN = {"private": (0o700, 0, 0), "readable": (0o755, 0, 0), "of the user's own group": (0o775, 0, 0),
         "everybody's, with a sticky bit": (0o1777, 0, 0)}


@needs_root
@pytest.mark.parametrize("what", REFUSED)
def test_a_folder_that_others_can_write_gets_no_record_and_the_program_goes_on(sleeper, tmp_path, what):
    mode, owner, group, why = REFUSED[what]
    out = folder_of(tmp_path / "out", mode, owner, group)
    [line] = [line for line in sleeper().splitlines() if "OFFLOOP_OUT" in line]
    assert why in line and not list(out.iterdir())
    assert len(records(tmp_path / "temporary")) == 1


@needs_root
@pytest.mark.parametrize("what", REFUSED)
@pytest.mark.parametrize("by_option", [True, False], ids=["--out", "OFFLOOP_OUT"])
def test_so_does_a_run_whose_gate_judges_all_the_same(watched_run, tmp_path, what, by_option):
    mode, owner, group, why = REFUSED[what]
    out = folder_of(tmp_path / "out", mode, owner, group)
    said = watched_run("--out", out) if by_option else watched_run(env={"OFFLOOP_OUT": out})
    assert why in said and "recording into" in said and not list(out.iterdir())


@needs_root
@pytest.mark.parametrize("what", TAKEN)
def test_a_folder_that_others_can_not_write_is_taken(sleeper, watched_run, tmp_path, what):
    out = folder_of(tmp_path / "out", *TAKEN[what])
    assert "OFFLOOP_OUT" not in sleeper()
    assert "recording into" not in watched_run(env={"OFFLOOP_OUT": out})
    assert len(records(out)) == 2


@needs_root
def test_root_works_in_the_folder_of_a_user_as_in_a_container(watched_run, tmp_path):
    """A checkout that is mounted belongs to the user outside; so does what that user's run left there."""
    place = folder_of(tmp_path / "checkout", 0o755, NOBODY)
    assert "recording into" not in watched_run(cwd=place)
    shutil.rmtree(place / "offloop-out")
    folder_of(place / "offloop-out", 0o700, NOBODY)
    assert "recording into" not in watched_run(cwd=place)
    assert len(records(place / "offloop-out")) == 1


@needs_root
def test_a_link_to_a_folder_is_followed_unless_it_is_another_users(watched_run, tmp_path):
    (tmp_path / "disk").mkdir(mode=0o700)
    link = tmp_path / "offloop-out"
    link.symlink_to("disk")
    assert "recording into" not in watched_run()
    watched_run("--out", link)
    assert len(records(tmp_path / "disk")) == 2
    os.lchown(link, NOBODY, NOBODY)
    assert "is a link that another user has made" in watched_run()


def test_a_temporary_folder_is_a_name_and_no_pattern(watched_run, tmp_path):
    odd = tmp_path / "a[b]*?"
    odd.mkdir()
    out = folder_of(tmp_path / "out", 0o777)
    assert "recording into" in watched_run(env={"OFFLOOP_OUT": out, "TMPDIR": odd})


# --- rights ---

SECURE = r"""
#include <stdio.h>
#include <sys/auxv.h>
int main(void) { printf("secure %lu\n", getauxval(AT_SECURE)); return 0; }
"""


@pytest.fixture
def linked():
    """A folder that everybody may read, with a program that is linked to the library."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="offloop-secure-"))
    os.chmod(folder, 0o755)
    shutil.copy(LIBRARY, folder)
    (folder / "program.c").write_text(SECURE)
    subprocess.run(["gcc", "-o", folder / "program", folder / "program.c", "-L", folder, "-l:liboffloop.so",
                    "-Wl,--no-as-needed", "-l:liboffloop.so", f"-Wl,-rpath,{folder}"], check=True, timeout=TIMEOUT)
    yield folder
    shutil.rmtree(folder)


@needs_root
@pytest.mark.parametrize("by", ["setuid", "capability"])
def test_in_a_program_with_more_rights_than_its_user_nothing_is_read_or_opened(linked, tool, by):
    program, trace = linked / "program", linked / "trace"
    if by == "setuid":
        os.chmod(program, 0o4755)
    elif subprocess.run([tool("setcap"), "cap_net_raw+ep", program]).returncode:
        pytest.skip("files have no capabilities here")
    (linked / "rules").write_text("blocking printf \"x\"\n")
    env = clean_environment({"OFFLOOP_OUT": linked / "out", "OFFLOOP_LOG": linked / "log", "OFFLOOP_RULES": linked / "rules",
                             "OFFLOOP_POLICY": "help", "OFFLOOP_DEPTH": "nonsense", "OFFLOOP_FAIL_ON": "note"})
    done = subprocess.run([tool("strace"), "-f", "-u", "nobody", "-o", trace, program], env=env, capture_output=True,
                          text=True, timeout=TIMEOUT)
    if "Operation not permitted" in done.stderr:
        pytest.skip("no tracing here")
    assert done.stdout == "secure 1\n" and done.stderr == ""
    calls = trace.read_text()
    assert not re.search(rf"{linked}/(out|log|rules)", calls.split("\n", 1)[1])
    after = calls[calls.index("liboffloop.so"):]
    assert not re.search(r"mkdir|/proc/|\bprctl\(|rt_sigaction", after)
