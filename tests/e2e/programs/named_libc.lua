-- SPDX-License-Identifier: MIT
-- A loop of LuaJIT's own: all of it is called through the C library's own handle.
local ffi = require("ffi")
ffi.cdef [[
typedef union { void *pointer; uint64_t word; } data;
struct epoll_event { uint32_t events; data word; } __attribute__((packed));
int epoll_create1(int flags);
int epoll_wait(int epoll, struct epoll_event *events, int most, int timeout);
int usleep(unsigned int us);
]]
local libc = ffi.load("libc.so.6")
local events = ffi.new("struct epoll_event[1]")
local epoll = libc.epoll_create1(0)
libc.epoll_wait(epoll, events, 1, 10)
libc.usleep(20000)
libc.epoll_wait(epoll, events, 1, 10)
