/* SPDX-License-Identifier: MIT */
// A function of the C library by its own handle, in node's loop, through koffi.
const koffi = require("koffi");
const usleep = koffi.load("libc.so.6").func("int usleep(unsigned int)");
setTimeout(() => usleep(20000), 10);
