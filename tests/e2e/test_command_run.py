# SPDX-License-Identifier: MIT
"""`offloop run`: what it refuses, what it passes through, and its gate.

Programs here have no loops; records come from record_make, so that each exit code is tested
without the library's help."""
import json
import os
import pathlib
import shlex
import shutil
import signal
import struct
import subprocess
import time

import pytest

pytestmark = pytest.mark.holds_without_library("what the command and its reports do")

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("OFFLOOP_BUILD", ROOT / "build")).resolve()
OFFLOOP = BUILD / "report" / "offloop"


@pytest.fixture
def offloop(command):
    return command


@pytest.fixture
def recording(record_make, tmp_path):
    """A program's words that leave a record of that kind and end with that status."""
    def words(kind, status=0):
        return ["sh", "-c", f'"{record_make}" {kind} "$OFFLOOP_OUT/prog-$$.offloop"; exit {status}']
    return words


def compiled(tmp_path, *arguments, compiler="gcc"):
    source = tmp_path / "main.c"
    source.write_text("int main(void) { return 0; }\n")
    program = tmp_path / "program"
    words = [compiler, *arguments, source, "-o", program]
    if not shutil.which(compiler) or subprocess.run(words, capture_output=True).returncode:
        pytest.skip(f"{compiler} {' '.join(arguments)} is not there")
    return program


def script(path, text):
    path.write_text(text)
    path.chmod(0o755)
    return path


def waiting(tmp_path, trap):
    lines = ["#!/bin/sh", trap, "echo ready", "while :; do sleep 0.05; done", ""]
    return script(tmp_path / "waits", "\n".join(lines))


def refused(result, *words):
    assert result.returncode == 126
    lines = result.stderr.splitlines()
    assert len(lines) == 1 and lines[0].startswith("offloop: ")
    for word in words:
        assert word in lines[0]


def test_the_exit_code_is_the_programs_own(offloop):
    assert offloop("run", "--", "sh", "-c", "exit 0").returncode == 0
    assert offloop("run", "--", "sh", "-c", "exit 7").returncode == 7


def test_a_signal_that_ended_the_program_is_told_by_the_exit_code(offloop):
    assert offloop("run", "--", "sh", "-c", "kill -KILL $$").returncode == 128 + signal.SIGKILL


def test_a_program_that_is_missing_is_127(offloop):
    result = offloop("run", "--", "no-such-program-anywhere")
    assert result.returncode == 127 and "no-such-program-anywhere" in result.stderr
    assert offloop("run", "--", "./missing").returncode == 127


@pytest.mark.parametrize("arguments, words", [
    ([], "which program"),
    (["--bogus", "--", "true"], "--bogus"),
    (["--fail-on", "eror", "--", "true"], "did you mean 'error'?"),
    (["--report", "jsno", "--", "true"], "did you mean 'json'?"),
    (["--profile", "homeasistant", "--", "true"], "did you mean 'homeassistant'?"),
    (["--rules", "asynico", "--", "true"], "did you mean 'asyncio'?"),
    (["--rules", "gtk:zzz", "--", "true"], "packs are default, libuv"),
    (["--depth", "0", "--", "true"], "1 to 128"),
    (["--error-exitcode", "0", "--", "true"], "1 to 255"),
])
def test_wrong_usage_is_2_and_says_what(offloop, arguments, words):
    result = offloop("run", *arguments)
    assert result.returncode == 2 and words in result.stderr


WRONG = {
    "a rule of the policy": ("--policy", "report,slep=block", "did you mean 'sleep'?"),
    "its action": ("--policy", "sleep=blok", "did you mean 'block'?"),
    "a family without rules": ("--policy", "stall=abort", "covers no rule"),
    "a kind without rules": ("--policy", "kind:stall=abort", "covers no rule"),
    "a kind of a pack that is not read": ("--policy", "misuse=block", "covers no rule"),
    "an empty part": ("--policy", "report,,", "one comma too many"),
    "a way to find loops": ("--loop", "thred=x", "did you mean 'thread=GLOB'?"),
    "a glob that is none": ("--loop", "thread=", "names no thread"),
    "a rules file that is missing": ("--rules", "missing.rules", "no such file"),
    "a folder for rules": ("--rules", "./folder", "is not a file"),
    "a rule in a rules file": ("--rules", "bad.rules", "bad.rules:2: unknown rule 'opne'"),
    "a pack": ("--rules", "asynico", "did you mean 'asyncio'?"),
    "a number": ("--slow-ms", "9ms", "is not a number from 0"),
    "a number that is too large": ("--stall-ms", "3600001", "is not a number from 0"),
    "a negative number": ("--log-max", "-1", "is not a number from 0"),
    "a format": ("--report", "jsno", "did you mean 'json'?"),
    "a report in no folder": ("--report", "json=missing/report.json", "No such file"),
    "a report that is a folder": ("--report", "html=folder", "Is a directory"),
    "a report behind a file": ("--report", "html=bad.rules/x", "Not a directory"),
    "a log in no folder": ("--log", "missing/live.log", "No such file"),
    "a log that is a folder": ("--log", "folder", "Is a directory"),
    "records behind a file": ("--out", "bad.rules/records", "Not a directory"),
    "a folder of sources": ("--source-root", "missing", "No such file"),
    "a profile": ("--profile", "homeasistant", "did you mean 'homeassistant'?"),
    "a severity": ("--fail-on", "eror", "did you mean 'error'?"),
    "seconds": ("--wait", "soon", "is not a number from 0"),
}


def wrong(result, words, tmp_path):
    [line] = result.stderr.splitlines()
    assert result.returncode == 2 and words in line and line.startswith("offloop: ")
    assert not (tmp_path / "ran").exists(), "the program was not started"


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_word_is_one_line_before_the_program_starts(offloop, tmp_path, what):
    option, value, words = WRONG[what]
    (tmp_path / "bad.rules").write_text("# one bad line\nallow opne path=/x\n")
    (tmp_path / "folder").mkdir()
    result = offloop("run", f"{option}={value}", "--", "touch", "ran")
    wrong(result, words, tmp_path)
    assert option in result.stderr or "bad.rules:2" in result.stderr


@pytest.mark.parametrize("variable, value, words", [
    ("OFFLOOP_POLICY", "slep=block", "OFFLOOP_POLICY: unknown rule, family, kind or severity 'slep'"),
    ("OFFLOOP_LOOP", "autom", "OFFLOOP_LOOP: unknown way to find loops 'autom'"),
    ("OFFLOOP_RULES", "missing.rules", "OFFLOOP_RULES: missing.rules"),
    ("OFFLOOP_DEPTH", "0", "OFFLOOP_DEPTH: '0'"),
    ("OFFLOOP_FOLLOW", "perhaps", "OFFLOOP_FOLLOW: unknown value 'perhaps'"),
    ("OFFLOOP_FAIL_ON", "eror", "OFFLOOP_FAIL_ON: unknown severity 'eror'"),
])
def test_so_is_one_in_the_environment(offloop, tmp_path, variable, value, words):
    wrong(offloop("run", "--", "touch", "ran", env={variable: value}), words, tmp_path)


def test_a_baseline_that_could_not_be_updated_is_wrong_usage(offloop, tmp_path):
    (tmp_path / "file").write_text("")
    wrong(offloop("run", "--baseline", "missing/known", "--baseline-grow", "--", "touch", "ran"),
          "No such file", tmp_path)


def test_what_a_pack_has_rules_for_is_no_wrong_word(offloop, tmp_path):
    """Packs of a loop are read when their functions are imported; named ones when they are named."""
    run = ["run", "--policy", "loop-only=block,note=ignore,*=report,cert=block", "--"]
    assert offloop(*run, "touch", "ran").returncode == 0 and (tmp_path / "ran").exists()
    words = ["run", "--rules", "asyncio", "--policy", "misuse=block", "--", "true"]
    assert offloop(*words).returncode == 0
    assert offloop("run", "--profile", "homeassistant", "--", "true").returncode == 0


def test_files_that_can_be_made_are_no_wrong_words(offloop, tmp_path):
    result = offloop("run", "--report", "json=new.json", "--report", "text=/dev/null", "--log",
                     "new.log", "--", "sh", "-c", "exit 3")
    assert result.returncode == 3 and (tmp_path / "new.json").exists()


def test_nothing_is_made_for_a_run_that_is_refused(offloop, tmp_path):
    offloop("run", "--report", "json=new.json", "--log", "new.log", "--depth", "0", "--", "true")
    assert not list(tmp_path.iterdir())


def test_a_missing_library_is_125(offloop):
    result = offloop("run", "--", "true", env={"OFFLOOP_LIBRARY": "/nonexistent.so"})
    assert result.returncode == 125 and "/nonexistent.so" in result.stderr


@pytest.mark.parametrize("arguments", [["-static"], ["-static-pie"]])
def test_a_static_program_is_refused(offloop, tmp_path, arguments):
    refused(offloop("run", "--", compiled(tmp_path, *arguments)), "program", "static")


def test_a_musl_program_is_refused(offloop, tmp_path):
    refused(offloop("run", "--", compiled(tmp_path, compiler="musl-gcc")), "musl")


def test_a_32_bit_program_is_refused(offloop, tmp_path):
    program = tmp_path / "narrow"
    header = struct.pack("<HHIIIIIHHHHHH", 2, 3, 1, 0x8048000, 52, 0, 0, 52, 32, 0, 40, 0, 0)
    program.write_bytes(b"\x7fELF\x01\x01\x01" + bytes(9) + header)
    program.chmod(0o755)
    refused(offloop("run", "--", program), "32-bit")


@pytest.mark.parametrize("bits, word", [(0o4755, "setuid"), (0o2755, "setgid")])
def test_a_privileged_program_is_refused(offloop, tmp_path, bits, word):
    program = shutil.copy("/bin/true", tmp_path / "privileged")
    program.chmod(bits)
    refused(offloop("run", "--", program), word)


def test_a_program_with_capabilities_is_refused(offloop, tmp_path):
    program = shutil.copy("/bin/true", tmp_path / "capable")
    setcap = shutil.which("setcap", path="/sbin:/usr/sbin:/usr/bin")
    words = [setcap, "cap_net_raw+ep", program]
    if not setcap or subprocess.run(words, capture_output=True).returncode:
        pytest.skip("file capabilities can't be set here")
    refused(offloop("run", "--", program), "capabilities")


def test_a_file_without_execute_permission_is_refused(offloop, tmp_path):
    program = tmp_path / "plain"
    program.write_text("hello\n")
    refused(offloop("run", "--", program), "Permission denied")
    program.chmod(0o755)
    refused(offloop("run", "--", program), "offloop run -- sh FILE")
    refused(offloop("run", "--", tmp_path), "Is a directory")


def test_scripts_are_followed_to_their_interpreters(offloop, tmp_path):
    static = compiled(tmp_path, "-static")
    script(tmp_path / "good", "#!/bin/sh\nexit 5\n")
    script(tmp_path / "chain", f"#!{tmp_path}/good\n")
    script(tmp_path / "bad", f"#!/usr/bin/env -S {static} -x\n")
    script(tmp_path / "broken", "#!/nonexistent/shell\n")
    assert offloop("run", "--", "./good").returncode == 5
    assert offloop("run", "--", "./chain").returncode == 5
    refused(offloop("run", "--", "./bad"), "static")
    refused(offloop("run", "--", "./broken"), "/nonexistent/shell")


def test_a_script_that_interprets_itself_is_refused(offloop, tmp_path):
    script(tmp_path / "self", f"#!{tmp_path}/self\n")
    refused(offloop("run", "--", "./self"), "script of a script")


def test_options_become_variables(offloop, tmp_path):
    (tmp_path / "a.rules").touch()
    (tmp_path / "b.rules").touch()
    result = offloop("run", "--policy", "block", "--loop=main", "--slow-ms", "7", "--no-follow",
                     "--log", "off", "--rules", f"a.rules:{tmp_path}/b.rules", "--", "sh", "-c", "env")
    variables = dict(line.split("=", 1) for line in result.stdout.splitlines() if "=" in line)
    assert variables["OFFLOOP_POLICY"] == "block"
    assert variables["OFFLOOP_LOOP"] == "main"
    assert variables["OFFLOOP_SLOW_MS"] == "7"
    assert variables["OFFLOOP_FOLLOW"] == "0"
    assert variables["OFFLOOP_RULES"].endswith(f"/a.rules:{tmp_path}/b.rules")
    assert variables["OFFLOOP_RULES"].startswith("/")
    assert variables["OFFLOOP_OUT"].startswith("/") and "/offloop-out/" in variables["OFFLOOP_OUT"]


def test_what_the_user_preloads_stays_behind_us(offloop):
    result = offloop("run", "--log", "off", "--", "sh", "-c", "echo $LD_PRELOAD",
                     env={"LD_PRELOAD": "libdl.so.2"})
    assert result.stdout.strip().endswith("/liboffloop.so:libdl.so.2")


def test_a_profile_comes_before_the_users_own_words(offloop):
    result = offloop("run", "--profile", "homeassistant", "--policy", "sleep=report", "--",
                     "sh", "-c", "echo $OFFLOOP_POLICY")
    words = result.stdout.strip().split(",")
    assert words[0] == "backtrace" and "sleep=block" in words and words[-1] == "sleep=report"


def test_fail_on_fails_on_that_severity_and_worse(offloop, recording):
    assert offloop("run", "--fail-on", "error", "--", *recording("usual")).returncode == 66
    assert offloop("run", "--fail-on", "note", "--", *recording("warning")).returncode == 66
    assert offloop("run", "--fail-on", "error", "--", *recording("warning")).returncode == 0
    assert offloop("run", "--fail-on", "never", "--", *recording("usual")).returncode == 0
    assert offloop("run", "--", *recording("usual")).returncode == 0
    assert offloop("run", "--fail-on", "note", "--", *recording("clean")).returncode == 0


def test_the_reason_for_66_is_the_last_line(offloop, recording):
    result = offloop("run", "--fail-on", "warning", "--report", "text", "--", *recording("usual"))
    last = result.stderr.splitlines()[-1]
    assert "1 violation of severity warning or worse" in last and "66" in last


def test_blocked_calls_count_for_the_gate(offloop, recording):
    assert offloop("run", "--fail-on", "error", "--", *recording("blocked")).returncode == 66


def test_the_gates_exit_code_can_be_chosen_and_never_hides_the_programs(offloop, recording):
    gate = ["run", "--fail-on", "error"]
    assert offloop(*gate, "--error-exitcode", "9", "--", *recording("usual")).returncode == 9
    assert offloop(*gate, "--", *recording("usual", status=3)).returncode == 3


def test_a_record_that_can_not_be_read_does_not_pass_the_gate(offloop, recording):
    result = offloop("run", "--fail-on", "error", "--", *recording("version"))
    assert result.returncode == 65 and "version 77" in result.stderr
    assert "1 record could not be read" in result.stderr.splitlines()[-1]


def test_the_gate_looks_at_this_run_alone(offloop, recording, tmp_path):
    gate = ["run", "--out", "here", "--fail-on", "error", "--"]
    assert offloop(*gate, *recording("usual")).returncode == 66
    assert offloop(*gate, *recording("clean")).returncode == 0
    assert len(list((tmp_path / "here").glob("*.offloop"))) == 2


def test_reports_are_written_where_they_are_asked_for(offloop, recording, tmp_path):
    result = offloop("run", "--report", "text", "--report", "json=report.json", "--",
                     *recording("usual"))
    assert "time.sleep" in result.stdout
    assert json.loads((tmp_path / "report.json").read_text())["violations"][0]["rule"] == "sleep"


def test_a_report_that_can_not_be_written_in_the_end_is_125(offloop, recording):
    """That its place can't be written is wrong usage; a disk that is full is found out later."""
    result = offloop("run", "--report", "json=/dev/full", "--", *recording("usual"))
    assert result.returncode == 125 and "/dev/full" in result.stderr


def test_the_last_line_names_the_exit_code_that_stands_where_a_report_failed(offloop, recording):
    result = offloop("run", "--fail-on", "error", "--report", "json=/dev/full", "--", *recording("usual"))
    last = result.stderr.splitlines()[-1]
    assert result.returncode == 125
    assert "severity error" in last and "exit code 125" in last and "66" not in last


def test_the_command_that_is_named_can_be_typed_whatever_the_folder_is_called(offloop, recording, tmp_path):
    result = offloop("run", "--out", "it's mine", "--", *recording("usual"))
    command = result.stderr.splitlines()[-1].split(": ")[-1]
    words = shlex.split(command)
    assert words[:2] == ["offloop", "report"] and len(words) == 3
    assert (tmp_path / words[2]).exists()


def test_each_run_has_a_private_folder_of_its_own(offloop, recording, tmp_path):
    for _ in range(2):
        offloop("run", "--", *recording("usual"))
    folders = list((tmp_path / "offloop-out").glob("[!.]*"))
    assert len(folders) == 2
    assert all(folder.stat().st_mode & 0o777 == 0o700 for folder in folders)


def test_nothing_is_left_of_a_run_that_saw_nothing(offloop, recording, tmp_path):
    result = offloop("run", "--", *recording("empty"))
    assert "no loop thread was found" in result.stderr
    assert not (tmp_path / "offloop-out").exists()


def test_signals_to_offloop_alone_reach_the_program(tmp_path):
    program = waiting(tmp_path, "trap 'exit 42' TERM")
    process = subprocess.Popen([OFFLOOP, "run", "--", program], cwd=tmp_path,
                               stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    process.terminate()
    assert process.wait(timeout=30) == 42
    process.stdout.close()


def test_the_interrupt_key_is_left_to_the_program(tmp_path):
    """The terminal tells the whole group; offloop must outlive the program, to report."""
    program = waiting(tmp_path, "trap 'sleep 0.2; exit 43' INT")
    leader, follower = os.openpty()
    process = subprocess.Popen(["setsid", "-c", "-w", OFFLOOP, "run", "--", program], cwd=tmp_path,
                               stdin=follower, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    time.sleep(0.1)
    os.write(leader, b"\x03")
    assert process.wait(timeout=30) == 43
    process.stdout.close()
    os.close(leader)
    os.close(follower)


def test_a_folder_that_can_not_be_written_is_replaced_and_said(offloop, tmp_path):
    (tmp_path / "offloop-out").write_text("a file in the way")
    result = offloop("run", "--", "sh", "-c", "echo $OFFLOOP_OUT", env={"TMPDIR": str(tmp_path)})
    assert result.returncode == 0
    assert result.stdout.startswith(f"{tmp_path}/offloop-") and "recording into" in result.stderr
