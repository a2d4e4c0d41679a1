# SPDX-License-Identifier: MIT
"""Allow rules of users' files: what they keep silent, what they let through, and what is said of those
that are unused or wrong."""
import pytest

PROGRAM = """import asyncio, os, sys


def look(path):
    open(path).close()


def peek(path):
    open(path).close()


async def main():
    folder = sys.argv[1]
    inside = os.open(folder, os.O_PATH)
    await asyncio.sleep(0.01)
    for _ in range(5):
        for name in ("a.idx", "b.dat"):
            look(folder + "/" + name)
            peek(folder + "/" + name)
            os.close(os.open(name, os.O_RDONLY, dir_fd=inside))


asyncio.run(main())
"""


@pytest.fixture
def told(offloop, python, tmp_path):
    """A function that runs the program with rules: {function: opens told}, and the report."""
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    for name in ("a.idx", "b.dat"):
        (tmp_path / name).touch()

    def run(*lines):
        rules = tmp_path / "own.rules"
        rules.write_text("".join(line + "\n" for line in lines))
        outcome = offloop.preload([python.path, program, tmp_path], env={"OFFLOOP_RULES": rules})
        assert outcome.status == 0, outcome.stderr
        return {each["culprit"]["function"]: (each["count"], each["argument"].rpartition("/")[2])
                for each in outcome.of_rule("open")}, outcome
    return run


def kept_silent(outcome, words):
    [each] = [each for each in outcome.report["totals"]["suppressed"] if words in each["rule"]]
    return each["hits"]


def test_without_rules_all_is_told(told):
    found, _ = told()
    assert {name: count for name, (count, _) in found.items()} == {"look": 10, "peek": 10, "main": 10}


@pytest.mark.parametrize("glob", ["*.idx", "*/a.idx", "*/[a].id?"])
def test_a_path_is_asked_about_at_every_hit(told, glob):
    """One line opens both by turns; paths below a descriptor's folder too."""
    found, outcome = told(f'allow open path={glob} "an index"')
    assert found == {"look": (5, "b.dat"), "peek": (5, "b.dat"), "main": (5, "b.dat")}
    assert kept_silent(outcome, f"path={glob}") == 15


def test_a_beginning_is_a_path_like_any_other(told, tmp_path):
    found, outcome = told(f'allow open path={tmp_path}/a* "an index"')
    assert found["look"] == found["peek"] == (5, "b.dat")
    assert kept_silent(outcome, f"path={tmp_path}/a*") >= 10


def test_a_path_and_a_function_must_both_fit(told):
    found, outcome = told("allow open path=*.idx python=*:look")
    assert found == {"look": (5, "b.dat"), "peek": (10, "a.idx"), "main": (10, "a.idx")}
    assert kept_silent(outcome, "python=*:look") == 5


def test_a_function_covers_what_it_does_itself(told):
    found, outcome = told("allow * python=*:look")
    assert set(found) == {"peek", "main"}
    assert kept_silent(outcome, "python=*:look") == 10


def test_a_function_does_not_cover_the_users_code_that_it_calls(told):
    """main() opens by itself too: that is covered, what look() and peek() open is theirs."""
    found, outcome = told("allow * python=*:main")
    assert {name: count for name, (count, _) in found.items()} == {"look": 10, "peek": 10}
    assert kept_silent(outcome, "python=*:main") == 10


def test_under_covers_all_that_is_done_below_a_function(told):
    found, outcome = told("allow * under=*:main")
    assert found == {}
    assert kept_silent(outcome, "under=*:main") == 30


@pytest.mark.parametrize("word", ["python", "under"])
def test_what_runs_the_loop_is_no_part_of_a_turn(told, word):
    """The module's own frame calls asyncio.run(), and stands below every turn."""
    found, _ = told(f"allow * {word}=*:<module>")
    assert {name: count for name, (count, _) in found.items()} == {"look": 10, "peek": 10, "main": 10}


def test_rules_that_kept_nothing_silent_are_named(told, offloop):
    _, outcome = told("allow open path=/nowhere/*", "allow open path=*.idx")
    assert kept_silent(outcome, "path=/nowhere/*") == 0
    text = offloop.command("report", offloop.folder / f"run-{offloop.runs}" / "records").stdout
    assert [line for line in text.splitlines() if line.startswith("allowed nothing: ")] == [
        "allowed nothing: allow open path=/nowhere/*"]


def test_an_unknown_rule_is_said_with_its_line_and_the_nearest(told):
    _, outcome = told("# mine", "allow opne path=/tmp/*")
    [said] = [line for line in outcome.live_lines if "opne" in line]
    assert "own.rules:2" in said and "open" in said


def test_a_shipped_rule_can_be_switched_off(offloop, python, tmp_path):
    program = tmp_path / "program.py"
    program.write_text("import asyncio\n\n\nasync def main():\n    await asyncio.sleep(0.01)\n"
                       "    open('/proc/self/status').close()\n\n\nasyncio.run(main())\n")
    (tmp_path / "own.rules").write_text("no-allow * path=/proc/*\n")
    silent = offloop.preload([python.path, program])
    told = offloop.preload([python.path, program], env={"OFFLOOP_RULES": tmp_path / "own.rules"})
    assert silent.of_rule("open") == []
    assert [each["argument"] for each in told.of_rule("open")] == ["/proc/self/status"]


CALLED_BACK = """import asyncio, os, subprocess, tempfile


class Reader(asyncio.Protocol):
    def data_received(self, data):
        handle, path = tempfile.mkstemp()
        os.unlink(path)
        subprocess.run(["sleep", "0.02"])
        done.set_result(None)


async def main():
    global done
    loop = asyncio.get_running_loop()
    done = loop.create_future()
    reading, writing = os.pipe()
    await loop.connect_read_pipe(Reader, os.fdopen(reading, "rb"))
    await asyncio.sleep(0.01)
    os.write(writing, b"x")
    await done


asyncio.run(main())
"""


def test_user_code_that_a_shipped_rule_names_the_caller_of(offloop, python, tmp_path):
    """asyncio.unix_events may unlink its socket and wait for its child; a protocol that it calls
    may not."""
    program = tmp_path / "program.py"
    program.write_text(CALLED_BACK)
    outcome = offloop.preload([python.path, program])
    assert outcome.status == 0, outcome.stderr
    for rule in ("unlink", "wait"):
        assert {each["culprit"]["function"] for each in outcome.of_rule(rule)} == {"Reader.data_received"}, rule


SLOW_START = """import asyncio, subprocess, sys, time


def prepare():
    time.sleep(float(sys.argv[1]))


async def by_asyncio():
    program = await asyncio.create_subprocess_exec("true", preexec_fn=prepare)
    await program.wait()


async def by_subprocess():
    with subprocess.Popen(["true"], preexec_fn=prepare) as program:
        while program.poll() is None:
            await asyncio.sleep(0.01)


async def main():
    await asyncio.sleep(0.01)
    await by_asyncio()
    await by_subprocess()


asyncio.run(main())
"""


@pytest.fixture
def started(offloop, python, tmp_path):
    """Two programs whose start takes so long, in s: the waits for them, and the report."""
    program = tmp_path / "start.py"
    program.write_text(SLOW_START)

    def run(seconds, **env):
        outcome = offloop.preload([python.path, program, seconds], env=env)
        assert outcome.status == 0, outcome.stderr
        return {each["culprit"]["function"]: each for each in outcome.of_rule("read")}, outcome
    return run


def test_a_call_that_takes_long_is_reported_with_the_rule_that_covers_it(started):
    waits, outcome = started(0.4)
    rules = {"by_asyncio": "python=asyncio.unix_events:_UnixSubprocessTransport._start",
             "by_subprocess": "python=subprocess:Popen._execute_child"}
    assert set(waits) == set(rules)
    for function, rule in rules.items():
        assert waits[function]["count"] == 1
        assert rule in waits[function]["allowed_by"]
        assert waits[function]["max_ns"] >= 100e6, "of 400 ms, which began with the fork"
        assert any(f"too long to be suppressed by: allow read {rule}" in line for line in outcome.live_lines)
    assert not [each for each in outcome.report["totals"]["suppressed"] if "_execute_child" in each["rule"]], \
        "what is reported was not suppressed"


@pytest.mark.parametrize("limit", [60000, 0])
def test_the_limit_is_that_of_stalls(started, limit):
    waits, outcome = started(0.4, OFFLOOP_STALL_MS=limit)
    assert waits == {}
    assert kept_silent(outcome, "Popen._execute_child") == 1


@pytest.mark.parametrize("limit", ["none", 60000])
def test_a_line_may_have_a_limit_of_its_own(started, tmp_path, limit):
    (tmp_path / "own.rules").write_text("no-allow read python=subprocess:Popen._execute_child\n"
                                        f"allow read python=subprocess:Popen.* limit={limit}\n")
    waits, outcome = started(0.4, OFFLOOP_RULES=tmp_path / "own.rules")
    assert set(waits) == {"by_asyncio"}
    assert kept_silent(outcome, "python=subprocess:Popen.*") == 1


def test_a_path_that_takes_long_is_reported_too(offloop, python, tmp_path):
    """A named pipe stands for a device that is slow to open."""
    pipe = tmp_path / "device"
    program = tmp_path / "program.py"
    program.write_text("import asyncio, os, sys, threading, time\n\n\ndef late():\n    time.sleep(0.4)\n"
                       "    os.open(sys.argv[1], os.O_RDWR)\n\n\nasync def main():\n    os.mkfifo(sys.argv[1])\n"
                       "    threading.Thread(target=late).start()\n    await asyncio.sleep(0.01)\n"
                       "    open(sys.argv[1], 'wb').close()\n    open(sys.argv[1], 'rb+', 0).close()\n\n\n"
                       "asyncio.run(main())\n")
    (tmp_path / "own.rules").write_text(f"allow open path={tmp_path}/* \"a device\"\n")
    outcome = offloop.preload([python.path, program, pipe], env={"OFFLOOP_RULES": tmp_path / "own.rules"})
    assert outcome.status == 0, outcome.stderr
    [slow] = outcome.of_rule("open")
    assert (slow["argument"], slow["count"]) == (str(pipe), 1)
    assert f"path={tmp_path}/*" in slow["allowed_by"]
    assert kept_silent(outcome, f"path={tmp_path}/*") == 1, "the second one"


IN_A_WORKER = """import asyncio, threading


def ask(loop):
    asyncio.run_coroutine_threadsafe(asyncio.sleep(0.4), loop).result()


async def main():
    await asyncio.to_thread(ask, asyncio.get_running_loop())


asyncio.run(main())
"""


def test_no_limit_where_time_is_not_what_is_wrong(offloop, python, tmp_path):
    """A worker may wait as long as it likes; what is noted is that it has no timeout."""
    program = tmp_path / "worker.py"
    program.write_text(IN_A_WORKER)
    rules = tmp_path / "own.rules"

    def found(text):
        rules.write_text(text)
        outcome = offloop.preload([python.path, program], env={"OFFLOOP_RULES": f"asyncio:{rules}"})
        assert outcome.status == 0, outcome.stderr
        return [each["count"] for each in outcome.of_rule("threadsafe-no-timeout")]
    assert found("# nothing\n") == [1]
    assert found("allow threadsafe-no-timeout python=worker:ask\n") == []


def test_a_call_that_was_allowed_is_not_undone_when_it_takes_long(started):
    """It is over when it is known to be long: it can't be blocked any more."""
    waits, outcome = started(0.4, OFFLOOP_POLICY="read=block")
    assert {each["blocked_count"] for each in waits.values()} == {0}


def test_the_last_line_counts_what_was_suppressed(offloop, python, tmp_path):
    program = tmp_path / "program.py"
    program.write_text("import asyncio, sys\n\n\nasync def main():\n    await asyncio.sleep(0.01)\n"
                       "    for path in sys.argv[1:]:\n        open(path).close()\n\n\nasyncio.run(main())\n")

    def last_line(*paths):
        return offloop.preload([python.path, program, *paths]).live_lines[-1].partition(": offloop report ")[0]
    assert last_line() == "offloop: no violations on 1 loop thread"
    assert last_line("/proc/self/status") == \
        "offloop: no violations on 1 loop thread (1 call suppressed by 1 allow rule)"
    assert last_line("/proc/self/status", "/proc/self/stat", "/dev/null") == \
        "offloop: no violations on 1 loop thread (3 calls suppressed by 2 allow rules)"
    assert last_line("/proc/self/status", "/etc/hosts").endswith(" (1 suppressed)")
