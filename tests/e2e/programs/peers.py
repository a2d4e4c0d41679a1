# SPDX-License-Identifier: MIT
"""What blockbuster, aiocop, pyleak and Home Assistant say that they report, or leave alone: a function each, run in a
turn of a loop. `peers.py FOLDER` prepares what they need before the loop begins; test_peers.py reads CASES.

    @case("tool …", "rule")           reported, under that rule (one of several, by |)
    @case("tool …", silent=True)      they leave it alone, and so does offloop
    @case("tool …", because="words")  they report it, offloop does not: docs/coverage.md says so in these words
"""
import asyncio
import contextlib
import fcntl
import ftplib
import glob
import http.client
import imaplib
import importlib
import inspect
import io
import os
import pathlib
import poplib
import shutil
import smtplib
import socket
import sqlite3
import ssl
import subprocess
import sys
import syslog
import tempfile
import threading
import time
import urllib.request

CASES = {}


def case(tools, rule=None, silent=False, because=None):
    assert bool(rule) + silent + bool(because) == 1

    def add(function):
        function.tools, function.rules, function.silent, function.because = tools.split(), (rule or "").split("|"), silent, because
        CASES[function.__name__] = function
        return function
    return add


class Place:
    """What the cases find; made before the loop."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        for name in ("tree/sub", "whole/sub", "gone/sub", "empty", "modules"):
            (self.folder / name).mkdir(parents=True)
        for name in ("file", "other", "tree/leaf", "whole/leaf", "gone/leaf", "moved", "shut"):
            (self.folder / name).write_text("x" * 100)
        (self.folder / "modules/a_late_module.py").touch()
        sys.path.insert(0, str(self.folder / "modules"))
        self.missing, self.missing_too = str(self.folder / "missing"), str(self.folder / "missing-too")
        self.text = open(self.folder / "file", "r+")
        self.random = open(self.folder / "file", "r+b")
        self.reader, self.writer = open(self.folder / "file", "rb"), open(self.folder / "other", "wb")
        self.memory = sqlite3.connect(":memory:")
        self.null = os.open(os.devnull, os.O_RDWR)
        self.loose = os.open(os.devnull, os.O_RDWR | os.O_NONBLOCK)
        self.locked, self.free = open(self.folder / "shut"), open(self.folder / "shut")
        self.held = threading.Lock()
        self.held.acquire()
        self.ended = threading.Thread(target=int)
        self.ended.start()
        self.ended.join()
        self.sockets()
        self.helper()

    def sockets(self):
        """A server that answers each connection with a line, and closes it; pairs in both modes."""
        self.server = socket.create_server(("127.0.0.1", 0), backlog=32)
        self.address = self.server.getsockname()
        self.mine, self.theirs = socket.socketpair()
        self.theirs.sendall(b"x" * 200)
        self.loose_socket, self.loose_other = socket.socketpair()
        self.loose_socket.setblocking(False)
        self.waiting = socket.create_server(("127.0.0.1", 0))
        self.client = socket.create_connection(self.waiting.getsockname())
        self.datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.unbound = socket.socket()
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            connection = self.server.accept()[0]
            with contextlib.suppress(OSError):
                connection.sendall(b"HTTP/1.0 204 nothing\r\n\r\n")
            connection.close()

    def helper(self):
        """Feeds whoever reads `fed`, 100 ms after it is asked to by a byte in `ask`."""
        self.asked, self.ask = os.pipe()
        self.fed, self.feed = os.pipe()
        threading.Thread(target=self.feed_later, daemon=True).start()

    def feed_later(self):
        while os.read(self.asked, 1):
            time.sleep(0.1)
            os.write(self.feed, b"a line\n")


# --- time ---

@case("blockbuster aiocop pyleak homeassistant", "sleep")
def sleep(place):
    time.sleep(0.01)


@case("blockbuster", "sleep")
def sleep_through_a_partial_in_generated_code(place):
    namespace = {"sleep": lambda: time.sleep(0.01)}
    exec(compile("def call():\n    sleep()", "/app/archive.pyz/package/blocked.py", "exec"), namespace)
    namespace["call"]()


@case("pyleak aiocop", silent=True)
async def awaited_sleep(place):
    await asyncio.sleep(0.01)


@case("pyleak", silent=True)
async def sleep_in_an_executor(place):
    await asyncio.get_running_loop().run_in_executor(None, time.sleep, 0.01)


@case("aiocop pyleak", because="computing without a call is no violation: it is counted as a stall")
def computes(place):
    sum(number * number for number in range(20000))


# --- sockets ---

@case("blockbuster aiocop", "connect")
def connects(place):
    with socket.socket() as made:
        made.connect(place.address)


@case("aiocop", "connect")
def connects_by_number(place):
    with socket.socket() as made:
        made.connect_ex(place.address)


@case("blockbuster aiocop", "accept")
def accepts(place):
    place.waiting.accept()[0].close()


@case("blockbuster aiocop", "send")
def sends(place):
    place.mine.send(b"x")


@case("blockbuster aiocop", "send")
def sends_all(place):
    place.mine.sendall(b"x")


@case("blockbuster aiocop", "recv")
def receives(place):
    place.mine.recv(1)


@case("blockbuster aiocop", "recv")
def receives_into(place):
    place.mine.recv_into(bytearray(1))


@case("blockbuster aiocop", "recv")
def receives_from(place):
    place.mine.recvfrom(1)


@case("blockbuster aiocop", "recv")
def receives_message(place):
    place.mine.recvmsg(1)


@case("blockbuster aiocop", silent=True)
def sends_without_blocking(place):
    place.loose_socket.send(b"x")


@case("blockbuster aiocop", silent=True)
async def sends_through_the_loop(place):
    await asyncio.get_running_loop().sock_sendall(place.loose_socket, b"x")


@case("aiocop", because="takes an address, waits for nobody")
def binds(place):
    place.unbound.bind(("127.0.0.1", 0))


@case("aiocop pyleak homeassistant", "connect|recv|poll")
def asks_by_http(place):
    connection = http.client.HTTPConnection(*place.address, timeout=5)
    connection.request("GET", "/")
    connection.getresponse().read()
    connection.close()


@case("aiocop pyleak", "connect|recv|poll|getaddrinfo")
def asks_by_urllib(place):
    with contextlib.suppress(OSError):
        urllib.request.urlopen("http://127.0.0.1:%d/" % place.address[1], timeout=5).close()


@case("aiocop", "connect|recv|poll")
def asks_by_ftp(place):
    with contextlib.suppress(OSError, ftplib.Error, EOFError):
        ftplib.FTP().connect(*place.address, timeout=5)


@case("aiocop", "connect|recv|poll")
def asks_by_smtp(place):
    with contextlib.suppress(OSError):
        smtplib.SMTP("127.0.0.1", place.address[1], timeout=5)


@case("aiocop", "connect|recv|poll")
def asks_by_pop(place):
    with contextlib.suppress(OSError, poplib.error_proto):
        poplib.POP3("127.0.0.1", place.address[1], timeout=5)


@case("aiocop", "connect|recv|poll")
def asks_by_imap(place):
    with contextlib.suppress(OSError, imaplib.IMAP4.error):
        imaplib.IMAP4("127.0.0.1", place.address[1])


@case("pyleak", silent=True)
async def asks_through_the_loop(place):
    reader, writer = await asyncio.open_connection(*place.address)
    await reader.read()
    writer.close()


@case("aiocop", "getaddrinfo")
def resolves(place):
    socket.getaddrinfo("localhost", 80)


@case("aiocop", "getaddrinfo")
def resolves_an_old_way(place):
    socket.gethostbyname("localhost")


@case("aiocop", "getaddrinfo")
def resolves_an_address(place):
    with contextlib.suppress(OSError):
        socket.gethostbyaddr("127.0.0.1")


@case("aiocop", "getaddrinfo")
def names_an_address(place):
    socket.getnameinfo(("127.0.0.1", 80), 0)


# --- files ---

@case("homeassistant aiocop", "open")
def opens(place):
    open(place.folder / "file").close()


@case("homeassistant", "open")
def opens_what_is_not_there(place):
    with contextlib.suppress(OSError):
        open(pathlib.PurePosixPath(place.missing))


@case("homeassistant", silent=True)
def opens_in_proc(place):
    with contextlib.suppress(OSError):
        open("/proc/does_not_exist")


@case("aiocop", because="what is in memory (`/proc`, `/dev/null` and their like) is not")
def opens_the_null_device(place):
    open("/dev/null", "w").close()


@case("homeassistant", "open")
def reads_text(place):
    (place.folder / "file").read_text()


@case("homeassistant", "open")
def reads_bytes(place):
    (place.folder / "file").read_bytes()


@case("homeassistant", "open")
def writes_text(place):
    (place.folder / "written").write_text("x")


@case("homeassistant", "open")
def writes_bytes(place):
    (place.folder / "written").write_bytes(b"x")


SLOW = "files, terminals: slow"


@case("blockbuster", because=SLOW)
def writes_and_reads_an_open_text(place):
    place.text.write("x")
    place.text.read(1)


@case("blockbuster", because=SLOW)
def writes_and_reads_an_open_file(place):
    place.random.write(b"x")
    place.random.read(1)


@case("blockbuster", because=SLOW)
def reads_an_open_file(place):
    place.reader.read(1)


@case("blockbuster", because=SLOW)
def writes_an_open_file(place):
    place.writer.write(b"x")


@case("blockbuster", silent=True)
def writes_to_its_own_output(place):
    sys.stdout.write("x")
    sys.stderr.write("x")


@case("blockbuster", "read")
def reads_a_pipe_that_is_empty(place):
    os.write(place.ask, b"x")
    os.read(place.fed, 100)


@case("blockbuster", because="what is in memory (`/proc`, `/dev/null` and their like) is not")
def reads_and_writes_the_null_device(place):
    os.read(place.null, 1)
    os.write(place.null, b"x")


@case("blockbuster", silent=True)
def reads_and_writes_without_blocking(place):
    os.read(place.loose, 1)
    os.write(place.loose, b"x")


@case("blockbuster", silent=True)
def reads_memory(place):
    io.BytesIO(b"x").read()
    io.TextIOWrapper(io.BytesIO(b"x")).read()


@case("blockbuster", "read")
def asks_at_the_terminal(place):
    os.write(place.ask, b"x")
    input()


@case("aiocop", "open")
def makes_a_temporary_file(place):
    os.close(tempfile.mkstemp(dir=place.folder)[0])


@case("aiocop", "mkdir")
def makes_a_temporary_folder(place):
    tempfile.mkdtemp(dir=place.folder)


@case("aiocop", "truncate")
def truncates(place):
    os.truncate(place.folder / "other", 0)


@case("blockbuster aiocop", because="`sendfile` (slow)")
def sends_a_file(place):
    os.sendfile(place.null, place.reader.fileno(), 0, 1)


@case("aiocop", "open")
def copies_a_file(place):
    shutil.copyfile(place.folder / "file", place.folder / "copy")


@case("aiocop", "stat|chmod")
def copies_its_mode(place):
    shutil.copymode(place.folder / "file", place.folder / "other")


@case("aiocop", "stat|chmod")
def copies_its_facts(place):
    shutil.copystat(place.folder / "file", place.folder / "other")


@case("aiocop", "rename")
def moves(place):
    shutil.move(place.folder / "moved", place.folder / "moved-there")


@case("aiocop", "mkdir|open|readdir")
def copies_a_tree(place):
    shutil.copytree(place.folder / "whole", place.folder / "whole-copy")


@case("aiocop", "unlink|readdir")
def removes_a_tree(place):
    shutil.rmtree(place.folder / "gone")


# --- the file system ---

def failing(name, tools, rule, call):
    """A case of one call on names that are not there: it fails, after the file system was asked."""
    source = f"def {name}(place):\n    with contextlib.suppress(OSError):\n        {call}\n"
    namespace = dict(globals())
    exec(compile("\n" * (9000 + 10 * len(CASES)) + source, __file__, "exec"), namespace)
    case(tools, rule)(namespace[name])


for _name, _rule, _call in [
        ("os_stat", "stat", "os.stat(place.missing)"),
        ("os_statvfs", "stat", "os.statvfs(place.missing)"),
        ("os_rename", "rename", "os.rename(place.missing, place.missing_too)"),
        ("os_renames", "rename|stat", "os.renames(place.missing, place.missing_too)"),
        ("os_replace", "rename", "os.replace(place.missing, place.missing_too)"),
        ("os_unlink", "unlink", "os.unlink(place.missing)"),
        ("os_remove", "unlink", "os.remove(place.missing)"),
        ("os_mkdir", "mkdir", "os.mkdir(place.folder)"),
        ("os_makedirs", "mkdir|stat", "os.makedirs(place.folder)"),
        ("os_rmdir", "mkdir", "os.rmdir(place.missing)"),
        ("os_removedirs", "mkdir", "os.removedirs(place.missing)"),
        ("os_link", "link", "os.link(place.missing, place.missing_too)"),
        ("os_symlink", "link", "os.symlink(place.missing, place.folder)"),
        ("os_readlink", "stat", "os.readlink(place.missing)"),
        ("os_listdir", "readdir", "os.listdir(place.missing)"),
        ("os_scandir", "readdir", "next(os.scandir(place.folder))"),
        ("os_access", "access", "os.access(place.missing, os.F_OK)"),
        ("path_exists", "stat", "os.path.exists(place.missing)"),
        ("path_isfile", "stat", "os.path.isfile(place.missing)"),
        ("path_isdir", "stat", "os.path.isdir(place.missing)"),
        ("path_islink", "stat", "os.path.islink(place.missing)"),
        ("path_ismount", "stat", "os.path.ismount(place.missing)"),
        ("path_getsize", "stat", "os.path.getsize(place.missing)"),
        ("path_getmtime", "stat", "os.path.getmtime(place.missing)"),
        ("path_getatime", "stat", "os.path.getatime(place.missing)"),
        ("path_getctime", "stat", "os.path.getctime(place.missing)"),
        ("path_samefile", "stat", "os.path.samefile(place.missing, place.missing_too)")]:
    failing(_name, "blockbuster", _rule, _call)

for _name, _tools, _call in [
        ("walks", "homeassistant aiocop", "list(os.walk(place.folder / 'tree'))"),
        ("walks_by_descriptor", "aiocop", "list(os.fwalk(place.folder / 'tree'))"),
        ("globs", "homeassistant aiocop", "glob.glob(f'{place.folder}/tree/*')"),
        ("globs_lazily", "homeassistant", "list(glob.iglob(f'{place.folder}/tree/*'))"),
        ("globs_a_path", "aiocop", "list((place.folder / 'tree').glob('*'))"),
        ("globs_a_path_below", "aiocop", "list((place.folder / 'tree').rglob('*'))"),
        ("lists", "homeassistant aiocop", "os.listdir(place.folder / 'tree')"),
        ("scans", "homeassistant aiocop", "list(os.scandir(place.folder / 'tree'))")]:
    failing(_name, _tools, "readdir", _call)


@case("blockbuster aiocop", because="`getcwd` (slow: the kernel has it in memory)")
def asks_for_the_folder(place):
    os.getcwd()
    os.path.abspath("x")


@case("blockbuster aiocop", because="an open file's facts are in memory")
def compares_open_files(place):
    os.path.sameopenfile(place.null, place.null)


STATUS = os.stat(os.devnull)


@case("blockbuster aiocop", because="compares two results, calls nothing")
def compares_results(place):
    os.path.samestat(STATUS, STATUS)


# --- locks and threads ---

@case("blockbuster", "sem-wait|cond-wait|lock")
def waits_for_a_lock(place):
    place.held.acquire(timeout=0.1)


@case("blockbuster", silent=True)
def tries_a_lock(place):
    place.held.acquire(timeout=0)
    place.held.acquire(blocking=False)


@case("blockbuster", silent=True)
def takes_a_free_lock(place):
    with threading.Lock():
        pass


@case("blockbuster", silent=True)
def starts_a_thread(place):
    threading.Thread(target=int).start()


@case("blockbuster", silent=True)
def joins_a_thread_that_has_ended(place):
    place.ended.join()


HELD = "(only when somebody holds it)"


@case("aiocop", because=HELD)
def locks_a_free_file(place):
    fcntl.flock(place.free, fcntl.LOCK_EX)
    fcntl.flock(place.free, fcntl.LOCK_UN)
    fcntl.lockf(place.text, fcntl.LOCK_EX)
    fcntl.lockf(place.text, fcntl.LOCK_UN)


# --- processes ---

@case("aiocop", "system")
def runs_a_shell_command(place):
    os.system("true")


@case("aiocop", "wait")
def runs_a_program(place):
    subprocess.run(["sleep", "0.02"], check=True)


@case("aiocop", "wait|fork")
def spawns(place):
    os.spawnl(os.P_WAIT, "/bin/sleep", "sleep", "0.02")


@case("aiocop", "fork")
def spawns_by_posix(place):
    os.posix_spawn("/bin/true", ["true"], os.environ)


@case("aiocop", "fork")
def forks(place):
    if os.fork() == 0:
        os._exit(0)


@case("aiocop", because="sends a signal, and waits for nobody")
def signals(place):
    os.kill(os.getpid(), 0)


@case("aiocop pyleak", silent=True)
async def runs_a_program_through_the_loop(place):
    process = await asyncio.create_subprocess_exec("sleep", "0.02")
    await process.wait()


# --- modules, certificates, databases, logs ---

@case("aiocop homeassistant", "import")
def imports(place):
    import a_late_module


@case("homeassistant", "import")
def imports_what_is_not_there(place):
    with contextlib.suppress(ImportError):
        importlib.import_module("not_loaded_module")


@case("homeassistant", silent=True)
def imports_what_is_loaded(place):
    importlib.import_module("sys")
    importlib.import_module("http.client")


@case("homeassistant", "cert-load")
def loads_default_certificates(place):
    CONTEXT.load_default_certs()


@case("homeassistant", "cert-load")
def sets_default_certificates(place):
    CONTEXT.set_default_verify_paths()


@case("homeassistant", "cert-load")
def loads_certificates(place):
    with contextlib.suppress(OSError):
        CONTEXT.load_verify_locations(cafile=place.folder / "file")


@case("homeassistant", silent=True)
def loads_certificates_from_memory(place):
    with contextlib.suppress(OSError):
        CONTEXT.load_verify_locations(cadata="no certificate")


@case("homeassistant", "cert-load")
def loads_a_key(place):
    with contextlib.suppress(OSError):
        CONTEXT.load_cert_chain(place.folder / "file")


CONTEXT = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@case("aiocop", "open|stat|access")
def connects_to_a_database(place):
    sqlite3.connect(place.folder / "base.db").execute("create table t (a)").close()


@case("blockbuster", because="of `:memory:` it waits for nothing")
def asks_a_database_in_memory(place):
    place.memory.execute("select 1")
    place.memory.cursor().execute("select 1").fetchall()


@case("aiocop", "syslog")
def logs(place):
    syslog.syslog("a word")


async def main(place):
    await asyncio.sleep(0.01)
    await sleep_in_an_executor(place)  # its pool's modules are loaded once
    for function in CASES.values():
        result = function(place)
        if inspect.isawaitable(result):
            await result
        await asyncio.sleep(0)


if __name__ == "__main__":
    syslog.openlog("peers")
    made = Place(sys.argv[1])
    os.dup2(made.fed, 0)
    asyncio.run(main(made))
