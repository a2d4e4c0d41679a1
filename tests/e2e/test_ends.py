# SPDX-License-Identifier: MIT
"""How `offloop run` ends: one closing line for all processes, whatever ended the program, and what
becomes of processes that outlive it."""
import os
import pathlib
import re
import signal
import subprocess
import time

import pytest

from conftest import COMMAND, TIMEOUT, clean_environment, wait_until

pytestmark = pytest.mark.usefixtures("steady")

CLOSING = re.compile(r"offloop: (?:(?P<violations>\d+) violations?, (?P<hits>[\d,]+) hits?, \S+ \w+ lost|"
                     r"no violations) on (?P<loops>\d+) loop threads?(?: \([^)]*\))?: "
                     r"offloop report (?P<path>\S+)")

ONLY = {"OFFLOOP_POLICY": "ignore,open=report"}

# Three files are opened on the loop, at one place; then the program ends as the test wants it.
OPENS = """\
import asyncio, os, signal, subprocess, sys, time
async def main():
    for _ in range(3):
        await asyncio.sleep(0)
        open("/etc/hosts").close()
    {ending}
{start}
"""


@pytest.fixture
def program(tmp_path, python):
    """Words for a program that opens three files on its loop and ends so."""
    def make(ending="pass", start="asyncio.run(main())", name="app.py"):
        file = tmp_path / name
        file.write_text(OPENS.format(ending=ending, start=start))
        return [python.path, file]
    return make


@pytest.fixture
def run(offloop, tmp_path):
    """`offloop run OPTIONS -- PROGRAM` in tmp_path; its end."""
    def start(words, *options):
        return offloop.command("run", *options, "--", *words, cwd=tmp_path, env=ONLY)
    return start


def closing(outcome):
    """The one line of that form, with its numbers."""
    found = [CLOSING.fullmatch(line) for line in outcome.stderr.splitlines()]
    [match] = [each for each in found if each]
    return match


def assert_sums_up(outcome):
    line = closing(outcome)
    assert (line["violations"], line["hits"], line["loops"]) == ("1", "3", "1")
    return line


@pytest.mark.parametrize("ending, status", [
    ("pass", 0),
    ("sys.exit(3)", 3),
    ("os._exit(4)", 4),
    ("os.execv('/bin/true', ['true'])", 0),
    ("raise RuntimeError", 1),
    ("os.kill(os.getpid(), signal.SIGKILL)", 128 + signal.SIGKILL),
    ("os.kill(os.getpid(), signal.SIGTERM)", 128 + signal.SIGTERM),
    ("os.close(2)", 0),
    ("os.dup2(os.open('/dev/null', os.O_WRONLY), 2)", 0),
], ids=["return", "exit", "_exit", "exec", "raise", "kill", "term", "closed", "captured"])
def test_there_is_one_closing_line_whatever_ended_the_program(run, program, tmp_path, ending, status):
    outcome = run(program(ending))
    assert outcome.status == status
    path = assert_sums_up(outcome)["path"]
    assert (tmp_path / path).is_file()
    assert CLOSING.fullmatch(outcome.stderr.splitlines()[-1]), "it is the last one"


def test_the_report_begins_with_the_same_words_and_numbers(run, offloop, program, tmp_path):
    line = closing(run(program()))
    report = offloop.command("report", line["path"], cwd=tmp_path).stdout
    assert report.splitlines()[0] == line[0].partition(": offloop report")[0]


def test_a_clean_run_says_what_was_suppressed(run, program, tmp_path):
    rules = tmp_path / "own.rules"
    rules.write_text('allow open path=/etc/hosts "it is small"\n')
    last = run(program(), "--rules", rules).stderr.splitlines()[-1]
    assert re.match(r"offloop: no violations on 1 loop thread \(3 calls suppressed by 1 allow rule\): "
                    r"offloop report \S+$", last)
    rules.write_text('allow open path=/etc/passwd "not this one"\n')
    assert closing(run(program(), "--rules", rules))["hits"] == "3"


def test_live_lines_can_go_elsewhere_and_the_closing_line_stays(run, program, tmp_path):
    for log in "off", tmp_path / "live.log":
        outcome = run(program(), "--log", log)
        assert_sums_up(outcome)
        assert len(outcome.stderr.splitlines()) == 1


def test_several_processes_have_one_line_and_one_folder(run, program, tmp_path):
    """The child's place is another than its parent's, and the same in both children."""
    children = "for _ in range(2): subprocess.run([sys.executable, 'child.py'])"
    program(name="child.py")
    line = closing(run(program(children)))
    assert (line["violations"], line["hits"], line["loops"]) == ("2", "9", "3")
    assert (tmp_path / line["path"]).is_dir()


@pytest.mark.holds_without_library("the program has no loop")
def test_without_a_loop_the_line_says_that_nothing_was_judged(run, python):
    outcome = run([python.path, "-c", "pass"])
    [line] = outcome.stderr.splitlines()
    assert "no loop thread was found" in line and "nothing was judged" in line
    assert outcome.status == 0


def test_the_help_of_the_policy_is_no_run(run):
    outcome = run(["true"], "--policy", "help")
    assert outcome.stderr == "" and "\n  sleep " in outcome.stdout


# who reads it

def test_a_reader_that_has_gone_changes_no_status(program, tmp_path):
    reader, writer = os.pipe()
    os.close(reader)
    words = [COMMAND, "run", "--", *program("sys.exit(5)")]
    done = subprocess.run(words, stderr=writer, env=clean_environment(), cwd=tmp_path,
                          timeout=TIMEOUT)
    os.close(writer)
    assert done.returncode == 5
    assert list(tmp_path.glob("offloop-out/*/*.offloop"))


@pytest.mark.holds_without_library("the program has no loop")
@pytest.mark.parametrize("closed", ["2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_a_closed_stream_is_nobody_elses_file(tmp_path, closed):
    """And it stays closed in the program."""
    program = ["sh", "-c", "[ -e /proc/$$/fd/2 ] && exit 7; exit 6"]
    words = ["sh", "-c", f'"$@" {closed}', "sh", COMMAND, "run", "--report", "json=report.json",
             "--", *program]
    done = subprocess.run(words, env=clean_environment(), cwd=tmp_path, timeout=TIMEOUT)
    assert done.returncode == 6
    assert (tmp_path / "report.json").read_text().endswith("}\n")


def test_variables_of_the_command_are_no_unknown_ones_of_the_library(run, program, offloop):
    offloop.always["OFFLOOP_DOCS_URL"] = "https://example.org/docs"
    outcome = run(program(), "--report", "json=/dev/stdout")
    assert "no variable of offloop" not in outcome.stderr
    assert "https://example.org/docs" in outcome.stdout


def test_pytest_that_takes_every_output_is_summed_up(run, python, tmp_path):
    if not python.has("pytest"):
        pytest.skip("pytest is not installed for this interpreter")
    (tmp_path / "test_app.py").write_text(
        "import asyncio\nasync def main():\n    await asyncio.sleep(0)\n"
        "    open('/etc/hosts').close()\ndef test_app(): asyncio.run(main())\n")
    outcome = run([python.path, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_app.py"],
                  "--fail-on", "warning")
    if closing(outcome)["hits"] is None:
        pytest.skip("the shipped rules still cover what pytest calls")
    assert outcome.status == 66
    assert any("test_app.py:4: warning: open(" in line for line in outcome.stderr.splitlines())


# interrupts

SLOW = """try:
        print("ready", flush=True)
        await asyncio.sleep(60)
    finally:
        time.sleep(0.3)"""


@pytest.fixture
def terminal(tmp_path):
    """A program under `offloop run` in a terminal of its own, and the terminal."""
    started = []

    def start(words, *options):
        leader, follower = os.openpty()
        command = ["setsid", "-c", "-w", COMMAND, "run", *options, "--", *words]
        process = subprocess.Popen(command, cwd=tmp_path, stdin=follower, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, env=clean_environment(ONLY))
        os.close(follower)
        started.append((process, leader))
        return process, leader
    yield start
    for process, leader in started:
        if process.poll() is None:
            process.kill()
        process.communicate()
        os.close(leader)


@pytest.mark.parametrize("times", [1, 3])
def test_ctrl_c_ends_the_program_and_then_the_line_is_printed(terminal, program, times):
    process, leader = terminal(program(SLOW))
    assert process.stdout.readline() == "ready\n"
    for _ in range(times):
        os.write(leader, b"\x03")
        time.sleep(0.05)
    _, said = process.communicate(timeout=TIMEOUT)
    assert process.returncode == 128 + signal.SIGINT
    line = CLOSING.fullmatch(said.splitlines()[-1])
    assert (line["violations"], line["hits"], line["loops"]) == ("1", "3", "1")


# processes that outlive the program

DAEMON = """\
if os.fork(): os.{parent}(0)
os.setsid()
if os.fork(): os.{parent}(0)
{streams}
asyncio.run(main())
"""


def daemon(parent="_exit", streams=""):
    return DAEMON.format(parent=parent, streams=streams)


CLOSES = "for each in 0, 1, 2: os.close(each)"


@pytest.mark.parametrize("parent", ["_exit", "sys.exit"])
@pytest.mark.parametrize("streams", ["pass", CLOSES])
def test_a_daemon_that_ends_soon_is_waited_for(run, program, parent, streams):
    start = daemon(parent, streams).replace("os.sys.exit", "sys.exit")
    for _ in range(2):
        assert_sums_up(run(program("await asyncio.sleep(0.3)", start=start)))


def test_what_a_shell_leaves_in_the_background_is_waited_for(run, program):
    words = ["sh", "-c", '"$@" & exit 0', "sh", *program("await asyncio.sleep(0.3)")]
    outcome = run(words, "--fail-on", "warning")
    assert outcome.status == 66
    assert_sums_up(outcome)


def ends(pid):
    return not pathlib.Path(f"/proc/{pid}").exists()


@pytest.fixture
def lasting(program, tmp_path):
    """A daemon that stays until the file `stop` is there; it has said its pid in `pid`."""
    ending = ("open('pid', 'w').write(str(os.getpid()))\n"
              "    while not os.path.exists('stop'): await asyncio.sleep(0.05)")
    yield program(ending, start=daemon(streams=CLOSES))
    (tmp_path / "stop").touch()
    if (tmp_path / "pid").exists():
        wait_until(lambda: ends(int((tmp_path / "pid").read_text())), "the daemon's end")


def test_a_daemon_that_stays_is_named_and_its_record_is_kept(run, lasting, offloop, tmp_path):
    outcome = run(lasting, "--wait", "1")
    wait_until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text(), "its pid")
    pid = (tmp_path / "pid").read_text()
    [named] = [line for line in outcome.stderr.splitlines() if "goes on running" in line]
    assert f"(pid {pid})" in named and not ends(int(pid))
    folder = tmp_path / named.split()[-1]
    (tmp_path / "stop").touch()
    wait_until(lambda: ends(int(pid)), "the daemon's end")
    report = offloop.report_of(folder)
    opened = [each for each in report["violations"] if each["argument"] == "/etc/hosts"]
    assert [each["count"] for each in opened] == [3]


def test_nobody_has_to_wait(terminal, lasting, tmp_path):
    process, leader = terminal(lasting, "--wait", "3600")
    for line in process.stderr:
        if "Ctrl-C ends the wait" in line:
            break
    os.write(leader, b"\x03")
    _, said = process.communicate(timeout=TIMEOUT)
    assert process.returncode == 0
    assert "goes on running" in said and CLOSING.fullmatch(said.splitlines()[-1])


def test_what_was_there_before_is_not_waited_for(tmp_path, program):
    """A shell that becomes offloop had children of its own."""
    words = ["sh", "-c", 'sleep 60 >/dev/null 2>&1 & echo $! >other; exec "$@"', "sh", COMMAND, "run", "--wait",
             "3600", "--", *program()]
    done = subprocess.run(words, env=clean_environment(), cwd=tmp_path, timeout=TIMEOUT,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    os.kill(int((tmp_path / "other").read_text()), signal.SIGKILL)
    assert done.returncode == 0 and "running" not in done.stderr
    assert CLOSING.fullmatch(done.stderr.splitlines()[-1])


@pytest.mark.holds_without_library("the program has no loop")
@pytest.mark.parametrize("option, status", [([], 65), (["--allow-no-loop"], 0)])
def test_a_gate_over_a_daemon_that_stays_says_so(run, python, tmp_path, option, status):
    """It has no loop: nothing was judged."""
    code = ("import os, time\nif os.fork(): os._exit(0)\nfor each in 0, 1, 2: os.close(each)\n"
            "open('pid', 'w').write(str(os.getpid()))\n"
            "while not os.path.exists('stop'): time.sleep(0.05)")
    try:
        outcome = run([python.path, "-c", code], "--wait", "1", "--fail-on", "error", *option)
    finally:
        (tmp_path / "stop").touch()
    assert outcome.status == status
    assert "goes on running" in outcome.stderr and "no loop thread was found" in outcome.stderr
    wait_until(lambda: ends(int((tmp_path / "pid").read_text())), "its end")


# a gate that could not judge

def refused_by(outcome, *words):
    """65, and the last line says why."""
    last = outcome.stderr.splitlines()[-1]
    assert outcome.status == 65, outcome.stderr
    assert last.endswith("exit code 65, by --fail-on note") and all(word in last for word in words)


@pytest.fixture
def gate(run):
    return lambda words, *options: run(words, "--fail-on", "note", *options)


EPOLL = """
#include <sys/epoll.h>
#include <unistd.h>
int main(void)
{
    struct epoll_event event;
    epoll_wait(epoll_create1(0), &event, 1, 0);
    return access("/etc/hosts", F_OK);
}
"""


@pytest.fixture
def static(tool, tmp_path):
    (tmp_path / "loop.c").write_text(EPOLL)
    built = subprocess.run([tool("gcc"), "-static", "loop.c", "-o", "static"], cwd=tmp_path,
                           capture_output=True)
    if built.returncode:
        pytest.skip("gcc -static can't build here")
    return tmp_path / "static"


@pytest.mark.parametrize("script", ["env -i {0} {1}", "unset LD_PRELOAD; {0} {1}; true",
                                    "LD_PRELOAD= {0} {1}"])
def test_a_script_that_clears_the_preload_is_named(gate, program, script):
    interpreter, file = program()
    outcome = gate(["sh", "-c", script.format(interpreter, file)])
    refused_by(outcome, "not every program was watched")
    assert f"not watched: {interpreter}: it was started with LD_PRELOAD cleared" in outcome.stderr
    assert "--loop" not in outcome.stderr, "it finds no loop in what is not watched"


@pytest.mark.holds_without_library("the program has no loop")
def test_what_was_not_judged_is_said_once(gate):
    outcome = gate(["true"])
    refused_by(outcome, "nothing was judged: no loop thread was found", "--loop", "--allow-no-loop")
    assert len(outcome.stderr.splitlines()) == 1


@pytest.mark.holds_without_library("the rule leaves no loop")
@pytest.mark.parametrize("gated", [True, False])
def test_loops_that_a_rule_forbids_are_not_looked_for(run, program, tmp_path, gated):
    rules = tmp_path / "own.rules"
    rules.write_text("no-loop thread=*\n")
    outcome = run(program(), "--rules", rules, *(["--fail-on", "note"] if gated else []))
    [line] = outcome.stderr.splitlines()
    assert "no loop thread was found" in line and "no-loop lines of a rules file" in line
    assert "--loop" not in line and ("--allow-no-loop" in line) == gated


STARTS = {
    "a shell": "exec sh -c './static; true'",
    "exec": "exec ./static",
    "a search of PATH": "PATH=.:$PATH env static",
    "posix_spawn": "exec {python} -c 'import os; os.waitpid(os.posix_spawn(\"./static\", "
                   "[\"static\"], os.environ), 0)'",
    "subprocess": "exec {python} -c 'import subprocess; subprocess.run([\"./static\"])'",
}


@pytest.mark.parametrize("start", STARTS)
def test_a_static_program_that_is_started_is_named(gate, static, python, start):
    outcome = gate(["sh", "-c", STARTS[start].format(python=python.path)])
    refused_by(outcome, "not every program was watched")
    assert "/static: it is a static program" in outcome.stderr


def test_a_script_of_a_static_interpreter_is_named(gate, static, tmp_path):
    for name, interpreter in ("odd", static), ("plain", "/bin/sh"):
        (tmp_path / name).write_text(f"#! {interpreter} -x\n")
        (tmp_path / name).chmod(0o755)
    outcome = gate(["sh", "-c", "./odd; ./plain; :"])
    refused_by(outcome, "not every program was watched")
    named = [line for line in outcome.stderr.splitlines() if "not watched" in line]
    assert len(named) == 1 and "./odd: it is a static program" in named[0]


def test_a_setuid_program_is_named_for_whom_it_gives_rights(gate, tmp_path):
    if os.geteuid() != 0:
        pytest.skip("only root can make a file of another user's setuid")
    for name in "true", "mine":
        subprocess.run(["cp", "/bin/true", tmp_path / name], check=True)
    os.chown(tmp_path / "true", 65534, 65534)
    (tmp_path / "true").chmod(0o4755)
    (tmp_path / "mine").chmod(0o4755)
    outcome = gate(["sh", "-c", "./true; ./mine; :"])
    refused_by(outcome, "not every program was watched")
    named = [line for line in outcome.stderr.splitlines() if "not watched" in line]
    assert len(named) == 1 and "./true: it is setuid" in named[0]


@pytest.mark.holds_without_library("the programs have no loop")
def test_what_is_watched_or_is_not_there_is_not_named(run, python, tmp_path):
    code = ("import subprocess\nfor each in ['true'], ['sh', '-c', 'ls'], [\"/bin/true\"]:\n"
            "    subprocess.run(each)\ntry: subprocess.run(['./missing'], env={})\n"
            "except OSError: pass")
    assert "not watched" not in run([python.path, "-c", code], "--fail-on", "note").stderr
    clears = ["sh", "-c", "env -i true"]
    assert "not watched" not in run(clears, "--no-follow").stderr, "it was not to be watched"
    assert not list(tmp_path.glob("offloop-out/*/*")), "the note is gone"


def test_what_was_judged_passes_although_something_was_not_watched(gate, program, tmp_path):
    """It is named: whoever expected a loop there sees it."""
    words = ["sh", "-c", 'env -i true; "$@"', "sh", *program()]
    outcome = gate(words, "--policy", "ignore")
    assert outcome.status == 0
    assert "not watched: " in outcome.stderr and CLOSING.fullmatch(outcome.stderr.splitlines()[-1])


def test_a_record_without_room_is_lost(gate, program, tmp_path):
    """A limit on the size of files is as good as a full disk."""
    words = ["sh", "-c", 'ulimit -f 100; exec "$@"', "sh", *program()]
    for options in [], ["--allow-no-loop"]:
        refused_by(gate(words, *options), "found no room", "not all was judged")
    assert not list(tmp_path.glob("offloop-out/*/*.offloop"))


@pytest.mark.holds_without_library("whatever was in it")
def test_a_folder_that_the_program_removes_is_lost(gate, program):
    words = ["sh", "-c", '"$@"; rm -r offloop-out', "sh", *program()]
    refused_by(gate(words), "was removed while the program ran")


def test_a_program_that_gave_up_root_before_its_loop_is_found(run, python, tmp_path):
    if os.geteuid() != 0:
        pytest.skip("only root can become another user")
    code = ("import asyncio, os\nos.setgroups([])\nos.setuid(65534)\n"
            "os.execv('%s', ['python', '-c', '''%s'''])" % (python.path, OPENS.format(
                ending="print(os.getpid())", start="asyncio.run(main())")))
    outcome = run([python.path, "-c", code])
    if "Permission denied" in outcome.stderr:
        pytest.skip("another user can't read the library")
    line = assert_sums_up(outcome)
    os.unlink(tmp_path / line["path"])


def recording(record_make, kind):
    return ["sh", "-c", f'"{record_make}" {kind} "$OFFLOOP_OUT/prog-1.offloop"']


@pytest.mark.holds_without_library("the records are made by record_make")
@pytest.mark.parametrize("kind, why", [("dropped", "12,345 hits did not fit into the record"),
                                       ("version", "1 record could not be read")])
def test_records_that_are_not_whole_are_no_pass(command, record_make, tmp_path, kind, why):
    """What was recorded of the first is known; what was not, nobody knows."""
    made = subprocess.run([record_make, "usual", tmp_path / "usual.offloop"])
    assert made.returncode == 0
    command("baseline", "usual.offloop", "-o", "known")
    gate = ["--baseline", "known", "--allow-no-loop"]
    result = command("run", *gate, "--", *recording(record_make, kind))
    assert result.returncode == 65 and why in result.stderr.splitlines()[-1]
    result = command("report", *gate, next(tmp_path.glob("offloop-out/[!.]*")))
    assert result.returncode == 65 and why in result.stderr.splitlines()[-1]
    assert command("report", *gate, "usual.offloop").returncode == 0


# a record that nobody may remove

DOUBLE_FORK = """
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>
int main(void)
{
    struct epoll_event event;
    int status, loop = epoll_create1(0);
    if (fork()) {
        wait(&status);
        exit(0); /* while the daemon may not have run its first instruction */
    }
    if (fork())
        exit(0);
    for (int i = 0; i < 3; i++) {
        epoll_wait(loop, &event, 1, 1);
        access("/etc/hosts", F_OK);
    }
    close(2);
    return 0;
}
"""


def test_no_exit_removes_the_record_that_a_daemon_is_about_to_use(offloop, tool, tmp_path):
    (tmp_path / "daemon.c").write_text(DOUBLE_FORK)
    subprocess.run([tool("gcc"), "daemon.c", "-o", "daemon"], cwd=tmp_path, check=True)
    for _ in range(20):
        folder = offloop.next_folder() / "records"
        environment = offloop.environment(folder, {"OFFLOOP_LOG": "off"})
        subprocess.run([tmp_path / "daemon"], env=environment, timeout=TIMEOUT, check=True)
        wait_until(lambda: (offloop.report_of(folder) or {"totals": {"hits": 0}})["totals"]["hits"]
                   == 3, "the daemon's record", 5)
