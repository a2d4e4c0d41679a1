# SPDX-License-Identifier: MIT
"""Waits and calls whose argument has to be looked for: see expectations.py. `arguments.py PORT_FULL PORT_OPEN`."""
import asyncio
import os
import selectors
import socket
import subprocess
import sys
import syslog

FULL, OPEN = (("127.0.0.1", int(port)) for port in sys.argv[1:3])


def in_progress():
    made = socket.socket()
    made.settimeout(0.1)
    try:
        made.connect(FULL)  #: connect|poll socket.socket.connect 127.0.0.1:{full}
    except OSError:
        pass


def of_a_loop_inside(watched):
    watched.select(0.02)  #: poll selectors.EpollSelector.select 127.0.0.1:{open}


def commands():
    subprocess.run(["sleep", "0.3"])  #: wait subprocess.run pid * (sleep 0.3)
    subprocess.run("sleep 0.3; true", shell=True)  #: wait subprocess.run pid * (/bin/sh -c sleep 0.3; true)
    child = subprocess.Popen(["sleep", "0.3"])
    child.wait()  #: wait subprocess.Popen.wait pid * (sleep 0.3)


def output():
    command = ["sh", "-c", "sleep 0.3; echo x"]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    child.communicate()  #: poll|wait subprocess.Popen.communicate pid * (sh -c sleep 0.3; echo x)


def words():
    syslog.syslog("all of 100%")  #: syslog syslog.syslog all of 100%
    socket.gethostbyaddr("127.0.0.1")  #: getaddrinfo socket.gethostbyaddr 127.0.0.1


async def main():
    watched = selectors.DefaultSelector()
    watched.register(socket.create_connection(OPEN), selectors.EVENT_READ)
    watched.register(os.eventfd(0) if hasattr(os, "eventfd") else os.pipe()[0], selectors.EVENT_READ)
    await asyncio.sleep(0.01)
    in_progress()
    of_a_loop_inside(watched)
    commands()
    output()
    words()


asyncio.run(main())
