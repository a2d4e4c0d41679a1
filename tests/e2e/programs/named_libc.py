# SPDX-License-Identifier: MIT
"""Functions of the C library by its own handle, as ctypes and cffi take them, in a turn: see expectations.py."""
import asyncio
import ctypes
import os
import sys


def by_ctypes(libc):
    libc.usleep(20000)  #: sleep * 20 ms
    ctypes.CDLL(None).usleep(20000)  #: sleep * 20 ms
    libc.open(b"/etc/hostname", os.O_RDONLY)  #: open * /etc/hostname
    libc.getpid()
    libc.poll(None, 0, 0)


def by_cffi(libc):
    libc.usleep(20000)  #: sleep * 20 ms
    libc.getpid()


def of_ctypes():
    return ctypes.CDLL("libc.so.6", use_errno=True)


def of_cffi():
    import cffi
    ffi = cffi.FFI()
    ffi.cdef("int usleep(unsigned int); int getpid(void);")
    return ffi.dlopen("libc.so.6")


async def main(work, libc):
    await asyncio.sleep(0.01)
    work(libc)


if sys.argv[1] == "cffi":
    asyncio.run(main(by_cffi, of_cffi()))
else:
    asyncio.run(main(by_ctypes, of_ctypes()))
