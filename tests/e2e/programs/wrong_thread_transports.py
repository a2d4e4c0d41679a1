# SPDX-License-Identifier: MIT
"""Calls of every kind of transport from a thread: wrong_thread_transports.py thread|loop CERTIFICATE [uvloop]. Comments
say which API each line is told as."""
import asyncio
import os
import ssl
import sys
import threading


async def stream(loop, context=None):
    server = await loop.create_server(asyncio.Protocol, "127.0.0.1", 0, ssl=context)
    address = server.sockets[0].getsockname()
    client = None
    if context:
        client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    transport, _ = await loop.create_connection(asyncio.Protocol, *address, ssl=client)
    return transport


async def datagram(loop):
    transport, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol,
                                                       local_addr=("127.0.0.1", 0))
    return transport


async def pipes(loop):
    reads, writes = os.pipe()
    reader, _ = await loop.connect_read_pipe(asyncio.Protocol, os.fdopen(reads, "rb", 0))
    writer, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, os.fdopen(writes, "wb", 0))
    return reader, writer


async def make(loop):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*sys.argv[2].split(":"))
    return {"tcp": await stream(loop), "doomed": await stream(loop),
            "tls": await stream(loop, context), "doomed tls": await stream(loop, context),
            "udp": await datagram(loop), "doomed udp": await datagram(loop),
            "pipes": await pipes(loop)}


def attempt(call):
    try:
        call()
    except RuntimeError as error:
        if "offloop blocked" not in str(error):
            raise


def use(made):
    reader, writer = made["pipes"]
    attempt(lambda: made["tcp"].write(b"x"))  # asyncio.transport.write
    attempt(lambda: made["tcp"].close())  # asyncio.transport.close
    attempt(lambda: made["doomed"].abort())  # asyncio.transport.abort
    attempt(lambda: made["tls"].write(b"x"))  # asyncio.transport.write
    attempt(lambda: made["tls"].close())  # asyncio.transport.close
    attempt(lambda: made["doomed tls"].abort())  # asyncio.transport.abort
    attempt(lambda: made["udp"].sendto(b"x", ("127.0.0.1", 9)))  # asyncio.transport.sendto
    attempt(lambda: made["udp"].close())  # asyncio.transport.close
    attempt(lambda: made["doomed udp"].abort())  # asyncio.transport.abort
    attempt(lambda: writer.write(b"x"))  # asyncio.transport.write
    attempt(lambda: writer.close())  # asyncio.transport.close
    attempt(lambda: reader.close())  # asyncio.transport.close


async def main():
    loop = asyncio.get_running_loop()
    made = await make(loop)
    await asyncio.sleep(0.05)
    if sys.argv[1] == "loop":
        use(made)
    else:
        thread = threading.Thread(target=use, args=(made,))
        thread.start()
        while thread.is_alive():
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)


if "uvloop" in sys.argv:
    import uvloop
    uvloop.install()
asyncio.run(main())
