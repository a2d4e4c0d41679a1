# SPDX-License-Identifier: MIT
"""The record: complete until the last instant, bounded, private; and a library that leaves nothing
else behind."""
import json
import os
import pathlib
import signal
import subprocess

import pytest

from conftest import PROGRAMS

pytestmark = pytest.mark.usefixtures("steady")

OPENS = PROGRAMS / "repeated_open.py"


def only_record(folder):
    [record] = folder.glob("*.offloop")
    return record


# kill -9

@pytest.mark.parametrize("begun", [b"", bytes(4096)], ids=["empty", "zeros"])
def test_a_program_that_was_killed_before_its_record_was_begun_spoils_no_report(offloop, python, begun):
    folder = offloop.next_folder()
    (folder / "killed-1.offloop").write_bytes(begun)
    assert offloop.report_of(folder) is None
    told = offloop.command("report", folder)
    assert told.status == 2 and "no record in the folders given" in told.stderr
    outcome = offloop._finish([python.path, OPENS, "3"], offloop.environment(folder), 60)
    assert outcome.status == 0
    report = offloop.report_of(folder)
    assert [str(OPENS) in run["argv"] for run in report["runs"]] == [True] and report["violations"]


def count_until_killed(words, env, least):
    """Runs it until it has counted `least`; kills it; the last number that it wrote."""
    with subprocess.Popen(words, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          stdin=subprocess.DEVNULL, text=True) as process:
        for line in process.stdout:
            if int(line) >= least:
                break
        process.kill()
        numbers = [line for line in process.stdout if line.endswith("\n")]
        assert process.wait(20) == -signal.SIGKILL
    return int(numbers[-1] if numbers else line)


@pytest.mark.parametrize("least", [1, 500, 20000])
def test_kill_9_loses_no_hit_that_was_counted(offloop, victim, least):
    folder = offloop.next_folder() / "records"
    env = offloop.environment(folder)
    made = count_until_killed([victim("counted_calls")], env, least)
    report = offloop.report_of(folder)
    [access] = [each for each in report["violations"] if each["rule"] == "access"]
    assert made <= access["count"] <= made + 1
    assert report["totals"]["hits"] == sum(each["count"] for each in report["violations"])


def test_kill_9_loses_no_hit_of_python_either(offloop, interpreter, tmp_path):
    program = tmp_path / "counts.py"
    program.write_text("import asyncio, itertools, os\n"
                       "async def main():\n"
                       "    await asyncio.sleep(0)\n"
                       "    for count in itertools.count(1):\n"
                       "        os.stat('/etc/hosts')\n"
                       "        os.write(1, b'%d\\n' % count)\n"
                       "        if count % 10 == 0:\n"
                       "            await asyncio.sleep(0)\n"
                       "asyncio.run(main())\n")
    folder = offloop.next_folder() / "records"
    made = count_until_killed([interpreter.path, program], offloop.environment(folder), 1000)
    [stat] = [each for each in offloop.report_of(folder)["violations"] if each["rule"] == "stat"]
    assert made <= stat["count"] <= made + 1
    assert (stat["culprit"]["line"], stat["api"]) == (5, "os.stat")


def test_a_run_that_ends_by_itself_is_counted_to_the_last(offloop, victim):
    outcome = offloop.preload([victim("counted_calls"), "1234"])
    [access] = outcome.of_rule("access")
    assert outcome.status == 0 and access["count"] == 1234
    assert outcome.stdout.splitlines()[-1] == "1234"


# more than fits

MANY = 10000


def assert_full(outcome):
    report = outcome.report
    totals = report["totals"]
    counted = sum(violation["count"] for violation in report["violations"])
    assert totals["hits"] == MANY
    assert totals["dropped"], "dropped is never silently 0"
    assert counted < MANY
    [summary] = [line for line in outcome.live_lines if " lost on 1 loop thread" in line]
    assert f"{MANY} hits" in summary
    assert f"{MANY - counted} hits did not fit into the record" in summary


def read_text(offloop):
    folder = offloop.folder / f"run-{offloop.runs}" / "records"
    return offloop.command("report", folder)


def test_ten_thousand_python_sites_overflow_visibly(offloop, python):
    words = [python.path, PROGRAMS / "many_sites.py", str(MANY), "generated.py"]
    outcome = offloop.preload(words, timeout=240)  # on a busy machine
    assert (outcome.status, outcome.stdout) == (0, f"done {MANY}\n")
    assert_full(outcome)
    text = read_text(offloop)
    assert text.status == 0 and "INCOMPLETE" in text.stdout and "did not fit" in text.stdout


def test_ten_thousand_sites_in_c_overflow_visibly(offloop, tool, tmp_path):
    source = tmp_path / "sites.c"
    functions = "".join(f"static void f{i}(void) {{ access(\"/etc/hosts\", 0); }}\n"
                        for i in range(MANY))
    calls = "".join(f"    f{i}();\n" for i in range(MANY))
    source.write_text("#include <stdio.h>\n#include <sys/epoll.h>\n#include <unistd.h>\n"
                      f"{functions}int main(void)\n{{\n    struct epoll_event event;\n"
                      "    epoll_wait(epoll_create1(0), &event, 1, 0);\n"
                      f"{calls}    puts(\"done\");\n    return 0;\n}}\n")
    subprocess.run([tool("gcc"), "-O0", source, "-o", tmp_path / "sites"], check=True, timeout=60)
    outcome = offloop.preload([tmp_path / "sites"])
    assert (outcome.status, outcome.stdout) == (0, "done\n")
    assert outcome.report["totals"]["hits"] == MANY
    [summary] = [line for line in outcome.live_lines if " lost on 1 loop thread" in line]
    assert f"{MANY} hits" in summary and "did not fit into the record" in summary
    assert outcome.report["totals"]["dropped"]


def test_what_fits_is_not_called_incomplete(offloop, python):
    outcome = offloop.preload([python.path, PROGRAMS / "many_sites.py", "1000", "generated.py"])
    assert not outcome.report["totals"]["dropped"]
    assert outcome.report["totals"]["hits"] == 1000
    assert "1000 violations, 1000 hits" in outcome.live_lines[-1]
    assert "INCOMPLETE" not in read_text(offloop).stdout


# where the file is, and who may read it

@pytest.fixture
def run(offloop, python, tmp_path):
    """Runs a program with one site, with OFFLOOP_OUT and whatever else as said."""
    def start(**env):
        env = {"TMPDIR": tmp_path / "tmp", **env}
        pathlib.Path(env["TMPDIR"]).mkdir(exist_ok=True)
        return offloop.preload([python.path, OPENS, "3"], env=env, cwd=tmp_path)
    return start


def assert_recorded(offloop, folder):
    report = json.loads(offloop.command("report", "--format", "json", folder).stdout)
    assert [violation["count"] for violation in report["violations"]] == [3]


def test_files_are_private_whatever_the_umask(offloop, python, tmp_path):
    folder = tmp_path / "deep" / "records"
    for umask in 0o000, 0o777 & ~0o700, 0o027:
        offloop.preload([python.path, OPENS, "3"], env={"OFFLOOP_OUT": folder},
                        preexec_fn=lambda: os.umask(umask))
        assert folder.stat().st_mode & 0o777 == 0o700
        assert folder.parent.stat().st_mode & 0o777 == 0o700
    assert {each.stat().st_mode & 0o777 for each in folder.iterdir()} == {0o600}
    assert len(list(folder.iterdir())) == 3


def test_records_go_into_the_working_folder_without_a_word(offloop, run, tmp_path):
    run(OFFLOOP_OUT=None)
    assert_recorded(offloop, tmp_path / "offloop-out")
    assert (tmp_path / "offloop-out").stat().st_mode & 0o777 == 0o700
    assert list((tmp_path / "tmp").iterdir()) == []


def private_folder(tmp_path):
    return tmp_path / "tmp" / f"offloop-{os.geteuid()}"


def assert_recorded_privately(offloop, outcome, tmp_path):
    assert outcome.status == 0
    assert_recorded(offloop, private_folder(tmp_path))
    assert private_folder(tmp_path).stat().st_mode & 0o777 == 0o700
    assert str(private_folder(tmp_path)) in outcome.stderr


def test_a_link_in_place_of_the_folder_is_not_followed(offloop, run, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    outcome = run(OFFLOOP_OUT=tmp_path / "link")
    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert_recorded_privately(offloop, outcome, tmp_path)


@pytest.mark.parametrize("place", ["file/below", "/proc/nowhere"])
def test_a_folder_that_can_not_be_written_is_replaced(offloop, run, tmp_path, place):
    (tmp_path / "file").write_text("in the way")
    outcome = run(OFFLOOP_OUT=tmp_path / place)
    assert_recorded_privately(offloop, outcome, tmp_path)


def one_line_of_trouble(outcome):
    trouble = [line for line in outcome.live_lines if "live lines only" in line]
    assert outcome.status == 0 and len(trouble) == 1, outcome.stderr
    told = [line for line in outcome.live_lines if " on loop thread " in line]
    assert len(told) == 1 and "1 violation, 3 hits" in outcome.live_lines[-1]
    return trouble[0]


def test_without_any_folder_one_line_says_so_and_the_program_runs(run, tmp_path):
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "tmp").mkdir()
    private_folder(tmp_path).symlink_to(tmp_path)
    outcome = run(OFFLOOP_OUT=tmp_path / "file")
    assert "no folder" in one_line_of_trouble(outcome)
    assert not list(tmp_path.glob("**/*.offloop"))


@pytest.mark.holds_without_library("what leaves nothing; the other tests see that records are made")
def test_no_loop_no_file_no_word(offloop, python, tmp_path):
    code = "import time; time.sleep(0.001); open('/etc/hosts').close()"
    outcome = offloop.preload([python.path, "-c", code], env={"OFFLOOP_OUT": tmp_path / "records"})
    assert (outcome.status, outcome.stdout, outcome.stderr) == (0, "", "")
    assert not (tmp_path / "records").exists()


def test_two_runs_leave_two_files(offloop, run, tmp_path):
    for _ in range(2):
        run(OFFLOOP_OUT=tmp_path / "records")
    assert len(list((tmp_path / "records").iterdir())) == 2


def test_forked_children_count_into_one_file(offloop, victim, python, tmp_path):
    program = tmp_path / "forks.py"
    program.write_text("import asyncio, os\n"
                       "async def main():\n"
                       "    for _ in range(100): os.stat('/etc/hosts')\n"
                       "children = []\n"
                       "asyncio.run(asyncio.sleep(0))\n"
                       "for _ in range(4):\n"
                       "    pid = os.fork()\n"
                       "    if not pid: asyncio.run(main()); os._exit(0)\n"
                       "    children.append(pid)\n"
                       "for pid in children: os.waitpid(pid, 0)\n")
    outcome = offloop.preload([python.path, program], env={"OFFLOOP_OUT": tmp_path / "records"})
    assert outcome.status == 0
    report = json.loads(offloop.command("report", "--format", "json", tmp_path / "records").stdout)
    assert only_record(tmp_path / "records")
    assert [violation["count"] for violation in report["violations"]] == [400]


# nothing else

def test_no_descriptor_stays_open(offloop, interpreter, tmp_path):
    program = tmp_path / "descriptors.py"
    program.write_text("import asyncio, os\n"
                       "async def main():\n"
                       "    await asyncio.sleep(0)\n"
                       "    open('/etc/hosts').close()\n"
                       "    print(sorted(os.listdir('/proc/self/fd'), key=int))\n"
                       "    await asyncio.sleep(0.001)\n"
                       "asyncio.run(main())\n"
                       "print(sorted(os.listdir('/proc/self/fd'), key=int))\n")
    plain = offloop.preload([interpreter.path, program], env={"LD_PRELOAD": None})
    for log in "stderr", tmp_path / "log":
        watched = offloop.preload([interpreter.path, program], env={"OFFLOOP_LOG": log})
        assert watched.violations
        assert watched.stdout == plain.stdout != ""


GIVES_UP_ROOT = """
import asyncio, os, sys

async def main():
    await asyncio.sleep(0)
    open("/etc/hosts").close()

if sys.argv[1] == "child" and os.fork():
    sys.exit(os.wait()[1])
os.setgid(65534)
os.setuid(65534)
if sys.argv[2] == "closes":
    os.closerange(3, 4096)
    mine = os.open("/tmp", os.O_TMPFILE | os.O_RDWR)
    os.dup2(mine, 512)
asyncio.run(main())
if sys.argv[2] == "closes":
    print(os.fstat(512).st_size)
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give up root")
@pytest.mark.parametrize("who", ["itself", "child"])
def test_a_log_is_written_after_root_was_given_up(offloop, interpreter, tmp_path, who):
    log = tmp_path / "log"
    offloop.preload([interpreter.path, "-c", GIVES_UP_ROOT, who, "stays"], env={"OFFLOOP_LOG": log})
    assert [line for line in log.read_text().splitlines() if 'open("/etc/hosts")' in line]
    assert log.stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give up root")
def test_the_log_is_never_written_to_a_file_that_got_its_number(offloop, interpreter, tmp_path):
    guest = offloop.preload([interpreter.path, "-c", GIVES_UP_ROOT, "itself", "closes"],
                            env={"OFFLOOP_LOG": tmp_path / "log"})
    assert guest.stdout == "0\n"
    assert "can't be written" in guest.stderr


CLOSING_SCRIPT = """
import asyncio, os, socket

def sites():
    for line in range(300):
        exec(compile("\\n" * line + "os.access('/etc/hosts', 0)", "generated.py", "exec"))

async def main():
    await asyncio.sleep(0)
    os.stat("/etc")
    os.closerange(6, 256)
    sockets = [*socket.socketpair(), *socket.socketpair()]
    for each in sockets:
        each.setblocking(False)
        each.send(b"%d" % each.fileno() * 5)
    sites()
    print([each.recv(99) for each in sockets])

asyncio.run(main())
"""


def test_descriptors_that_the_program_closes_and_opens_anew_are_its_own(offloop, interpreter):
    """As daemons do. libunwind kept a pipe open, and went on using its numbers."""
    plain = offloop.preload([interpreter.path, "-c", CLOSING_SCRIPT], env={"LD_PRELOAD": None})
    watched = offloop.preload([interpreter.path, "-c", CLOSING_SCRIPT])
    assert watched.stdout == plain.stdout != ""
    assert watched.report["totals"]["hits"] >= 301


STDERR_SCRIPT = """
import asyncio, os, sys

def daemonize():
    if sys.argv[1] == "closed":
        os.close(2)
    elif sys.argv[1] == "reused":
        os.close(2)
        assert os.open(sys.argv[2], os.O_CREAT | os.O_RDWR) == 2
    elif sys.argv[1] == "replaced":
        os.dup2(os.open(sys.argv[2], os.O_CREAT | os.O_RDWR), 2)

async def main():
    await asyncio.sleep(0)
    os.stat("/etc")
    daemonize()
    os.listdir("/etc")
    await asyncio.sleep(0)

asyncio.run(main())
print("went on")
"""


@pytest.mark.parametrize("way", ["closed", "reused", "replaced"])
def test_a_stderr_that_is_not_ours_any_more_gets_nothing(offloop, python, tmp_path, way):
    outcome = offloop.preload([python.path, "-c", STDERR_SCRIPT, way, tmp_path / "own"])
    assert (outcome.status, outcome.stdout) == (0, "went on\n")
    assert "stat(" in outcome.live_lines[0]
    assert not [line for line in outcome.live_lines if "opendir(" in line or "lost on" in line]
    assert outcome.rules >= {"stat", "readdir"}
    if way != "closed":
        assert (tmp_path / "own").read_text() == ""


def test_a_stderr_that_stays_gets_all(offloop, python):
    outcome = offloop.preload([python.path, "-c", STDERR_SCRIPT, "kept"])
    assert len(outcome.live_lines) == 3 and outcome.stdout == "went on\n"


def test_a_program_that_starts_without_stderr_is_none_the_wiser(offloop, python, tmp_path):
    words = ["/bin/sh", "-c", 'exec "$0" "$1" 3 2>&-', python.path, OPENS]
    outcome = offloop.preload(words)
    assert (outcome.status, outcome.stdout, outcome.stderr) == (0, "", "")
    assert [violation["count"] for violation in outcome.of_rule("open")] == [3]
