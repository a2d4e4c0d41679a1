# SPDX-License-Identifier: MIT
"""aarch64, under qemu-user: the library is built by a cross compiler beside a folder of Debian's packages for that machine
(scripts/aarch64-root, kept in the build folder), and programs of those packages run with it. The command that reads their
records is this machine's."""
import contextlib
import shutil
import subprocess

import pytest

from conftest import ROOT, clean_environment, judged_loops, wait_until

VICTIMS = ROOT / "tests" / "programs"
CROSS = "aarch64-linux-gnu-gcc"
NESTED = """#include <time.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>
#define APART __attribute__((noipa))
APART void innermost(void) { nanosleep(&(struct timespec){0, 1000000}, 0); __asm__ volatile(""); }
APART void middle(void) { innermost(); __asm__ volatile(""); }
APART void outermost(void) { middle(); __asm__ volatile(""); }
APART int child(void) { pid_t pid = vfork(); if (pid == 0) { innermost(); _exit(7); } return pid; }
int main(int argc, char **argv)
{
    struct epoll_event event;
    int status = 0, epoll = epoll_create1(0);
    epoll_wait(epoll, &event, 1, 1);
    if (argc > 1)
        waitpid(child(), &status, 0);
    outermost();
    epoll_wait(epoll, &event, 1, 1);
    puts(WEXITSTATUS(status) == (argc > 1 ? 7 : 0) ? "done" : "the child's status is lost");
    return 0;
}
"""
HANDLER = """#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <unistd.h>
#define APART __attribute__((noipa))
APART void from_handler(void) { close(open("/etc/hostname", O_RDONLY)); __asm__ volatile(""); }
APART void on_signal(int number) { from_handler(); __asm__ volatile(""); }
APART void interrupted(void) { raise(SIGUSR1); __asm__ volatile(""); }
int main(void)
{
    struct epoll_event event;
    int epoll = epoll_create1(0);
    signal(SIGUSR1, on_signal);
    epoll_wait(epoll, &event, 1, 1);
    interrupted();
    epoll_wait(epoll, &event, 1, 1);
    puts("done");
}
"""
ASYNCIO = """import asyncio, sys, time

def pause():
    time.sleep(0.01)

async def main():
    await asyncio.sleep(0.01)
    if sys.argv[1] == "on":
        pause()
    else:
        await asyncio.to_thread(pause)

asyncio.run(main())
print("done")
"""
NODE = """
const fs = require('fs'), on = process.argv[1] === 'on'
const read = () => on ? fs.readFileSync('/etc/hostname') : fs.promises.readFile('/etc/hostname')
// the second timer: where a start takes long, the first may be due before the loop has waited
setTimeout(() => setTimeout(async () => { await read(); console.log('done') }, 20), 1)
"""


class Foreign:
    """The library for aarch64, and programs of that machine under it."""

    def __init__(self, folder, offloop):
        self.root = folder / "root"
        self.library = folder / "build" / "shim" / "liboffloop.so"
        self.offloop = offloop

    def words(self, program):
        program = self.root / program if isinstance(program, str) else program
        return ["qemu-aarch64", "-L", self.root, "-E", f"LD_PRELOAD={self.library}", program]

    def run(self, program, *words, env=None, says="done\n"):
        """What a program does under the library, and what was recorded of it. `program`: in the folder of packages by a string."""
        own = {"LD_PRELOAD": None, "OFFLOOP_SLOW_MS": 1000, **(env or {})}
        outcome = self.offloop.preload([*self.words(program), *words], env=own, timeout=120)
        assert (outcome.status, outcome.stdout) == (0, says), outcome.stderr
        return outcome


@pytest.fixture(scope="module")
def folder(build):
    for name in (CROSS, "qemu-aarch64", "meson"):
        if not shutil.which(name):
            pytest.skip(f"{name} is not installed")
    folder = build / "aarch64"
    done = subprocess.run([ROOT / "scripts" / "aarch64-root", folder], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(done.stderr.strip())
    if not (folder / "build" / "build.ninja").exists():
        subprocess.run(["meson", "setup", "--cross-file", folder / "cross.ini", "-Dtests=false", "-Dwerror=true",
                        folder / "build", ROOT], check=True, env=clean_environment({"CC": None}))
    subprocess.run(["ninja", "-C", folder / "build", "shim/liboffloop.so"], check=True)
    return folder


@pytest.fixture
def foreign(folder, offloop):
    return Foreign(folder, offloop)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("guarded")
    subprocess.run([CROSS, "-O1", "-shared", "-fPIC", VICTIMS / "guarded.c", "-o", folder / "libguarded.so"], check=True)
    return folder


def compiled(tmp_path, source, *flags):
    victim = tmp_path / "victim"
    if isinstance(source, str):
        (tmp_path / "victim.c").write_text(source)
        source = tmp_path / "victim.c"
    subprocess.run([CROSS.replace("gcc", "g++") if source.suffix == ".cc" else CROSS, "-O1", "-g", source, "-o", victim,
                    *flags, "-lpthread"], check=True)
    return victim


def rules(tmp_path, text):
    (tmp_path / "own.rules").write_text(text)
    return {"OFFLOOP_RULES": tmp_path / "own.rules"}


def lines(outcome):
    return outcome.stderr.count("offloop: error: ")


@pytest.mark.parametrize("flags", [["-Wl,-z,lazy"], ["-fno-plt", "-Wl,-z,now"]], ids=["lazy", "no-plt"])
def test_a_users_function(foreign, guarded, flags, tmp_path):
    victim = compiled(tmp_path, VICTIMS / "call_guarded.c", *flags, "-L", guarded, "-lguarded", f"-Wl,-rpath,{guarded}")
    own = rules(tmp_path, 'blocking guarded_* "in a worker"\n')
    assert lines(foreign.run(victim, "on", env=own)) == 7
    assert lines(foreign.run(victim, "off", env=own)) == 0


def odd_calls(tmp_path):
    library = tmp_path / "libodd.so"
    subprocess.run([CROSS, "-O1", "-shared", "-fPIC", "-fexceptions", VICTIMS / "odd_calls.c", "-o", library], check=True)
    return library


def test_odd_arguments_and_results(foreign, tmp_path):
    victim = compiled(tmp_path, VICTIMS / "call_odd.c", "-Wl,-z,lazy", odd_calls(tmp_path), f"-Wl,-rpath,{tmp_path}")
    assert lines(foreign.run(victim, env=rules(tmp_path, 'blocking odd_* "in a worker"\n'))) == 7


def test_calls_that_are_left_in_other_ways_than_by_returning(foreign, tmp_path):
    if not shutil.which("aarch64-linux-gnu-g++"):
        pytest.skip("aarch64-linux-gnu-g++ is not installed")
    victim = compiled(tmp_path, VICTIMS / "leave_calls.cc", "-Wl,-z,lazy", odd_calls(tmp_path), f"-Wl,-rpath,{tmp_path}")
    assert lines(foreign.run(victim, env=rules(tmp_path, 'blocking odd_* "in a worker"\n'))) >= 3


def functions(outcome):
    [violation] = outcome.of_rule("sleep")
    return [frame["function"] for frame in violation["stack"]]


@pytest.mark.parametrize("flags", [["-mbranch-protection=none"], ["-mbranch-protection=standard"],
                                   ["-fno-asynchronous-unwind-tables", "-fno-unwind-tables"]],
                         ids=["plain", "signed", "without unwind tables"])
def test_the_stack_of_a_compiled_program(foreign, flags, tmp_path):
    """Signed: return addresses have a signature in their upper bits (qemu's processor knows it)."""
    outcome = foreign.run(compiled(tmp_path, NESTED, *flags))
    assert functions(outcome)[:4] == ["innermost", "middle", "outermost", "main"]
    assert outcome.of_rule("sleep")[0]["count"] == 1


def test_vfork(foreign, tmp_path):
    """What the child does is not the loop's, and the loop is one again when it has gone."""
    outcome = foreign.run(compiled(tmp_path, NESTED), "vfork")
    slept, = outcome.of_rule("sleep")
    assert slept["count"] == 1 and functions(outcome)[2] == "outermost"


def test_a_handler_s_place_is_the_handler(foreign, tmp_path):
    opened, = foreign.run(compiled(tmp_path, HANDLER)).of_rule("open")
    assert [frame["function"] for frame in opened["stack"]] == ["from_handler", "on_signal"]


def test_first_hits_fit_small_stacks(foreign, tmp_path):
    victim = compiled(tmp_path, VICTIMS / "guest" / "small_stack.c")
    assert judged_loops(foreign.run(victim, says="fits\n").report)


def test_asyncio_of_its_own_python(foreign, tmp_path):
    (tmp_path / "paused.py").write_text(ASYNCIO)
    on = foreign.run("usr/bin/python3.11", tmp_path / "paused.py", "on")
    [slept] = on.of_rule("sleep")
    assert [frame["function"] for frame in slept["stack"]][:2] == ["pause", "main"]
    assert slept["culprit"]["line"] == 4
    off = foreign.run("usr/bin/python3.11", tmp_path / "paused.py", "off")
    assert judged_loops(off.report) and off.violations == []


def test_node(foreign):
    on = foreign.run("usr/bin/node", "-e", NODE, "on")
    assert [violation["argument"] for violation in on.of_rule("open")] == ["/etc/hostname"]
    off = foreign.run("usr/bin/node", "-e", NODE, "off")
    assert judged_loops(off.report) and off.violations == []


def test_redis(foreign, free_port, tmp_path, offloop):
    """Each sync of its log is reported; without a log nothing is."""
    if not shutil.which("redis-cli"):
        pytest.skip("redis-cli is not installed")
    found = {}
    for log in ("yes", "no"):
        port, records = free_port(), offloop.next_folder() / "records"
        words = [*foreign.words("usr/bin/redis-server"), "--port", port, "--bind", "127.0.0.1", "--dir", tmp_path, "--save", "",
                 "--appendonly", log, "--appendfsync", "always"]
        env = {**offloop.environment(records, {"LD_PRELOAD": None}), "OFFLOOP_SLOW_MS": "1000"}
        with redis(words, port, env) as ask:
            assert ask("SET", "key", "value") == "OK"
        report = offloop.report_of(records)
        assert judged_loops(report)
        found[log] = {violation["rule"] for violation in report["violations"]}
    assert "fsync" in found["yes"]
    assert found["no"] == set()


@contextlib.contextmanager
def redis(words, port, env):
    def ask(*words):
        return subprocess.run(["redis-cli", "-p", str(port), *words], capture_output=True, text=True, timeout=30).stdout.strip()

    def answers():
        return ask("PING") == "PONG"
    process = subprocess.Popen([str(word) for word in words], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(answers, "an answer of redis-server", 60, process)
        yield ask
        ask("SHUTDOWN", "NOSAVE")
        process.wait(60)
    finally:
        process.kill()
        process.wait()
