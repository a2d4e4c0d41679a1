# SPDX-License-Identifier: MIT
# A loop of Ruby's own, through fiddle: all of it is called through the C library's own handle.
require "fiddle"
LIBC = Fiddle.dlopen("libc.so.6")

def function(name, *kinds)
  Fiddle::Function.new(LIBC[name], kinds, Fiddle::TYPE_INT)
end

int = Fiddle::TYPE_INT
epoll = function("epoll_create1", int).call(0)
wait = function("epoll_wait", int, Fiddle::TYPE_VOIDP, int, int)
sleep = function("usleep", int)
wait.call(epoll, "\0" * 12, 1, 10)
sleep.call(20000)
wait.call(epoll, "\0" * 12, 1, 10)
