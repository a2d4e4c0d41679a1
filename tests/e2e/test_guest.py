# SPDX-License-Identifier: MIT
"""A good guest: victims behave under the library as without it, whatever they do to their process.

Each victim of tests/programs/guest is run plain and preloaded: status and stdout must be equal, and
the record must say that the loop was still judged."""
import os
import pathlib
import re
import resource
import shutil
import signal
import subprocess
import time

import pytest

from conftest import clean_environment, judged_loops, wait_until

ROOT = pathlib.Path(__file__).resolve().parents[2]
VICTIMS = ROOT / "tests" / "programs" / "guest"


@pytest.fixture(scope="session")
def victim(tmp_path_factory):
    """A function that compiles a victim, once for each set of flags, and gives its path."""
    folder = tmp_path_factory.mktemp("guest")

    def compiled(source, *flags, name=None, compiler=None):
        source = VICTIMS / source
        program = folder / (name or "-".join([source.stem, *(flag.strip("-") for flag in flags)])
                            .replace("/", "_"))
        if not program.exists():
            compiler = compiler or ("g++" if source.suffix == ".cpp" else "gcc")
            words = [compiler, "-g", "-O1", "-D_GNU_SOURCE", "-o", program, source, *flags, "-ldl", "-pthread"]
            done = subprocess.run(words, capture_output=True, text=True)
            if done.returncode:
                pytest.skip(f"{compiler} {' '.join(flags)}: {done.stderr.splitlines()[-1]}")
        return program
    return compiled


def plain(offloop, words, env=None, **options):
    return offloop.command.__globals__["Offloop"]._finish(words, {**os.environ, **(env or {})}, 60, **options)


def without_process_ids(text):
    return re.sub(r"\b\d{3,7}\b", "N", text)


def same(offloop, words, env=None, **options):
    """Runs it plain and preloaded; the preloaded one's outcome, when both behaved the same."""
    words = [str(word) for word in words]
    alone = plain(offloop, words, env, **options)
    guest = offloop.preload(words, env=env, **options)
    assert guest.status == alone.status, guest.stderr
    assert guest.stdout == alone.stdout
    return guest


def hits(outcome, rule):
    return sum(violation["count"] for violation in outcome.of_rule(rule))


def test_errno_and_results_are_those_of_the_plain_calls(offloop, victim):
    guest = same(offloop, [victim("errno.c")])
    assert {"open", "stat", "readdir", "glob", "sleep", "getaddrinfo", "connect", "wait", "system"} <= guest.rules


@pytest.mark.parametrize("policy", ["ignore", "backtrace", "report"])
def test_errno_under_other_policies(offloop, victim, policy):
    guest = same(offloop, [victim("errno.c")], env={"OFFLOOP_POLICY": policy})
    assert judged_loops(guest.report)


@pytest.mark.parametrize("rules", ["", "asyncio,libuv,gtk"], ids=["by-default", "packs"])
def test_what_a_thread_has_besides_its_memory_stays(offloop, victim, rules):
    guest = same(offloop, [victim("state.c", "-lm")], env={"OFFLOOP_RULES": rules})
    assert guest.stdout.count("undefined symbol: nobody_has_this_function") == len(guest.stdout.splitlines()) - 2
    assert hits(guest, "stat") == 4, "two of the main thread, one of the other, one of the child"


def test_cancelled_threads_clean_up(offloop, victim):
    guest = same(offloop, [victim("cancel.c")])
    assert hits(guest, "stat") >= 1 and hits(guest, "sleep") == 2


def test_a_turn_after_an_exception_or_a_jump_is_judged_again(offloop, victim):
    guest = same(offloop, [victim("unwind.cpp")])
    assert hits(guest, "stat") == 4


def test_a_storm_of_signals(offloop, victim):
    program = victim("handler.c")
    guest = offloop.preload([program], timeout=60)
    assert (guest.status, guest.stdout) == (0, "weathered\n"), guest.stderr
    assert hits(guest, "access") >= 6000


def test_children_of_every_kind(offloop, victim):
    guest = same(offloop, [victim("fork.c")])
    assert hits(guest, "stat") == 6, "one for each child, and one at the end, all of the parent's"


def test_a_daemon(offloop, victim, tmp_path):
    program = victim("daemon.c")
    counts = []
    for name, run in (("plain", plain), ("guest", lambda o, words: o.preload(words))):
        out = tmp_path / name
        outcome = run(offloop, [program, out])
        end = time.monotonic() + 10
        while time.monotonic() < end and not (out.exists() and out.read_text()):
            time.sleep(0.05)
        counts.append(out.read_text())
    assert counts[0] == counts[1] == "5 descriptors\n"
    time.sleep(0.3)
    report = offloop.report_of(offloop.folder / f"run-{offloop.runs}" / "records")
    assert {violation["rule"] for violation in report["violations"]} >= {"stat"}
    assert outcome.status == 0


def test_first_hits_fit_small_stacks(offloop, victim):
    guest = same(offloop, [victim("small_stack.c")])
    assert {"open", "stat", "rename", "access"} <= guest.rules


@pytest.mark.parametrize("thread", ["main", "small"])
def test_a_fiber_s_stack_may_go_when_its_loop_has_returned(offloop, victim, thread):
    guest = same(offloop, [victim("fibers.c", "-rdynamic"), thread])
    assert {"stat"} <= guest.rules


def test_words_of_exec_that_can_not_be_read(offloop, victim):
    words = [victim("bad_words.c")]
    alone = plain(offloop, words)
    guest = offloop.run(words)
    assert (guest.status, guest.stdout) == (alone.status, alone.stdout), guest.stderr
    assert alone.stdout == 3 * "-1 1\n"
    assert hits(guest, "stat") == 1


HOLDS_GIL = """import ctypes, sys, threading
library = sys.argv[1]
thread = threading.Thread(target=ctypes.CDLL(library).run_loop)
thread.start()
print(ctypes.PyDLL(library).wait_for_loop())
thread.join()
"""


@pytest.mark.parametrize("rules", ["", "asyncio", "homeassistant"], ids=["by-default", "asyncio", "homeassistant"])
def test_a_native_loop_s_first_wait_does_not_need_the_interpreter_s_lock(offloop, victim, interpreter, rules):
    library = victim("../holds_gil.c", "-shared", "-fPIC", name="holds_gil.so")
    guest = same(offloop, [interpreter.path, "-c", HOLDS_GIL, library], env={"OFFLOOP_RULES": rules})
    assert guest.stdout == "0\n"
    assert judged_loops(guest.report)


@pytest.mark.parametrize("rules", ["", "libuv,libev,gtk"], ids=["by-default", "packs"])
def test_a_loop_does_not_need_the_loader_s_lock(offloop, victim, rules):
    plugin = victim("holds_loader.c", "-DPLUGIN", "-shared", "-fPIC", name="holds_loader.so")
    guest = same(offloop, [victim("holds_loader.c"), plugin], env={"OFFLOOP_RULES": rules})
    assert guest.stdout == "has run\nloaded\n"
    assert hits(guest, "stat") == 3


def test_stack_use(offloop, victim):
    """What is judged, and a loop's first wait, is worked out on a stack of ours."""
    program = victim("stack_use.c", "-Wl,-z,now")

    def figures(outcome):
        return {name: int(number) for name, number in (line.split() for line in outcome.stdout.splitlines())}
    before = figures(plain(offloop, [program]))
    outcome = offloop.preload([program])
    assert hits(outcome, "open") and hits(outcome, "sleep")
    under = figures(outcome)
    print({name: (before[name], under[name]) for name in under})
    for name in ("first_wait", "wait", "open", "nanosleep", "opendir", "fstatat", "repeated_open"):
        assert under[name] - before[name] <= 1536, name


@pytest.mark.parametrize("kilobytes", [4, 8, 16, 64])
def test_hits_on_the_smallest_stacks(offloop, victim, kilobytes):
    guest = same(offloop, [victim("tiny_stacks.c"), kilobytes])
    assert hits(guest, "stat") == 27, "three on each of eight stacks, and of a thread"
    assert hits(guest, "access") == 9
    for rule in ("stat", "access"):
        assert {each["culprit"]["function"] for each in guest.of_rule(rule)} == {"work"}


@pytest.mark.parametrize("policy", ["backtrace", "stat=block,access=block"])
def test_hits_on_the_smallest_stacks_under_other_policies(offloop, victim, policy):
    guest = offloop.preload([victim("tiny_stacks.c"), "4"], env={"OFFLOOP_POLICY": policy})
    assert (guest.status, guest.stdout) == (0, "0 calls\n" if "block" in policy else "36 calls\n"), guest.stderr
    assert hits(guest, "stat") == 27


def test_what_the_program_sees_of_itself(offloop, victim):
    guest = same(offloop, [victim("plain.c"), "a b", "c"])
    assert hits(guest, "stat") == 3


@pytest.mark.parametrize("how", ["null", "empty", "slash", "huge", "control", "many", "environment"])
def test_odd_arguments_and_environments(offloop, victim, how):
    guest = same(offloop, [victim("launch.c"), how, victim("plain.c")])
    assert hits(guest, "stat") == 3


@pytest.mark.parametrize("how", ["exit", "quick_exit", "_exit", "abort", "pthread_exit", "return"])
def test_ends_from_a_callback(offloop, victim, how):
    guest = same(offloop, [victim("exits.c"), how])
    assert hits(guest, "stat") >= 1


def test_the_gates_exit_status_does_not_wait_for_a_reader_of_stdin(offloop, victim):
    ends = os.pipe()
    words = {"args": [victim("exits.c"), "reader"], "stdin": ends[0], "capture_output": True, "timeout": 10}
    env = offloop.environment(offloop.next_folder(), {"OFFLOOP_FAIL_ON": "note"})
    try:
        try:
            subprocess.run(**words, env=clean_environment())
        except subprocess.TimeoutExpired:
            pytest.skip("this C library's own exit() waits for the reader")
        done = subprocess.run(**words, env=env)
    finally:
        os.close(ends[0])
        os.close(ends[1])
    assert done.returncode == 66
    assert done.stdout == b"reader\nlast words\n"


@pytest.mark.parametrize("how", ["kill", "error"])
def test_a_sandbox_that_forbids_reading_memory(offloop, victim, how):
    guest = same(offloop, [victim("seccomp.c"), how])
    assert guest.of_rule("stat")[0]["argument"] == "/etc/passwd"


def test_other_peoples_thread_keys_stay(offloop, victim):
    guest = same(offloop, [victim("keys.c")])
    assert hits(guest, "stat") == 1


def test_thread_local_destructors(offloop, victim):
    guest = same(offloop, [victim("tls.cpp")])
    assert hits(guest, "stat") >= 300


@pytest.mark.parametrize("how", ["dup2", "dup3", "close_range", "closefrom"])
def test_a_loop_whose_descriptor_is_gone_is_none(offloop, victim, how):
    guest = same(offloop, [victim("replaced.c"), how])
    assert judged_loops(guest.report)
    assert hits(guest, "stat") == 0


def test_a_thread_without_pthreads(offloop, victim):
    guest = same(offloop, [victim("raw_thread.c")])
    assert hits(guest, "stat") == 1


def test_a_jail(offloop, victim, tmp_path):
    if os.geteuid():
        pytest.skip("chroot needs root")
    for folder in ("etc", "tmp", "work"):
        (tmp_path / "jail" / folder).mkdir(parents=True)
    (tmp_path / "jail").chmod(0o755)
    program = victim("jail.c", "-static-libgcc")
    alone = plain(offloop, [program, tmp_path / "jail"])
    guest = offloop.preload([program, tmp_path / "jail"])
    assert sorted(guest.stdout.splitlines()) == sorted(alone.stdout.splitlines())
    assert guest.status == 0
    assert hits(guest, "stat") == 1


@pytest.mark.parametrize("order", ["before", "after"])
def test_a_preload_whose_constructor_makes_calls(offloop, build, victim, order):
    early = victim("early.c", "-shared", "-fPIC", name="early.so")
    library = build / "shim" / "liboffloop.so"
    preload = f"{early}:{library}" if order == "before" else f"{library}:{early}"
    alone = plain(offloop, [victim("plain.c")], {"LD_PRELOAD": str(early)})
    guest = offloop.preload([victim("plain.c")], env={"LD_PRELOAD": preload})
    assert (guest.status, guest.stdout) == (alone.status, alone.stdout), guest.stderr
    assert hits(guest, "stat") >= 3


@pytest.mark.parametrize("order", ["before", "after"])
def test_a_preload_that_asks_for_the_next_function_gets_its_own_next(offloop, build, victim, order):
    peer = victim("next.c", "-shared", "-fPIC", name="next.so")
    library = build / "shim" / "liboffloop.so"
    preload = f"{peer}:{library}" if order == "before" else f"{library}:{peer}"
    alone = plain(offloop, [victim("plain.c")], {"LD_PRELOAD": str(peer)})
    guest = offloop.preload([victim("plain.c")], env={"LD_PRELOAD": preload})
    assert (guest.status, guest.stdout) == (alone.status, alone.stdout), guest.stderr
    assert hits(guest, "stat") == 3


PEERS = {"jemalloc": "libjemalloc.so.2", "tcmalloc": "libtcmalloc.so.4", "eatmydata": "libeatmydata.so",
         "faketime": "libfaketime.so.1", "faketime-threads": "libfaketimeMT.so.1"}


@pytest.mark.parametrize("order", ["before", "after"])
@pytest.mark.parametrize("peer", PEERS)
def test_beside_another_preload(offloop, build, victim, peer, order):
    found = [*pathlib.Path("/usr/lib").glob(f"*/{PEERS[peer]}"), *pathlib.Path("/usr/lib").glob(f"*/*/{PEERS[peer]}")]
    if not found:
        pytest.skip(f"{PEERS[peer]} is not installed")
    library = build / "shim" / "liboffloop.so"
    preload = f"{found[0]}:{library}" if order == "before" else f"{library}:{found[0]}"
    extra = {"FAKETIME": "+3d x5"} if "faketime" in peer else {}
    for source in ("plain.c", "cancel.c", "tls.cpp", "fork.c"):
        alone = plain(offloop, [victim(source)], {"LD_PRELOAD": str(found[0]), **extra})
        guest = offloop.preload([victim(source)], env={"LD_PRELOAD": preload, **extra})
        assert (guest.status, guest.stdout) == (alone.status, alone.stdout), guest.stderr
        assert hits(guest, "stat") >= 1, source


def test_a_library_that_comes_too_late_says_so(offloop, build, victim):
    outcome = offloop.preload([victim("late.c"), build / "shim" / "liboffloop.so"],
                              env={"LD_PRELOAD": None})
    assert outcome.status == 0
    assert outcome.live_lines == [
        "offloop: the wrappers are not in use: liboffloop.so was loaded too late, set LD_PRELOAD"]


@pytest.mark.holds_without_library("what says nothing; the test below sees that they are there")
@pytest.mark.parametrize("words", [["true"], ["sh", "-c", "true | true"]], ids=" ".join)
def test_two_copies_without_a_loop_say_nothing(offloop, build, tmp_path, words):
    second = shutil.copy(build / "shim" / "liboffloop.so", tmp_path / "second.so")
    preload = f"{build / 'shim' / 'liboffloop.so'}:{second}"
    guest = offloop.preload(words, env={"LD_PRELOAD": preload})
    assert (guest.status, guest.stdout, guest.stderr) == (0, "", "")


@pytest.mark.parametrize("first", [0, 1])
def test_of_two_copies_only_the_first_watches(offloop, build, victim, tmp_path, first):
    copies = [build / "shim" / "liboffloop.so", shutil.copy(build / "shim" / "liboffloop.so", tmp_path / "second.so")]
    preload = f"{copies[first]}:{copies[1 - first]}"
    guest = offloop.preload([victim("plain.c")], env={"LD_PRELOAD": preload})
    assert guest.status == 5
    assert hits(guest, "stat") == 3
    assert [line for line in guest.live_lines if "another copy" in line] == [
        f"offloop: another copy of the library is preloaded too, and stays off: {copies[1 - first]}"]


WITH_MORE_RIGHTS = """
set -e
mount -t tmpfs -o suid,exec,mode=755 none "$1"
cp "$2" "$1/program"
chmod 4755 "$1/program"
cp "$3" "$1/liboffloop.so"
chmod 4755 "$1/liboffloop.so"
mount --bind "$1/liboffloop.so" "$4"
exec setpriv --reuid 65534 --regid 65534 --clear-groups env LD_PRELOAD="${4##*/}" \
    OFFLOOP_LOG=/log-that-must-not-be OFFLOOP_OUT="$1/out" OFFLOOP_POLICY=help "$1/program"
"""


@pytest.mark.holds_without_library("it has to be off")
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to make a setuid program")
def test_a_program_with_more_rights_than_its_user_is_not_watched(build, victim):
    """The library is found, as a setuid file in the loader's own folder: nothing of it may work."""
    folder = next(pathlib.Path("/usr/lib").glob("*-linux-gnu/libBrokenLocale.so.1"), None)
    if not folder:
        pytest.skip("no library of glibc to stand in for")
    words = ["unshare", "-m", "sh", "-c", WITH_MORE_RIGHTS, "sh", "/mnt", victim("plain.c"),
             build / "shim" / "liboffloop.so", folder]
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=30)
    if "unshare" in done.stderr or "mount" in done.stderr:
        pytest.skip(done.stderr.strip())
    assert (done.returncode, done.stderr) == (5, "")
    assert not pathlib.Path("/log-that-must-not-be").exists()


@pytest.mark.parametrize("order", ["before", "after"])
def test_beside_a_preload_that_has_versions(offloop, build, victim, tmp_path, order):
    script = tmp_path / "versions.map"
    script.write_text("OTHER_1.0 { global: unrelated; };")
    peer = victim("versions.c", "-shared", "-fPIC", f"-Wl,--version-script={script}",
                  name="versions.so")
    library = build / "shim" / "liboffloop.so"
    preload = f"{peer}:{library}" if order == "before" else f"{library}:{peer}"
    guest = offloop.preload([victim("long_sleep.c")], env={"LD_PRELOAD": preload}, timeout=20)
    assert guest.status == 0
    assert judged_loops(guest.report)


def test_plugins_that_are_unloaded(offloop, victim):
    plugins = [victim("plugin.c", "-shared", "-fPIC", f"-DFRAME={size}", name=f"plugin-{size}.so")
               for size in (24, 4000, 260)]
    guest = same(offloop, [victim("plugins.c"), *plugins])
    assert hits(guest, "stat") == 80


LEAST = (7 << 20, 7 << 20)  # the program's own, and no room for a record


@pytest.mark.parametrize("limit,values", [
    (resource.RLIMIT_FSIZE, (0, 0)), (resource.RLIMIT_AS, (24 << 20, 24 << 20)),
    (resource.RLIMIT_AS, LEAST),
    (resource.RLIMIT_NOFILE, (4, 4)), (resource.RLIMIT_STACK, (128 << 10, 128 << 10)), (resource.RLIMIT_CORE, (0, 0)),
], ids=["no-file-sizes", "little-memory", "least-memory", "few-descriptors", "little-stack", "no-core"])
def test_limits(offloop, victim, limit, values):
    program = victim("plain.c")
    alone = plain(offloop, [program], preexec_fn=lambda: resource.setrlimit(limit, values))
    folder = offloop.next_folder()
    guest = offloop.command.__globals__["Offloop"]._finish(
        ["prlimit", *limit_words(limit, values), program], offloop.environment(folder), 60)
    if "error while loading shared libraries" in guest.stderr + alone.stderr:
        pytest.skip("the loader has not enough to load a library at all")
    assert (guest.status, guest.stdout) == (alone.status, alone.stdout), guest.stderr
    if values == LEAST:
        assert guest.stderr.count("no memory for a record") == 1, guest.stderr
    else:
        assert "stat(" in guest.stderr, guest.stderr


def limit_words(limit, values):
    names = {resource.RLIMIT_FSIZE: "fsize", resource.RLIMIT_AS: "as", resource.RLIMIT_NOFILE: "nofile",
             resource.RLIMIT_STACK: "stack", resource.RLIMIT_CORE: "core"}
    return [f"--{names[limit]}={values[0]}:{values[1]}"]


@pytest.mark.parametrize("reader", ["closed", "full", "full and not blocking", "nothing"])
def test_stderr_that_takes_nothing(offloop, victim, reader):
    ends = os.pipe()
    env = offloop.environment(offloop.next_folder(), {"OFFLOOP_POLICY": "backtrace"})
    os.set_blocking(ends[1], False)
    try:
        while "full" in reader:
            os.write(ends[1], b"x" * 4096)
    except BlockingIOError:
        os.set_blocking(ends[1], reader == "full and not blocking")
        os.set_blocking(ends[1], reader != "full and not blocking")
    if reader == "closed":
        os.close(ends[0])
    options = {"stderr": ends[1]}
    if reader == "nothing":
        options = {"stderr": subprocess.DEVNULL, "preexec_fn": lambda: os.close(2)}
    done = subprocess.run([victim("plain.c")], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=env, timeout=20,
                          restore_signals=True, **options)
    os.close(ends[1])
    assert done.returncode == 5
    assert b"descriptor 1" in done.stdout
    assert judged_loops(offloop.report_of(pathlib.Path(env["OFFLOOP_OUT"])))


@pytest.mark.parametrize("what", ["pipe", "folder", "nowhere"])
def test_a_log_that_can_not_be_written(offloop, victim, tmp_path, what):
    log = tmp_path / what
    if what == "pipe":
        os.mkfifo(log)
    elif what == "folder":
        log.mkdir()
    else:
        log = log / "none"
    guest = offloop.preload([victim("plain.c")], env={"OFFLOOP_LOG": str(log)}, timeout=20)
    assert guest.status == 5
    assert hits(guest, "stat") == 3
    assert guest.live_lines == [
        f"offloop: OFFLOOP_LOG: {log} can't be written: what is reported is in the record only"]


def test_a_removed_working_folder(offloop, victim, tmp_path):
    gone = tmp_path / "gone"
    program = victim("plain.c")
    env = offloop.environment("relative-out", {"TMPDIR": tmp_path})
    words = ["sh", "-c", f'mkdir "{gone}" && cd "{gone}" && rmdir "{gone}" && exec "{program}"']
    done = subprocess.run(words, env=env, capture_output=True, text=True, timeout=30)
    assert done.returncode == 5
    assert not pathlib.Path("/relative-out").exists()
    assert "stat(" in done.stderr


def test_no_proc(offloop, victim):
    program = victim("plain.c")
    env = offloop.environment(offloop.next_folder())
    words = ["unshare", "-m", "sh", "-c", f'mount -t tmpfs none /proc && exec "{program}"']
    done = subprocess.run(words, env=env, capture_output=True, text=True, timeout=30)
    if "unshare" in done.stderr or "mount" in done.stderr:
        pytest.skip(done.stderr.strip())
    assert done.returncode == 5, done.stderr
    assert "stat(" in done.stderr


@pytest.fixture
def started(offloop, victim):
    """A function that starts a victim under the bare library, and gives it and its records' folder."""
    processes = []

    def start(source):
        folder = offloop.next_folder()
        processes.append(subprocess.Popen([victim(source)], env=offloop.environment(folder),
                                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        return processes[-1], folder
    yield start
    for process in processes:
        process.kill()
        process.wait()


def test_killed_at_any_moment(offloop, started):
    """The record of a program that is killed in the middle of its first hits can be read."""
    for delay in (0.01, 0.03, 0.06, 0.1):
        process, folder = started("handler.c")
        time.sleep(delay)
        process.kill()
        process.wait()
        offloop.report_of(folder)  # none yet, or a good one
    for delay in (0, 0.01, 0.03):
        process, folder = started("handler.c")
        wait_until(lambda: judged_loops(offloop.report_of(folder)), "a loop")
        time.sleep(delay)
        process.kill()
        process.wait()
        assert judged_loops(offloop.report_of(folder))


def test_a_function_of_a_library_leaves_the_loader_s_error(offloop, victim):
    library = victim("near.c", "-DLIBRARY", "-shared", "-fPIC", name="libnear.so")
    guest = same(offloop, [victim("near.c", library, f"-Wl,-rpath,{library.parent}", name="near")])
    assert guest.stdout == "off the loop: 1, its error\n" + 2 * "on the loop: 1, its error\n"
    assert hits(guest, "cert-load") == 2
