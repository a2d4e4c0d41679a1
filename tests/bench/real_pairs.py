# SPDX-License-Identifier: MIT
"""What the library costs real servers: alternating pairs, plain and watched. Prints for each the
median of the ratios of requests/s (watched / plain) and their range; the median of the ratios of
the server's processor time per request, which other programs on the machine disturb less; and what
the plain one does. Arguments: pairs (default 7), seconds a run (default 1), names (default all).
OFFLOOP_BUILD names the build folder. docs/findings.md quotes it.
"""
import contextlib
import os
import pathlib
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("OFFLOOP_BUILD", ROOT / "build")).resolve()
NODE = ("require('http').createServer((q, r) => r.end('hello\\n'))"
        ".listen(+process.argv[1], '127.0.0.1')")
NGINX = """daemon off; {user} worker_processes 2; pid {d}/pid; error_log {d}/error.log;
events {{ }} http {{ access_log {d}/access.log; client_body_temp_path {d}/1; proxy_temp_path {d}/2;
fastcgi_temp_path {d}/3; uwsgi_temp_path {d}/4; scgi_temp_path {d}/5;
server {{ listen 127.0.0.1:{p}; root {d}/html; location = /text {{ return 200 "text"; }} }} }}"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wrk(port, seconds, path="/"):
    words = ["wrk", "-t1", "-c20", f"-d{seconds}s", f"http://127.0.0.1:{port}{path}"]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    assert "Non-2xx" not in done.stdout and "Socket errors" not in done.stdout, done.stdout
    return float(re.search(r"Requests/sec: *([\d.]+)", done.stdout)[1])


def redis_benchmark(port, count, test):
    words = ["redis-benchmark", "-p", str(port), "-c", "20", "-n", str(count), "-t", test, "--csv"]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    return float(re.search(r'"(?:GET|SET)","([\d.]+)"', done.stdout)[1])


def memcslap(port, count):
    words = ["memcslap", f"--servers=127.0.0.1:{port}", "--concurrency=10", "--test=get",
             f"--execute-number={count // 10}"]
    started = time.monotonic()
    subprocess.run(words, check=True, capture_output=True)
    return count / (time.monotonic() - started)


def nginx(folder, port):
    (folder / "html").mkdir()
    (folder / "html" / "index.html").write_text("hello\n")
    user = "user nobody nogroup;" if os.geteuid() == 0 else ""
    (folder / "conf").write_text(NGINX.format(d=folder, p=port, user=user))
    return ["nginx", "-p", folder, "-c", folder / "conf", "-e", "stderr"]


def redis(*more):
    return lambda folder, port: ["redis-server", "--port", port, "--bind", "127.0.0.1",
                                 "--dir", folder, "--save", "", *more]


def memcached(folder, port):
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    return ["memcached", *user, "-l", "127.0.0.1", "-p", port, "-t", "2"]


def uvloop(folder, port):
    return ["/usr/bin/python3", ROOT / "tests/e2e/programs/uvloop_server.py", port]


# name: the server's words by folder and port, requests/s by port and seconds
CASES = {
    "redis, GET": (redis(), lambda p, s: redis_benchmark(p, int(60000 * s), "get")),
    "redis, SET, appendfsync always": (redis("--appendonly", "yes", "--appendfsync", "always"),
                                       lambda p, s: redis_benchmark(p, int(15000 * s), "set")),
    "nginx, static file": (nginx, lambda p, s: wrk(p, s, "/index.html")),
    "nginx, text without a file": (nginx, lambda p, s: wrk(p, s, "/text")),
    "node, http": (lambda f, p: ["node", "-e", NODE, p], wrk),
    "memcached, get": (memcached, lambda p, s: memcslap(p, int(40000 * s))),
    "uvloop, aiohttp": (uvloop, wrk),
}


@contextlib.contextmanager
def serving(words_of, watched):
    with tempfile.TemporaryDirectory(prefix="offloop-pairs-") as name:
        folder, port = pathlib.Path(name), free_port()
        folder.chmod(0o755)
        env = {key: value for key, value in os.environ.items() if not key.startswith("OFFLOOP_")}
        if watched:
            env |= {"LD_PRELOAD": str(BUILD / "shim/liboffloop.so"),
                    "OFFLOOP_OUT": name + "/records"}
        words = [str(word) for word in words_of(folder, port)]
        process = subprocess.Popen(words, env=env, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        cpu = []
        try:
            end = time.monotonic() + 10
            while time.monotonic() < end and process.poll() is None:
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                    break
                time.sleep(0.02)
            yield port, cpu
        finally:
            process.terminate()
            usage = os.wait4(process.pid, 0)[2]  # with the children that it waited for
            process.returncode = 0
            cpu.append(usage.ru_utime + usage.ru_stime)


def measured(case, watched, seconds):
    """Requests/s, and seconds of processor time per request."""
    words_of, measure = CASES[case]
    with serving(words_of, watched) as (port, cpu):
        started = time.monotonic()
        rate = measure(port, seconds)
        requests = rate * (time.monotonic() - started)
    return rate, cpu[0] / requests


def main():
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    seconds = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    for case in sys.argv[3:] or CASES:
        rates, costs, plains = [], [], []
        for i in range(pairs):
            of = {}
            for watched in (False, True) if i % 2 else (True, False):
                of[watched] = measured(case, watched, seconds)
            plains.append(of[False])
            rates.append(of[True][0] / of[False][0])
            costs.append(of[True][1] / of[False][1])
        rate, cost = (statistics.median(column) for column in zip(*plains))
        print(f"{case:32} rate {statistics.median(rates):6.1%} ({min(rates):6.1%} to "
              f"{max(rates):6.1%})  cpu {statistics.median(costs):6.1%}  plain {rate:8,.0f}/s "
              f"{cost * 1e6:5.1f} us", flush=True)


main()
