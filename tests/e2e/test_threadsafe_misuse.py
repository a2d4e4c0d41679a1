# SPDX-License-Identifier: MIT
"""run_coroutine_threadsafe, and waits on the loop's thread: reported when they begin, since they may
never end."""
import signal
import subprocess
import threading
import time

import pytest

from conftest import ROOT, judged_loops

PACK = ROOT / "rules" / "asyncio.rules"
OWN = ("misuse", "off-loop-only", "loop-only")

# way: {(rule, severity), …}
WAYS = {
    "right": set(),
    "right_without_result": set(),
    "starts_later": set(),
    "in_a_daemon_at_exit": set(),
    "never_started": {("threadsafe-not-running", "error")},
    "closed_before_it_ran": {("threadsafe-not-running", "error")},
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
    "lost_in_the_parent": {("threadsafe-forgotten", "warning")},
    "lost_before_it_was_a_task": {("threadsafe-forgotten", "warning")},
    "lost_at_once": {("threadsafe-forgotten", "warning")},
    "lost_among_many": {("threadsafe-forgotten", "warning")},
    "no_timeout": {("threadsafe-no-timeout", "note")},
}

# What hangs for ever, and the API that it hangs in
HANGS = {
    "result_hangs": "concurrent.futures.Future.result",
    "exception_hangs": "concurrent.futures.Future.exception",
    "wait_hangs": "concurrent.futures.wait",
    "queue_hangs": "queue.Queue.get",
    "simple_queue_hangs": "queue.SimpleQueue.get",
    "join_hangs": "threading.Thread.join",
    "event_hangs": "threading.Event.wait",
}


def own(report):
    return [each for each in report["violations"] if each["kind"] in OWN]


def run(offloop, programs, interpreter, way, **env):
    words = [interpreter.path, programs / "threadsafe_misuse.py", way]
    return offloop.preload(words, env={"OFFLOOP_RULES": PACK, **env})


@pytest.mark.parametrize("way", WAYS)
def test_each_way_is_its_own_violation(offloop, programs, interpreter, way):
    outcome = run(offloop, programs, interpreter, way)
    assert judged_loops(outcome.report)
    found = own(outcome.report)
    assert {(each["rule"], each["severity"]) for each in found} == WAYS[way], outcome.stderr
    for each in found:
        assert each["culprit"]["file"].endswith("threadsafe_misuse.py") and each["hint"]


def test_what_nobody_fetched_names_the_place_of_its_submission(offloop, programs, interpreter):
    [lost] = own(run(offloop, programs, interpreter, "lost_exception").report)
    assert lost["argument"] == "ValueError was raised" and lost["count"] == 1
    assert lost["culprit"]["function"].endswith("submit")
    assert lost["api"] == "asyncio.run_coroutine_threadsafe"


@pytest.mark.parametrize("way, argument, count", [("lost_in_the_parent", "ValueError was raised", 1),
                                                  ("lost_before_it_was_a_task", "TypeError was raised", 1),
                                                  ("lost_at_once", "ValueError was raised", 200),
                                                  ("lost_among_many", "a result, int", 1)])
def test_each_is_told_once_by_the_process_that_submitted_it(offloop, programs, interpreter, way, argument,
                                                            count):
    [lost] = own(run(offloop, programs, interpreter, way).report)
    assert (lost["argument"], lost["count"]) == (argument, count)


def test_a_blocked_wait_raises_instead(offloop, programs, interpreter):
    outcome = run(offloop, programs, interpreter, "result_hangs",
                  OFFLOOP_POLICY="report,off-loop-only=block")
    assert "RuntimeError: offloop blocked concurrent.futures.Future.result" in outcome.stderr
    assert "threadsafe_misuse.py:" in outcome.stderr and "wrap_future" in outcome.stderr
    assert any(each["blocked"] for each in own(outcome.report))


def test_a_wait_with_a_timeout_is_not_said_to_be_endless(offloop, programs, interpreter):
    outcome = run(offloop, programs, interpreter, "result_times_out")
    [wait] = [each for each in own(outcome.report) if each["kind"] == "off-loop-only"]
    assert wait["argument"] == "it runs on this very loop: not before the timeout is over"
    assert "never ends" not in outcome.stderr


class Hanging:
    """A program that hangs: when it said so, and each line of its stderr with the time it came."""

    def __init__(self, words, env):
        self.process = subprocess.Popen(words, env=env, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        self.lines = []
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self):
        for line in self.process.stderr:
            self.lines.append((time.monotonic(), line))

    def told(self):
        return [(at, line) for at, line in self.lines if "waits from now on" in line]

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.reader.join()


@pytest.mark.parametrize("way, api", HANGS.items())
def test_a_deadlock_is_told_within_a_second_and_survives_sigkill(offloop, programs, interpreter,
                                                                 way, api):
    folder = offloop.next_folder() / "records"
    hanging = Hanging([interpreter.path, programs / "threadsafe_misuse.py", way],
                      offloop.environment(folder, {"OFFLOOP_RULES": PACK}))
    try:
        began = float(hanging.process.stdout.readline().removeprefix("hangs from "))
        while not any(api in line for _, line in hanging.told()) and time.monotonic() < began + 1:
            time.sleep(0.005)
    finally:
        hanging.kill()
    at, line = next(each for each in hanging.told() if api in each[1])
    assert at - began < 1, line
    [found] = [each for each in own(offloop.report_of(folder)) if each["api"] == api]
    assert (found["kind"], found["severity"], found["count"]) == ("off-loop-only", "error", 1)
    assert found["culprit"]["function"] == "hang"
    if "futures.Future" in api:
        assert found["argument"] == "it runs on this very loop: it never ends"
