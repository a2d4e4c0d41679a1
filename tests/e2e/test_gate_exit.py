# SPDX-License-Identifier: MIT
"""`offloop run` as a gate, on real programs: 66 for what the loop may not do, and otherwise the
program's own end. (What it refuses, and each exit code by itself: test_command_run.py.)"""
import shutil
import signal
import subprocess

import pytest

from conftest import PROGRAMS, clean_environment

pytestmark = pytest.mark.usefixtures("steady")

EACH = PROGRAMS / "one_of_each.py"
NOTHING = "no loop thread was found"
REFUSED = pytest.mark.holds_without_library("refused before it runs")
CLEAN = "import asyncio, sys; asyncio.run(asyncio.sleep(0.001)); sys.exit({})"


@pytest.fixture
def gate(offloop, tmp_path):
    """The status of `offloop run OPTIONS -- PROGRAM`, and what was on stderr."""
    def run(options, *program):
        folder = tmp_path / f"gate-{offloop.runs}"
        folder.mkdir()
        outcome = offloop.run(program, options, cwd=folder)
        return outcome.status, outcome.stderr
    return run


@pytest.mark.parametrize("severity", ["note", "warning", "error"])
def test_violations_fail_a_program_that_ended_well(gate, interpreter, severity):
    status, said = gate(["--fail-on", severity], interpreter.path, EACH)
    assert status == 66
    assert f"of severity {severity}" in said.splitlines()[-1] and "66" in said.splitlines()[-1]


@pytest.mark.parametrize("own", [0, 1, 7])
def test_without_violations_the_status_is_the_programs_own(gate, interpreter, own):
    status, said = gate(["--fail-on", "note"], interpreter.path, "-c", CLEAN.format(own))
    assert status == own and NOTHING not in said


def test_a_program_that_failed_keeps_its_status(gate, python):
    status, said = gate(["--fail-on", "warning"], python.path, EACH, "3")
    assert status == 3 and NOTHING not in said


@pytest.mark.parametrize("severity, status", [("warning", 66), ("never", 0), ("", 0)])
def test_the_variable_is_as_good_as_the_option(offloop, python, tmp_path, severity, status):
    outcome = offloop.run([python.path, EACH], env={"OFFLOOP_FAIL_ON": severity}, cwd=tmp_path)
    assert outcome.status == status
    assert outcome.report["runs"][0]["processes"][0]["exit_status"] == 0, "it judges not by itself"


def test_a_failed_gate_names_what_failed_it_and_no_more_than_twenty(gate, python):
    """The worst first: in another order a run of a thousand would hide its errors."""
    status, said = gate(["--fail-on", "error"], python.path, EACH)
    named = [line for line in said.splitlines() if " id " in line]
    assert status == 66 and 1 <= len(named) <= 20
    assert all(": error: " in line and "one_of_each.py:" in line for line in named)
    many = gate(["--fail-on", "note"], python.path, PROGRAMS / "many_sites.py", "50", "made.py")
    named = [line for line in many[1].splitlines() if " id " in line]
    assert len(named) == 20 and "offloop: and 30 more" in many[1].splitlines()


def test_a_program_that_failed_hears_of_the_gate_and_keeps_its_status(gate, python):
    status, said = gate(["--fail-on", "warning"], python.path, EACH, "3")
    assert status == 3 and NOTHING not in said
    assert said.splitlines()[-1].endswith("by --fail-on warning; exit code 3 is the program's own")


def test_violations_below_the_severity_pass(gate, python):
    only_warnings = ["--policy", "error=ignore"]
    assert gate(["--fail-on", "error", *only_warnings], python.path, EACH)[0] == 0
    assert gate(["--fail-on", "warning", *only_warnings], python.path, EACH)[0] == 66
    assert gate(["--fail-on", "never"], python.path, EACH)[0] == 0
    assert gate([], python.path, EACH)[0] == 0


def test_the_gates_status_can_be_chosen(gate, python):
    options = ["--fail-on", "warning", "--error-exitcode", "9"]
    assert gate(options, python.path, EACH)[0] == 9
    assert gate(options, python.path, EACH, "3")[0] == 3
    assert gate(options, python.path, "-c", CLEAN.format(0))[0] == 0


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV])
def test_a_signal_gives_128_and_its_number(gate, python, number):
    code = ("import asyncio, os, resource\n"
            "resource.setrlimit(resource.RLIMIT_CORE, (0, 0))\n"
            f"async def main(): os.stat('/etc'); os.kill(os.getpid(), {int(number)})\n"
            "asyncio.run(main())")
    status, said = gate(["--fail-on", "warning"], python.path, "-c", code)
    assert status == 128 + number and NOTHING not in said


def test_an_abort_by_policy_gives_134(gate, python):
    code = ("import asyncio, os, resource\n"
            "resource.setrlimit(resource.RLIMIT_CORE, (0, 0))\n"
            "async def main(): os.stat('/etc')\nasyncio.run(main())")
    options = ["--fail-on", "warning", "--policy", "abort"]
    assert gate(options, python.path, "-c", code)[0] == 128 + signal.SIGABRT


def test_what_a_started_program_does_counts_for_the_gate(gate, python):
    words = ["/bin/sh", "-c", '"$0" "$1"; exit 0', python.path, EACH]
    assert gate(["--fail-on", "warning"], *words)[0] == 66
    unwatched = ["--fail-on", "warning", "--no-follow"]
    assert gate(unwatched, *words)[0] == 65, "nothing was judged: that is no pass"
    assert gate([*unwatched, "--allow-no-loop"], *words)[0] == 0


def test_a_program_in_c_is_gated_too(gate, victim):
    assert gate(["--fail-on", "warning"], victim("counted_calls"), "1")[0] == 66
    assert gate(["--fail-on", "error"], victim("counted_calls"), "1")[0] == 0


def test_stdout_is_the_programs_alone(offloop, python, tmp_path):
    outcome = offloop.run([python.path, EACH], ["--fail-on", "note"], cwd=tmp_path)
    assert [line.split()[0] for line in outcome.stdout.splitlines()] == [
        "mkdir", "open", "sleep", "getaddrinfo"]
    assert outcome.rules


# what can't be watched

def refused(gate, program, *words):
    status, said = gate(["--fail-on", "warning"], program)
    assert status == 126
    assert len(said.splitlines()) == 1 and all(word in said for word in words), said


@REFUSED
def test_a_go_program_is_refused(gate, tool, tmp_path):
    source = tmp_path / "main.go"
    source.write_text("package main\n\nfunc main() { println(1) }\n")
    env = clean_environment({"CGO_ENABLED": "0", "GOFLAGS": "-mod=mod", "GO111MODULE": "off"})
    done = subprocess.run([tool("go"), "build", "-o", tmp_path / "program", source], env=env,
                          capture_output=True, timeout=60)
    if done.returncode:
        pytest.skip("go can't build here")
    refused(gate, tmp_path / "program", "static")


LOOP_IN_C = """
#include <sys/epoll.h>
#include <unistd.h>
int main(void)
{
    struct epoll_event event;
    epoll_wait(epoll_create1(0), &event, 1, 0);
    return access("/etc/hosts", R_OK);
}
"""


@pytest.mark.parametrize("compiler, words, status, why", [
    ("gcc", [], 66, ""),
    pytest.param("gcc", ["-static"], 126, "static", marks=REFUSED),
    pytest.param("musl-gcc", [], 126, "musl", marks=REFUSED),
    pytest.param("musl-gcc", ["-static"], 126, "static", marks=REFUSED),
])
def test_a_loop_is_gated_or_refused_by_how_it_was_built(gate, tool, tmp_path, compiler, words,
                                                        status, why):
    source = tmp_path / "loop.c"
    source.write_text(LOOP_IN_C)
    program = tmp_path / "loop"
    built = subprocess.run([tool(compiler), *words, source, "-o", program], capture_output=True)
    if built.returncode:
        pytest.skip(f"{compiler} {' '.join(words)} can't build here")
    if status == 126:
        refused(gate, program, why, str(program))
    else:
        assert gate(["--fail-on", "warning"], program)[0] == status


def test_a_setuid_copy_is_refused_and_a_plain_one_gated(gate, victim, tmp_path):
    program = tmp_path / "copy"
    shutil.copy(victim("counted_calls"), program)
    assert gate(["--fail-on", "warning"], program, "1")[0] == 66
    program.chmod(0o4755)
    refused(gate, program, "setuid", str(program))


@REFUSED
def test_a_missing_program_is_127(gate, tmp_path):
    status, said = gate(["--fail-on", "warning"], tmp_path / "missing")
    assert status == 127 and len(said.splitlines()) == 1 and "missing" in said
