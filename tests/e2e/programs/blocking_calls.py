# SPDX-License-Identifier: MIT
"""Every blocking call of the core list, each once and on a line of its own, in a coroutine or
(first argument "executor") in an executor. What is told of a line stands in its comment; the grammar is in
tests/e2e/expectations.py. {T} is the folder given as second argument, {P} the port given as third.
"""
import asyncio
import glob
import http.client
import importlib
import os
import ssl
import sys
import time
from pathlib import Path

mode, folder, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
sys.path.insert(0, os.path.join(folder, "modules"))
context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
with open(os.path.join(folder, "ca.pem")) as ca:
    pem = ca.read()
http.client.HTTPConnection("127.0.0.1", port).close()
# What the calls below would import or look up lazily, so that a line shows its own call only.
glob.glob(folder + "/*"), Path(folder, "warm").write_bytes(b""), Path(folder, "warm").write_text("")
"".encode("idna"), Path(folder, "warm").read_bytes(), Path(folder, "warm").read_text()


def offend():
    open(folder + "/file").close()  #: open open {T}/file
    time.sleep(0.02)  #: sleep time.sleep *
    glob.glob(folder + "/tree/*")  #: readdir glob.glob {T}/tree
    list(glob.iglob(folder + "/tree/*"))  #: readdir glob.iglob {T}/tree
    for entry in os.walk(folder + "/tree"):  #: readdir os.walk {T}/tree*
        pass
    os.listdir(folder + "/tree")  #: readdir os.listdir {T}/tree
    list(os.scandir(folder + "/tree"))  #: readdir os.scandir {T}/tree
    os.stat(folder + "/file")  #: stat os.stat {T}/file
    Path(folder, "out").write_bytes(b"x")  #: open pathlib.Path.write_bytes {T}/out
    Path(folder, "out").write_text("x")  #: open pathlib.Path.write_text {T}/out
    Path(folder, "out").read_bytes()  #: open pathlib.Path.read_bytes {T}/out
    Path(folder, "out").read_text()  #: open pathlib.Path.read_text {T}/out
    context.load_default_certs()  #: cert-load ssl.SSLContext.load_default_certs *
    context.load_verify_locations(folder + "/ca.pem")  #: cert-load ssl.SSLContext.load_verify_locations {T}/ca.pem
    server_context.load_cert_chain(folder + "/ca.pem", folder + "/key.pem")  #: cert-load ssl.SSLContext.load_cert_chain {T}/*
    client = http.client.HTTPConnection("127.0.0.1", port)
    client.request("GET", "/")  #: connect http.client.HTTPConnection.request 127.0.0.1:{P}
    client.close()
    importlib.import_module("lazily_imported")  #: import importlib.import_module lazily_imported
    context.load_verify_locations(cadata=pem)


async def main():
    await asyncio.sleep(0)
    if mode == "executor":
        await asyncio.get_running_loop().run_in_executor(None, offend)
    else:
        offend()
    await asyncio.sleep(0)


if len(sys.argv) > 4 and sys.argv[4] == "uvloop":
    import uvloop

    uvloop.install()
asyncio.run(main())
