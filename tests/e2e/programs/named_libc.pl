# SPDX-License-Identifier: MIT
# A loop of Perl's own, through FFI::Platypus: all of it is called through the C library's own handle.
use FFI::Platypus 2.00;
my $ffi = FFI::Platypus->new(api => 2, lib => "libc.so.6");
$ffi->attach(epoll_create1 => ["int"] => "int");
$ffi->attach(epoll_wait => ["int", "opaque", "int", "int"] => "int");
$ffi->attach(usleep => ["unsigned int"] => "int");
my $room = pack("x12");
my $events = unpack("J", pack("P", $room));
my $epoll = epoll_create1(0);
epoll_wait($epoll, $events, 1, 10);
usleep(20000);
epoll_wait($epoll, $events, 1, 10);
