/* SPDX-License-Identifier: MIT */
/* Which descriptors are epoll ones. Programs that wait for one by poll() or select(), as
 * EventMachine does, wait as those do that call epoll_wait().
 *
 * Known of those that the process has made through the C library; a duplicate is not. */
#ifndef OFFLOOP_EPOLLS_H
#define OFFLOOP_EPOLLS_H

#include <stdbool.h>

/* The calling thread has made that one: an older one of that number is closed, whoever did it. */
void ol_epolls_made(int fd);

/* Is it one? A bit says no; a system call makes sure, for descriptors are used again. */
bool ol_epolls_has(int fd);

#endif
