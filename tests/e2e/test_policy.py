# SPDX-License-Identifier: MIT
"""OFFLOOP_POLICY and what the library says: every action, every selector, and the live lines."""
import errno
import re
import resource
import signal
import socket
import subprocess

import pytest

from conftest import PROGRAMS, clean_environment, judged_loops

pytestmark = pytest.mark.usefixtures("steady")

RULES_OF_EACH = {"mkdir", "open", "sleep", "getaddrinfo"}


def no_core():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


@pytest.fixture
def each(offloop, python, tmp_path):
    """Runs one_of_each.py under a policy."""
    def run(policy, *words, **env):
        folder = tmp_path / f"each-{offloop.runs}"
        folder.mkdir()
        return offloop.preload([python.path, PROGRAMS / "one_of_each.py", *words], cwd=folder,
                               env={"OFFLOOP_POLICY": policy, **env}, preexec_fn=no_core)
    return run


# block, in Python

def test_a_blocked_sleep_is_an_error_within_microseconds(offloop, interpreter, tmp_path):
    outcome = offloop.preload([interpreter.path, PROGRAMS / "one_of_each.py", "0", "30"],
                              cwd=tmp_path, env={"OFFLOOP_POLICY": "report,sleep=block"})
    rows = {row.split()[0]: row.split()[1:] for row in outcome.stdout.splitlines()}
    assert outcome.status == 0, outcome.stderr
    assert int(rows["sleep"][0]) == errno.EDEADLK
    assert float(rows["sleep"][1]) < 0.1, "of 30 seconds"
    assert [int(rows[name][0]) for name in ("mkdir", "open", "getaddrinfo")] == [0, 0, 0]
    [sleep] = outcome.of_rule("sleep")
    assert (sleep["action"], sleep["blocked"], sleep["count"]) == ("block", True, 1)
    assert all(not other["blocked"] for other in outcome.violations if other is not sleep)


def test_without_block_the_sleep_happens(each):
    outcome = each("report", "0", "0.2")
    rows = {row.split()[0]: row.split()[1:] for row in outcome.stdout.splitlines()}
    assert int(rows["sleep"][0]) == 0 and float(rows["sleep"][1]) >= 0.2
    assert outcome.of_rule("sleep")
    assert not any(violation["blocked"] for violation in outcome.violations)


# block, function by function

FAILURES = {  # the words of `offloop explain`: value, errno
    "returns -1, errno EDEADLK": (-1, errno.EDEADLK),
    "returns -2 (failure), errno EDEADLK": (-2, errno.EDEADLK),
    "returns NULL, errno EDEADLK": (0, errno.EDEADLK),
    "returns EDEADLK": (errno.EDEADLK, 0),
    "returns the whole time as not slept, errno EDEADLK": (1, errno.EDEADLK),
    "returns EAI_SYSTEM, errno EDEADLK": (-11, errno.EDEADLK),
    "returns NULL, h_errno NO_RECOVERY, errno EDEADLK": (0, errno.EDEADLK),
    "returns EDEADLK, *result NULL, h_errno NO_RECOVERY": (errno.EDEADLK, errno.EDEADLK),
    "returns GLOB_ABORTED, errno EDEADLK": (2, errno.EDEADLK),
    "returns NULL, and dlerror() says that the call was blocked": (0, errno.EDEADLK),
}
RULES_TRIED = ["open", "fsync", "stat", "access", "rename", "unlink", "mkdir", "readdir", "glob",
               "sleep", "getaddrinfo", "connect", "poll", "fork", "wait", "system", "popen",
               "dlopen"]


def explained(offloop, rule):
    """{function: words} as `offloop explain` lists them."""
    found = {}
    words = None
    for line in offloop.command("explain", rule).stdout.splitlines():
        if re.match(r"  \S.*:$", line):
            words = line.strip().rstrip(":")
        elif words and line.startswith("    "):
            found.update({name: words for name in line.split()})
        else:
            words = None
    return found


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        yield listening


def has_been_connected(listening):
    try:
        listening.accept()[0].close()
    except BlockingIOError:
        return False
    return True


class Calls:
    """What blocked_calls did: {name: (value, errno)}, names in its folder, children left."""

    def __init__(self, outcome, folder, listening):
        *rows, children = [line.split() for line in outcome.stdout.splitlines()]
        self.outcome = outcome
        self.values = {row[0]: (int(row[1]), int(row[2])) for row in rows}
        self.seconds = {row[0]: int(row[3]) / 1e9 for row in rows}
        self.children = int(children[1])
        self.made = {path.name.removeprefix("made-by-") for path in folder.glob("made-by-*")}
        self.taken = {path.name.removeprefix("taken-by-") for path in folder.glob("taken-by-*")}
        self.emptied = {path.name.removeprefix("taken-by-") for path in folder.glob("taken-by-*")
                        if path.is_file() and not path.stat().st_size}
        self.connected = has_been_connected(listening)


@pytest.fixture
def calls(offloop, victim, tmp_path, listener):
    def run(where, policy, *names):
        folder = tmp_path / f"calls-{offloop.runs}"
        folder.mkdir()
        words = [victim("blocked_calls"), where, folder, listener.getsockname()[1], *names]
        outcome = offloop.preload(words, env={"OFFLOOP_POLICY": policy}, preexec_fn=no_core)
        if outcome.status:
            return outcome
        return Calls(outcome, folder, listener)
    return run


def test_a_blocked_call_returns_what_explain_documents(calls, offloop):
    blocked = calls("on", "block")
    documented = {}
    for rule in RULES_TRIED:
        documented.update(explained(offloop, rule))
    assert set(blocked.values) <= set(documented)
    wrong = {name: (found, documented[name]) for name, found in blocked.values.items()
             if found != FAILURES[documented[name]]}
    assert wrong == {}


@pytest.mark.holds_without_library("of the victim and the command alone")
def test_each_rule_that_can_block_is_tried(calls, offloop):
    blocked = calls("on", "block")
    for rule in RULES_TRIED:
        assert set(explained(offloop, rule)) & set(blocked.values), rule


def test_a_blocked_call_does_not_happen(calls):
    blocked = calls("on", "block")
    assert blocked.made == set()
    assert blocked.taken == set(blocked.values)
    assert blocked.emptied == set()
    assert not blocked.connected
    assert blocked.children == 5
    assert blocked.seconds["sleep"] < 0.5, "of one second"


MAKERS = {"open", "open64", "openat", "openat64", "creat", "creat64", "fopen", "fopen64", "rename",
          "renameat", "renameat2", "mkdir", "mkdirat", "system", "popen"}
TAKERS = {"rename", "renameat", "renameat2", "unlink", "unlinkat", "remove", "rmdir"}
EMPTIERS = {"__open_2", "__open64_2", "__openat_2", "__openat64_2"}


@pytest.mark.parametrize("where, policy", [("on", "report"), ("on", "ignore"), ("off", "block")])
def test_a_call_that_is_not_blocked_happens(calls, where, policy):
    happened = calls(where, policy)
    assert judged_loops(happened.outcome.report)
    assert happened.made == MAKERS
    assert happened.taken == set(happened.values) - TAKERS
    assert happened.emptied == EMPTIERS
    assert happened.connected
    assert happened.children == 1  # the one that fork made; the five had been waited for
    assert not [name for name, (_, error) in happened.values.items() if error == errno.EDEADLK]


def test_a_blocked_call_is_recorded_as_blocked(calls):
    outcome = calls("on", "block").outcome
    assert set(RULES_TRIED) <= outcome.rules
    assert {violation["blocked"] for violation in outcome.violations} == {True}
    outcome = calls("on", "report").outcome
    assert set(RULES_TRIED) <= outcome.rules
    assert {violation["blocked"] for violation in outcome.violations} == {False}


def test_off_the_loop_nothing_is_recorded(calls):
    for policy in "report", "block":
        outcome = calls("off", policy, "open", "usleep", "mkdir").outcome
        assert judged_loops(outcome.report) and outcome.violations == []
        said = [line for line in outcome.live_lines if "OFFLOOP_POLICY" not in line]
        assert len(said) == 1 and "no violations on 1 loop thread" in said[0]


def test_rules_that_can_not_be_blocked_are_named_in_one_line_at_start(offloop):
    outcome = offloop.preload(["/bin/true"], env={"OFFLOOP_POLICY": "block"})
    [line] = outcome.stderr.splitlines()
    assert "block acts as backtrace" in line and " lock" in line and " stall" not in line
    assert offloop.preload(["/bin/true"], env={"OFFLOOP_POLICY": "sleep=block"}).stderr == ""


def test_blocking_one_rule_leaves_the_others(calls):
    some = calls("on", "report,mkdir=block", "mkdir", "open", "unlink")
    assert some.values["mkdir"] == (-1, errno.EDEADLK)
    assert some.made == {"open"} and "unlink" not in some.taken


# abort, trap, backtrace, ignore

def test_abort_prints_the_stack_and_aborts(each):
    outcome = each("report,sleep=abort")
    assert outcome.status == -signal.SIGABRT
    [at] = [i for i, line in enumerate(outcome.live_lines) if ", aborting, " in line]
    stack = outcome.live_lines[at + 1:]
    assert re.match(r"offloop: error: time\.sleep\([\d.]+ \ws\) on loop thread \d+ \(python3[.\d]*\), "
                    r"aborting, at \S+/one_of_each\.py:\d+ in \S+ \[one_of_each\] "
                    r"\(offloop explain sleep\)$",
                    outcome.live_lines[at])
    [culprit] = [line for line in stack if line.startswith("offloop:   > ")]
    assert re.search(r"one_of_each\.py:\d+ in ", culprit)
    assert any(line.endswith(" in BaseEventLoop.run_forever") for line in stack)
    [sleep] = outcome.of_rule("sleep")
    assert sleep["count"] == 1


def test_abort_in_c_prints_native_frames(calls):
    outcome = calls("on", "abort", "mkdir")
    assert outcome.status == -signal.SIGABRT
    assert "offloop:   > victim-blocked_calls+0x" in outcome.stderr


def test_abort_does_not_care_for_a_handler_that_returns(offloop, python, tmp_path):
    program = tmp_path / "handles.py"
    program.write_text("import asyncio, faulthandler, os, signal\n"
                       "signal.signal(signal.SIGABRT, lambda *words: None)\n"
                       "async def main():\n    os.stat('/etc')\n    print('went on')\n"
                       "asyncio.run(main())\n")
    outcome = offloop.preload([python.path, program], env={"OFFLOOP_POLICY": "abort"},
                              preexec_fn=no_core)
    assert outcome.status == -signal.SIGABRT and outcome.stdout == ""


def test_trap_stops_for_a_debugger(each):
    assert each("report,sleep=trap").status == -signal.SIGTRAP


def test_a_policy_is_for_loop_threads_only(calls):
    for action in "abort", "trap", "block":
        outcome = calls("off", action, "open", "usleep").outcome
        assert outcome.status == 0 and judged_loops(outcome.report)


def test_backtrace_prints_the_stack_once(offloop, python):
    words = [python.path, PROGRAMS / "repeated_open.py", "5"]
    outcome = offloop.preload(words, env={"OFFLOOP_POLICY": "backtrace"})
    stack = [line for line in outcome.live_lines if line.startswith("offloop:   ")]
    assert len([line for line in stack if " > " in line]) == 1
    assert len([line for line in stack if line.endswith(" in BaseEventLoop._run_once")]) == 1
    assert re.search(r"> \S+/repeated_open\.py:9 in handle$", "\n".join(stack), re.MULTILINE)
    outcome = offloop.preload(words, env={"OFFLOOP_POLICY": "report"})
    assert not [line for line in outcome.live_lines if line.startswith("offloop:   ")]


def test_ignore_neither_counts_nor_tells(each):
    outcome = each("ignore")
    assert outcome.violations == [] and outcome.report["totals"]["hits"] == 0
    assert [line for line in outcome.live_lines if "no violations" not in line] == []
    assert len(outcome.live_lines) == 1


# selectors

@pytest.mark.parametrize("policy, told", [
    ("report", RULES_OF_EACH),
    ("ignore", set()),
    ("ignore,open=report", {"open"}),
    ("ignore,file=report", {"open"}),
    ("ignore,metadata=report,dns=report", {"mkdir", "getaddrinfo"}),
    ("ignore,warning=report", {"mkdir", "open"}),
    ("ignore,error=report", {"sleep", "getaddrinfo"}),
    ("ignore,blocking=report", RULES_OF_EACH),
    ("ignore,loop-only=report", set()),
    ("ignore,*=report", RULES_OF_EACH),
    ("warning=ignore,open=report", {"open", "sleep", "getaddrinfo"}),
    ("open=report,warning=ignore", {"sleep", "getaddrinfo"}),
    ("open=ignore,open=report", RULES_OF_EACH),
    ("open=report,open=ignore", RULES_OF_EACH - {"open"}),
    ("open=ignore,report", RULES_OF_EACH),
    ("ignore,family:sleep=report,rule:open=report", {"open", "sleep"}),
    (" IGNORE , Severity:Error = Report ", {"sleep", "getaddrinfo"}),
])
def test_the_later_word_that_selects_a_rule_decides(each, policy, told):
    outcome = each(policy)
    assert outcome.rules & RULES_OF_EACH == told and judged_loops(outcome.report)
    assert outcome.status == 0 and len(outcome.stdout.splitlines()) == 4


# words

def test_help_shows_every_word_and_does_not_start_the_program(offloop, python, tmp_path):
    made = tmp_path / "made"
    outcome = offloop.preload([python.path, "-c", f"open({str(made)!r}, 'w')"],
                              env={"OFFLOOP_POLICY": "help"})
    assert (outcome.status, outcome.stderr) == (0, "") and not made.exists()
    words = set(re.findall(r"[\w-]+", outcome.stdout))
    assert {"ignore", "report", "backtrace", "block", "trap", "abort"} <= words
    assert {"blocking", "loop-only", "off-loop-only", "stall", "misuse"} <= words
    assert {"note", "warning", "error", "metadata", "dns", "OFFLOOP_FAIL_ON"} <= words
    rules = {line.split()[0] for line in offloop.command("rules").stdout.splitlines()
             if re.match(r"[a-z][a-z-]*\s", line)}
    assert set(RULES_TRIED) <= words and set(RULES_TRIED) <= rules


@pytest.mark.parametrize("variable, value, words", [
    ("POLICY", "report,slep=block", ["'slep'", "'sleep'"]),
    ("POLICY", "repotr", ["'repotr'", "'report'"]),
    ("POLICY", "sleep=blok", ["'blok'", "'block'"]),
    ("POLICY", "sleep", ["'sleep'", "lacks"]),
    ("POLICY", "report,,sleep=block", ["comma"]),
    ("LOOP", "mian", ["'mian'", "'main'"]),
    ("DEPTH", "9999", ["'9999'", "'128'"]),
    ("LOG_MAX", "many", ["'many'", "is 50"]),
    ("FOLLOW", "maybe", ["'maybe'"]),
    ("FAIL_ON", "eror", ["'eror'", "'error'"]),
    ("POLCY", "block", ["OFFLOOP_POLCY", "OFFLOOP_POLICY"]),
])
def test_a_wrong_word_is_one_line_and_the_program_still_runs(offloop, variable, value, words):
    outcome = offloop.preload(["/bin/sh", "-c", "echo went on; exit 3"],
                              env={f"OFFLOOP_{variable}": value})
    assert (outcome.status, outcome.stdout) == (3, "went on\n")
    assert len(outcome.stderr.splitlines()) == 1
    assert all(word in outcome.stderr for word in ["offloop: ", *words]), outcome.stderr


@pytest.mark.holds_without_library("what says nothing; the test above sees that words are read")
def test_right_words_say_nothing(offloop):
    env = {"OFFLOOP_POLICY": "report,sleep=block,file=ignore", "OFFLOOP_LOOP": "auto",
           "OFFLOOP_DEPTH": "128", "OFFLOOP_FAIL_ON": "error", "OFFLOOP_FOLLOW": "1"}
    outcome = offloop.preload(["/bin/sh", "-c", "exit 0"], env=env)
    assert (outcome.status, outcome.stdout, outcome.stderr) == (0, "", "")


# the exit status

@pytest.mark.parametrize("fail_on, policy, own, status", [
    ("never", "report", 0, 0),
    ("note", "report", 0, 66),
    ("warning", "report", 0, 66),
    ("error", "report", 0, 66),
    ("error", "error=ignore", 0, 0),
    ("warning", "error=ignore", 0, 66),
    ("warning", "ignore", 0, 0),
    ("error", "block", 0, 66),
    ("error", "report", 3, 3),
    ("", "report", 0, 0),
])
def test_fail_on_turns_0_into_66_and_nothing_else(each, fail_on, policy, own, status):
    outcome = each(policy, str(own), OFFLOOP_FAIL_ON=fail_on)
    assert outcome.status == status and judged_loops(outcome.report)
    assert len(outcome.stdout.splitlines()) == 4, "what stdio still held was lost"


# the live lines

def test_a_live_line_is_as_documented(offloop, python, tmp_path):
    program = tmp_path / "app.py"
    program.write_text('import asyncio, os\n\n\nasync def handle():\n'
                       '    open("/etc/hosts").close()\n'
                       "    print(os.getpid())\n\n\nasyncio.run(handle())\n")
    outcome = offloop.preload([python.path, program], cwd=tmp_path)
    pid = int(outcome.stdout)
    line, summary = outcome.live_lines
    name = re.escape(python.path.name)
    assert re.match(rf'offloop: warning: open\("/etc/hosts"\) on loop thread {pid} \({name}\), '
                    r"\d+(\.\d+)? (ns|us|ms|s), at app\.py:5 in handle \[app\] "
                    r"\(offloop explain open\)$", line)
    assert re.match(r"offloop: 1 violation, 1 hit, \d+(\.\d+)? (ns|us|ms|s) lost on 1 loop thread: "
                    rf"offloop report /\S+/{name}-{pid}\.offloop$", summary)
    assert outcome.stderr.splitlines() == outcome.live_lines


def test_there_is_one_line_a_site_and_none_a_hit(offloop, python):
    outcome = offloop.preload([python.path, PROGRAMS / "repeated_open.py", "100"])
    assert len(outcome.live_lines) == 2 and "1 violation, 100 hits" in outcome.live_lines[1]
    [violation] = outcome.violations
    assert violation["count"] == 100


def test_log_off_says_nothing_and_records_all(each):
    outcome = each("report", OFFLOOP_LOG="off")
    assert outcome.stderr == "" and outcome.rules >= RULES_OF_EACH


def test_a_log_file_has_the_lines_and_is_private(each, tmp_path):
    log = tmp_path / "live.log"
    outcome = each("report", OFFLOOP_LOG=log)
    lines = log.read_text().splitlines()
    assert outcome.stderr == "" and log.stat().st_mode & 0o777 == 0o600
    assert len([line for line in lines if " on loop thread " in line]) == len(outcome.violations)
    assert " lost on 1 loop thread: offloop report " in lines[-1]


def test_a_relative_log_file_stays_where_the_program_began(offloop, python, tmp_path):
    words = [python.path, "-c", "import os, asyncio; os.chdir('/')\n"
             "async def main(): os.stat('/etc')\nasyncio.run(main())"]
    outcome = offloop.preload(words, cwd=tmp_path, env={"OFFLOOP_LOG": "live.log"})
    assert outcome.stderr == "" and "stat(" in (tmp_path / "live.log").read_text()


def test_after_log_max_lines_one_says_that_more_are_in_the_record(offloop, python):
    words = [python.path, PROGRAMS / "many_sites.py", "20", "generated.py"]
    for most in 0, 3:
        outcome = offloop.preload(words, env={"OFFLOOP_LOG_MAX": most})
        sites = [line for line in outcome.live_lines if " on loop thread " in line]
        last = [line for line in outcome.live_lines if "OFFLOOP_LOG_MAX" in line]
        assert (len(sites), len(last)) == (most, 1)
        assert "20 violations, 20 hits" in outcome.live_lines[-1]
    outcome = offloop.preload(words, env={"OFFLOOP_LOG_MAX": "20"})
    assert not [line for line in outcome.live_lines if "OFFLOOP_LOG_MAX" in line]


# what the program starts

def records(offloop, python, follow):
    folder = offloop.next_folder() / "records"
    code = ("import os, subprocess, sys; subprocess.run([sys.executable, *sys.argv[1:]]);"
            "print(os.environ.get('LD_PRELOAD'))")
    env = offloop.environment(folder, {"OFFLOOP_FOLLOW": follow})
    done = subprocess.run([python.path, "-c", code, PROGRAMS / "repeated_open.py", "2"], env=env,
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 0
    return offloop.report_of(folder), done


def test_programs_that_are_started_are_watched_too(offloop, python):
    report, done = records(offloop, python, "1")
    assert [each["count"] for each in report["violations"]] == [2]
    assert "liboffloop.so" in done.stdout


def test_follow_0_watches_this_program_only(offloop, python):
    report, done = records(offloop, python, "0")
    assert report is None
    assert done.stdout.strip() == "" and done.stderr == ""


def test_follow_0_keeps_what_else_is_preloaded(offloop, python):
    env = offloop.environment(offloop.next_folder(), {"OFFLOOP_FOLLOW": "0"})
    for before, after in ("{}:libm.so.6", "libm.so.6"), ("libm.so.6 {}", "libm.so.6 "):
        env["LD_PRELOAD"] = before.format(env["LD_PRELOAD"]) if "{" in before else before
        done = subprocess.run(["/bin/sh", "-c", "echo \"$LD_PRELOAD\""], env=env, text=True,
                              capture_output=True, timeout=20)
        assert done.stdout == after + "\n"
        env = offloop.environment(offloop.next_folder(), {"OFFLOOP_FOLLOW": "0"})


@pytest.mark.holds_without_library("it is not there")
def test_without_the_library_no_word_means_anything(python, tmp_path):
    env = {**clean_environment(), "OFFLOOP_POLICY": "block", "OFFLOOP_FAIL_ON": "note"}
    done = subprocess.run([python.path, PROGRAMS / "one_of_each.py"], env=env, cwd=tmp_path,
                          capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
