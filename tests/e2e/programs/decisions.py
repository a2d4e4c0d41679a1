# SPDX-License-Identifier: MIT
"""A loop on an epoll descriptor, which is printed with its thread; a poll() elsewhere; and a call of each outcome."""
import ctypes
import os
import select
import threading
import time

libc = ctypes.CDLL(None)


def look():
    waiting = select.poll()
    waiting.register(os.pipe()[0])
    waiting.poll(10)


threading.Thread(target=look).start()
for thread in threading.enumerate()[1:]:
    thread.join()
loop = select.epoll()
libc.prctl(15, b"a\x1b[31mb", 0, 0, 0)  # PR_SET_NAME
print(loop.fileno(), threading.get_native_id())
for _ in range(3):
    loop.poll(0.01)
    time.sleep(0.02)
loop.poll(0.01)
open("/proc/self/limits").close()
loop.poll(0.01)
loop.close()
