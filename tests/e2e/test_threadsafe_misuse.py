"""run_coroutine_threadsafe, and waits on the loop's thread: reported when they begin, since they may
never end."""
import json
import signal
import subprocess
import time

import pytest

from conftest import COMMAND, ROOT, wait_until

PACK = ROOT / "rules" / "asyncio.rules"
OWN = ("misuse", "off-loop-only", "loop-only")

# way: {(rule, severity), …}
WAYS = {
    "right": set(),
    "exception_waits": {("threadsafe-same-loop", "warning"),
                        ("concurrent.futures.Future.exception", "error")},
    "wait_waits": {("concurrent.futures.wait", "error")},
    "queue_waits": {("queue.Queue.get", "error")},
    "simple_queue_waits": {("queue.SimpleQueue.get", "error")},
    "join_waits": {("threading.Thread.join", "error")},
    "event_waits": {("threading.Event.wait", "error")},
    "nested": {("threadsafe-same-loop", "warning")},
    "closed": {("threadsafe-not-running", "error")},
    "not_running": {("threadsafe-not-running", "error")},
    "lost_exception": {("threadsafe-forgotten", "warning")},
    "lost_result": {("threadsafe-forgotten", "warning")},
    "no_timeout": {("threadsafe-no-timeout", "note")},
}


def own(report):
    return [each for each in report["violations"] if each["kind"] in OWN]


def run(offloop, programs, interpreter, way, **env):
    words = [interpreter.path, programs / "threadsafe_misuse.py", way]
    return offloop.preload(words, env={"OFFLOOP_RULES": PACK, **env})


@pytest.mark.parametrize("way", WAYS)
def test_each_way_is_its_own_violation(offloop, programs, interpreter, way):
    outcome = run(offloop, programs, interpreter, way)
    found = own(outcome.report) if outcome.report else []
    assert {(each["rule"], each["severity"]) for each in found} == WAYS[way], outcome.stderr
    for each in found:
        assert each["culprit"]["file"].endswith("threadsafe_misuse.py") and each["hint"]


def test_what_nobody_fetched_names_the_place_of_its_submission(offloop, programs, interpreter):
    [lost] = own(run(offloop, programs, interpreter, "lost_exception").report)
    assert lost["argument"] == "ValueError was raised" and lost["count"] == 1
    assert lost["culprit"]["function"].endswith("submit")
    assert lost["api"] == "asyncio.run_coroutine_threadsafe"


def test_a_blocked_wait_raises_instead(offloop, programs, interpreter):
    outcome = run(offloop, programs, interpreter, "result_hangs",
                  OFFLOOP_POLICY="report,off-loop-only=block")
    assert "RuntimeError: offloop blocked concurrent.futures.Future.result" in outcome.stderr
    assert "threadsafe_misuse.py:" in outcome.stderr and "wrap_future" in outcome.stderr
    assert any(each["blocked"] for each in own(outcome.report))


def test_a_deadlock_is_told_within_a_second_and_survives_sigkill(offloop, programs, interpreter):
    folder = offloop.next_folder() / "records"
    env = offloop.environment(folder, {"OFFLOOP_RULES": PACK})
    words = [interpreter.path, programs / "threadsafe_misuse.py", "result_hangs"]

    def deadlock():
        done = subprocess.run([COMMAND, "report", "--format", "json", folder],
                              capture_output=True, text=True)
        found = own(json.loads(done.stdout)) if done.returncode == 0 else []
        return [each for each in found if each["rule"].endswith("Future.result")]

    process = subprocess.Popen(words, env=env, stderr=subprocess.PIPE, text=True)
    try:
        started = time.monotonic()
        wait_until(deadlock, "the deadlock in the record", 20, process)
        took = time.monotonic() - started
    finally:
        process.send_signal(signal.SIGKILL)
        _, told = process.communicate()
    [each] = deadlock()
    assert each["kind"] == "off-loop-only" and "never ends" in each["argument"]
    assert "waits from now on" in told
    assert took < 3  # of which most is the interpreter's start and the command's
