#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""nginx under load: its replies, one a line, as STATUS LENGTH HASH. nginx.py FILES; nginx is started by
the program $WATCHED. The same requests are made before wrk, beside it and after it."""
import hashlib
import http.client
import os
import pathlib
import subprocess
import sys
import time

CONFIGURATION = """
daemon off; worker_processes 2; pid nginx.pid; error_log error.log; user root;
events {{ worker_connections 512; }}
http {{
    access_log access.log; client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi; scgi_temp_path scgi; default_type text/plain; gzip_types text/plain;
    server {{
        listen 127.0.0.1:{port}; root {root};
        location /compressed/ {{ alias {root}/; gzip on; gzip_min_length 1; }}
        location /listed/ {{ alias {root}/; autoindex on; autoindex_exact_size on; }}
        location /copied/ {{ alias {root}/; sendfile on; tcp_nopush on; }}
        location /behind/ {{ proxy_pass http://127.0.0.1:{port}/; }}
        location /said {{ return 201 "said\\n"; }}
        location /moved {{ return 301 /said; }}
    }}
}}
"""
PORT = 8765
SIZES = (0, 1, 100, 4096, 65536, 1000000)
PLACES = ("/", "/compressed/", "/copied/", "/behind/")
HEADERS = ({}, {"Range": "bytes=10-90"}, {"Accept-Encoding": "gzip"}, {"If-None-Match": "*"}, {"Connection": "close"})


def requests():
    for method in ("GET", "HEAD"):
        for place in PLACES:
            for size in SIZES:
                for headers in HEADERS:
                    yield method, f"{place}{size}.txt", headers
        for path in ("/said", "/moved", "/missing", "/behind/missing", "/../etc/passwd"):
            yield method, path, {}
    yield "POST", "/said", {}
    yield "PUT", "/1.txt", {}


def reply(method, path, headers):
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
    try:
        connection.request(method, path, headers=headers, body=b"x" * 100 if method == "POST" else None)
        answer = connection.getresponse()
        body = answer.read()
        return f"{answer.status} {len(body)} {hashlib.sha256(body).hexdigest()[:12]}"
    except (OSError, http.client.HTTPException) as error:
        return f"{type(error).__name__}"
    finally:
        connection.close()


def ask(when):
    for method, path, headers in requests():
        print(f"{when} {method} {path} {headers}: {reply(method, path, headers)}", flush=True)


def main(files):
    root = pathlib.Path(os.environ["TMPDIR"]) / "served"
    root.mkdir()
    for size in SIZES:
        (root / f"{size}.txt").write_bytes((b"0123456789abcdef" * (size // 16 + 1))[:size])
        os.utime(root / f"{size}.txt", (1e9, 1e9))
    configuration = files / "nginx.conf"
    configuration.write_text(CONFIGURATION.format(port=PORT, root=root))
    server = subprocess.Popen([os.environ["WATCHED"], "nginx", "-p", files, "-c", configuration])
    while reply("GET", "/said", {}) == "ConnectionRefusedError" and server.poll() is None:
        time.sleep(0.1)
    ask("before")
    load = subprocess.Popen(["wrk", "-t1", "-c32", "-d15s", f"http://127.0.0.1:{PORT}/4096.txt"],
                            stdout=subprocess.PIPE, text=True)
    ask("beside wrk")
    said = load.communicate()[0]
    print("wrk errors: " + str(sum("Non-2xx" in line or "Socket errors" in line for line in said.splitlines())))
    ask("after")
    subprocess.run(["nginx", "-p", files, "-c", configuration, "-s", "quit"], check=True)
    print(f"nginx ended: {server.wait(60)}")


main(pathlib.Path(sys.argv[1]))
