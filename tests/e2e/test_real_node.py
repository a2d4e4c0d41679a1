# SPDX-License-Identifier: MIT
"""Node.js as its users start it. Its libuv lies inside of the executable; what it calls of the C
library is seen all the same."""
import pytest

from conftest import judged_loops

READ_SYNC = """
setTimeout(() => process.stdout.write(require('fs').readFileSync(process.argv[1])), 10)
"""
STAT_AND_LIST_SYNC = """
const fs = require('fs'), path = process.argv[1]
setTimeout(() => { fs.statSync(path + '/file'); console.log(fs.readdirSync(path).length) }, 10)
"""
PROMISES = """
const fs = require('fs').promises, path = process.argv[1]
setTimeout(async () => {
  await fs.stat(path + '/file')
  console.log((await fs.readdir(path)).length, String(await fs.readFile(path + '/file')))
}, 10)
"""
EXEC_SYNC = """
setTimeout(() => console.log(String(require('child_process').execSync('sleep 0.3; echo ran'))), 10)
"""
EXEC = """
const { exec } = require('child_process')
setTimeout(() => exec('sleep 0.3; echo ran', (error, out) => console.log(out)), 10)
"""
COMPUTE = """
const zlib = require('zlib'), text = Buffer.alloc(3e6, 'compress me, please; ')
setTimeout(() => console.log(zlib.deflateSync(text).length), 10)
"""
OWN_THREADS = """
const { Worker } = require('worker_threads'), dns = require('dns')
setTimeout(() => dns.lookup('localhost', () => {
  const worker = new Worker('', { eval: true })
  worker.on('exit', () => { console.log('done'); process.exit(0) })
}), 10)
"""
SERVE = """
require('http').createServer((request, response) => response.end('hello\\n'))
  .listen(+process.argv[1], '127.0.0.1')
"""


@pytest.fixture
def node(tool, offloop, tmp_path):
    """Runs a script, plain and watched; both must do the same. What was recorded."""
    program = tool("node")

    def run(script, argument=""):
        words = [program, "-e", script, argument]
        plain = offloop.preload(words, env={"LD_PRELOAD": None})
        outcome = offloop.preload(words, env={"OFFLOOP_SLOW_MS": 200})  # a busy machine is no news
        assert (outcome.status, outcome.stdout) == (plain.status, plain.stdout)
        assert outcome.status == 0 and outcome.stdout, outcome.stderr
        assert judged_loops(outcome.report)
        return outcome
    return run


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "file").write_text("content\n")
    return folder


def test_read_file_sync_in_a_timer_is_told_with_its_path(node, folder):
    outcome = node(READ_SYNC, folder / "file")
    assert outcome.rules == {"open"}
    [told] = outcome.violations
    assert told["argument"] == str(folder / "file") and told["count"] == 1
    assert told["thread"]["on_loop"] and told["thread"]["tid"] == outcome.report["runs"][0]["pid"]


def test_two_functions_are_two_places(tool, offloop, tmp_path):
    """What they call in node is one and the same."""
    program = tmp_path / "two.js"
    program.write_text("const fs = require('fs')\nfunction alpha() { fs.statSync('/etc/hosts') }\n"
                       "function beta() { fs.statSync('/etc/passwd') }\n"
                       "setTimeout(() => setTimeout(() => { alpha(); beta() }, 10), 10)\n")
    outcome = offloop.run([tool("node"), program])
    assert {(each["culprit"]["function"], each["argument"]) for each in outcome.of_rule("stat")} == {
        ("alpha", "/etc/hosts"), ("beta", "/etc/passwd")}, outcome.stderr


def test_stat_sync_and_readdir_sync_are_told(node, folder):
    outcome = node(STAT_AND_LIST_SYNC, folder)
    assert outcome.rules == {"stat", "readdir"}
    assert outcome.of_rule("stat")[0]["argument"] == str(folder / "file")
    assert outcome.of_rule("readdir")[0]["argument"] == str(folder)


def test_the_same_by_promises_is_silent(node, folder):
    outcome = node(PROMISES, folder)
    assert outcome.violations == [], outcome.stderr
    assert len(outcome.report["runs"][0]["loops"]) >= 1


def test_exec_sync_waits_in_a_second_loop_inside_of_the_callback(node):
    outcome = node(EXEC_SYNC)
    assert {"poll", "fork"} <= outcome.rules
    waited = sum(each["total_ns"] for each in outcome.of_rule("poll"))
    assert 0.25e9 < waited < 5e9  # the child sleeps 0.3 s
    assert {each["function"] for each in outcome.of_rule("poll")} <= {"epoll_pwait", "epoll_wait"}
    assert any(loop["stalls"] for loop in outcome.report["runs"][0]["loops"])


def test_exec_forks_on_the_loop_but_waits_nowhere(node):
    """libuv forks on the loop, then reads a pipe until the child has become its program."""
    outcome = node(EXEC)
    assert "fork" in outcome.rules and outcome.rules <= {"fork", "read"}
    assert sum(each["total_ns"] for each in outcome.violations) < 0.25e9


def test_computing_is_no_waiting(node):
    assert node(COMPUTE).rules <= {"stall"}


def test_an_http_server_under_load_is_silent(tool, watched, wrk, free_port):
    port = free_port()
    with watched([tool("node"), "-e", SERVE, port], port) as process:
        wrk(f"http://127.0.0.1:{port}/")
    outcome = process.outcome()
    assert outcome.status == -15  # it has no handler for SIGTERM, and ends of it as ever
    assert outcome.violations == [], outcome.stderr
    assert max(loop["turns"] for loop in outcome.report["runs"][0]["loops"]) > 100


def test_node_s_own_threads_start_and_end_in_silence(node):
    """Its thread pool at the first lookup, a worker's end, and process.exit()."""
    assert [each["rule"] for each in node(OWN_THREADS).violations] == []
