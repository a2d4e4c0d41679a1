# SPDX-License-Identifier: MIT
"""A program that chooses all its names to do harm: files, functions, modules, threads, arguments. It is
given the folder that it may make files in and the bytes to do harm with."""
import asyncio
import ctypes
import importlib.util
import os
import socket
import subprocess
import sys

folder, harm = os.fsencode(sys.argv[1]), bytes.fromhex(sys.argv[2])
module_file = os.path.join(folder, harm + b".py")
with open(module_file, "w") as file:
    file.write("import os, time\ndef work(path):\n    time.sleep(0.001)\n    os.stat(path)\n")
for pathless in (b"", b"-2"):
    with open(os.path.join(folder, harm + pathless), "wb"):
        pass

spec = importlib.util.spec_from_file_location(os.fsdecode(harm), os.fsdecode(module_file))
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
name = harm.decode("utf-8", "replace").replace("\0", "")
changes = {"co_name": name, **({"co_qualname": name} if sys.version_info >= (3, 11) else {})}
module.work.__code__ = module.work.__code__.replace(**changes)
module.work.__qualname__ = name


async def main():
    await asyncio.sleep(0)
    ctypes.CDLL(None).prctl(15, harm[:15], 0, 0, 0)  # PR_SET_NAME
    module.work(os.path.join(folder, harm))
    with open(os.path.join(folder, harm + b"-2")) as file:
        file.read()
    os.system(b"true " + harm.replace(b"'", b"").replace(b"\n", b"").join([b"'", b"'"]))
    subprocess.run(["true", harm])
    try:
        socket.getaddrinfo(harm.decode("latin-1").encode("ascii", "replace")[:40], None)
    except (OSError, UnicodeError):
        pass
    try:
        socket.socket(socket.AF_UNIX).connect(b"\0" + harm)
    except OSError:
        pass


asyncio.run(main())
