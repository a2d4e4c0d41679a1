# SPDX-License-Identifier: MIT
"""Workers of Node.js: made for work that blocks, so what is found on their loops is told apart."""
import pytest

pytestmark = pytest.mark.usefixtures("steady")

SCRIPT = """
const { Worker, isMainThread, parentPort, workerData } = require('worker_threads');
const fs = require('fs');
function read() { fs.readFileSync('/etc/hosts'); }
if (isMainThread) {
  const both = process.argv[2] === 'both';
  const worker = new Worker(__filename, { workerData: null });
  worker.on('message', () => { if (both) read(); });
} else {
  setTimeout(() => { read(); parentPort.postMessage('done'); }, 5);
}
"""


@pytest.fixture
def play(offloop, tool, tmp_path):
    node = tool("node")
    script = tmp_path / "script.js"
    script.write_text(SCRIPT)

    def run(who, *options):
        outcome = offloop.run([node, script, who], options=["--fail-on", "warning", *options])
        [program] = outcome.report["runs"]
        reads = [each for each in outcome.violations if each["argument"] == "/etc/hosts"]
        assert reads and {loop["worker"] for loop in program["loops"]} == {True, False}
        return outcome, reads
    return run


def test_what_a_worker_reads_is_told_as_a_workers_and_fails_no_gate(play):
    outcome, reads = play("worker")
    assert outcome.status == 0, outcome.stderr
    assert all(each["thread"]["on_loop"] and each["thread"]["worker"] for each in reads)
    assert "on worker's loop thread" in outcome.stderr


def test_it_counts_when_the_user_says_so(play):
    outcome, reads = play("worker", "--loop", "workers")
    assert outcome.status == 66, outcome.stderr
    assert not any(each["thread"]["worker"] for each in reads)


def test_what_the_main_loop_reads_too_fails_the_gate(play):
    outcome, reads = play("both")
    assert outcome.status == 66, outcome.stderr
    assert not all(each["thread"]["worker"] for each in reads)
    ranks = [each["thread"]["worker"] for each in outcome.violations]
    assert ranks == sorted(ranks)


def test_a_worker_is_below_the_others_in_the_text(play, offloop):
    outcome, _ = play("both")
    record = outcome.report["runs"][0]["record"]
    text = offloop.command("report", record).stdout
    assert text.count("worker's loop thread") == 1
    assert "(on a worker's loop)" in text


def test_a_baseline_that_grows_takes_in_nothing_of_workers(play, tmp_path):
    known = tmp_path / "known"
    _, reads = play("worker", "--baseline", str(known), "--baseline-grow")
    assert not any(each["id"] in known.read_text() for each in reads)
    _, reads = play("both", "--baseline", str(known), "--baseline-grow")
    of_main = {each["id"] for each in reads if not each["thread"]["worker"]}
    assert of_main and all(id in known.read_text() for id in of_main)


def test_a_baseline_names_as_many_violations_as_a_verdict_would(play, offloop, tmp_path):
    outcome, _ = play("worker")
    known = tmp_path / "known"
    written = offloop.command("baseline", offloop.folder / "run-1" / "records", "-o", known)
    main = [each for each in outcome.violations if not each["thread"]["worker"]]
    assert len(main) < len(outcome.violations)
    assert f"offloop: {len(main)} violation{'' if len(main) == 1 else 's'} in " in written.stderr
