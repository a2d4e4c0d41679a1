# SPDX-License-Identifier: MIT
"""One run of somebody's suite: in a room of its own, bounded in time, with the library or without.

The room is a network of its own (nothing but loopback, so no port is taken and nobody outside is
asked), a process table of its own (what the suite leaves behind ends with it), a home and a folder
for temporary files that are new. Where the kernel or the rights do not give the first two, the suite
runs without them, and its leftovers are ended by their session.
"""
import dataclasses
import functools
import os
import pathlib
import shlex
import shutil
import signal
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("OFFLOOP_BUILD", ROOT / "build")).resolve()
LIBRARY = BUILD / "shim" / "liboffloop.so"
COMMAND = BUILD / "report" / "offloop"
NOT_LOADED = 97  # the status of a run that should have had the library in it, and had not

ROOM = ["unshare", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
LOOPBACK = 'ip link set lo up 2>/dev/null; "$@"; exit $?'
LOADED = f'grep -q liboffloop "/proc/$$/maps" || exit {NOT_LOADED}; exec "$@"'


@dataclasses.dataclass(frozen=True)
class Ran:
    ending: str  # "0", "failed", "signal N", "timeout", "not loaded"
    text: str    # standard output and error
    status: int  # as subprocess


@functools.cache
def room():
    """The words that go before a command; none where this machine gives no room."""
    rights = [] if os.getuid() == 0 else ["--map-root-user"]
    words = [*ROOM, *rights, "sh", "-c", LOOPBACK, "room"]
    try:
        tried = subprocess.run([*words, "true"], capture_output=True, check=False)
    except FileNotFoundError:
        return []
    return words if tried.returncode == 0 else []


def watched(out, policy="", options=()):
    """The words that start a program under the library, which writes its records into `out`."""
    words = [str(COMMAND), "run", f"--out={out}", "--log=off", *options]
    words += [f"--policy={policy}"] if policy else []
    return [*words, "--", "sh", "-c", LOADED, "watched"]


def starter(file, words):
    """A program that starts its arguments by `words`; for suites that start themselves what is watched."""
    file.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n')
    file.chmod(0o755)
    return file


def environment(home, temporary, extra):
    """A small one of its own: what a suite sees does not depend on who runs it."""
    kept = {name: os.environ[name] for name in ("PATH", "USER", "LOGNAME") if name in os.environ}
    return {**kept, "LANG": "C.UTF-8", "TERM": "dumb", "HOME": str(home), "TMPDIR": str(temporary), **extra}


def ending_of(status):
    if status == NOT_LOADED:
        return "not loaded"
    if status < 0 or status > 128:
        return f"signal {-status if status < 0 else status - 128}"
    return "0" if status == 0 else "failed"


def run(words, *, folder, log, seconds, extra=None, watch=None):
    """Runs `words` in `folder`; what it printed is in the file `log` too. `watch`: words of watched()."""
    temporary = pathlib.Path(tempfile.mkdtemp(prefix="olc-"))  # short: paths of sockets have 108 bytes
    temporary.chmod(0o1777)
    home = temporary / "home"
    home.mkdir(mode=0o777)
    try:
        with open(log, "wb") as output:
            child = subprocess.Popen(
                [*room(), *(watch or []), *words], cwd=folder, stdin=subprocess.DEVNULL, stdout=output,
                stderr=subprocess.STDOUT, env=environment(home, temporary, extra or {}), start_new_session=True)
            try:
                status = child.wait(seconds)
                ending = ending_of(status)
            except subprocess.TimeoutExpired:
                status, ending = -signal.SIGKILL, "timeout"
            finally:
                _end(child)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return Ran(ending, pathlib.Path(log).read_text(errors="replace"), status)


def _end(child):
    """Ends what was started: in a room its first process takes all others along."""
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    child.wait()
