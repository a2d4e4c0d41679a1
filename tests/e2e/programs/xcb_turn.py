# SPDX-License-Identifier: MIT
"""Asks the X server something in a coroutine: xcb sends, and waits for the answer."""
import asyncio
import ctypes

xcb = ctypes.CDLL("libxcb.so.1")
xcb.xcb_connect.restype = ctypes.c_void_p
connection = ctypes.c_void_p(xcb.xcb_connect(None, None))
assert not xcb.xcb_connection_has_error(connection)


async def main():
    await asyncio.sleep(0)
    asked = ctypes.c_uint(xcb.xcb_get_input_focus(connection))
    assert xcb.xcb_get_input_focus_reply(connection, asked, None) is not None


xcb.xcb_get_input_focus_reply.restype = ctypes.c_void_p
asyncio.run(main())
