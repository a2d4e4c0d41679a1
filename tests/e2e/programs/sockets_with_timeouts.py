# SPDX-License-Identifier: MIT
"""Calls on sockets in blocking mode, and on such that have a timeout: they have the same rules.

Arguments: a folder with a certificate, and the timeout in seconds or "none". The other side answers when the loop's
thread has been asleep for a while.
"""
import asyncio
import os
import socket
import ssl
import sys
import threading
import time

folder, limit = sys.argv[1], None if sys.argv[2] == "none" else float(sys.argv[2])


def main_sleeps():
    asleep = 0
    while asleep < 5:
        time.sleep(0.01)
        with open(f"/proc/self/task/{os.getpid()}/stat") as stat:
            asleep = asleep + 1 if stat.read().rpartition(")")[2].split()[0] == "S" else 0


def listening():
    made = socket.create_server(("127.0.0.1", 0))
    made.settimeout(limit)
    return made


def answer(server):
    peer, _ = server.accept()
    peer.setblocking(True)
    for secure in False, True:
        if secure:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(folder + "/ca.pem", folder + "/key.pem")
            peer = context.wrap_socket(peer, server_side=True)
        peer.recv(10)
        main_sleeps()
        peer.sendall(b"answer")


def secured(plain):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(plain)


def connect_later(address):
    main_sleeps()
    socket.create_connection(address)


async def main():
    await asyncio.sleep(0.01)
    server = listening()
    threading.Thread(target=answer, args=(server,), daemon=True).start()
    plain = socket.socket()
    plain.settimeout(limit)
    plain.connect(server.getsockname())  #: connect socket.socket.connect *
    plain.sendall(b"question")  #: send socket.socket.sendall *
    plain.recv(10)  #: recv socket.socket.recv *
    secure = await asyncio.to_thread(secured, plain)
    secure.sendall(b"question")  #: send ssl.SSLSocket.sendall *
    secure.recv(10)  #: recv ssl.SSLSocket.recv *
    other = listening()
    threading.Thread(target=connect_later, args=(other.getsockname(),), daemon=True).start()
    other.accept()  #: accept socket.socket.accept *

asyncio.run(main())
