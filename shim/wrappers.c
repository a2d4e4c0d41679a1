/* SPDX-License-Identifier: MIT */
/* The regular wrappers: every row of detector/calls.def but the odd ones, expanded. Those are in
 * the other files of this folder. */
#include <aio.h>
#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <fts.h>
#include <ftw.h>
#include <glob.h>
#include <grp.h>
#include <mqueue.h>
#include <netdb.h>
#include <pwd.h>
#include <resolv.h>
#include <shadow.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <syslog.h>
#include <termios.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>
#include <utime.h>
#include <utmp.h>
#include <utmpx.h>
#include <wchar.h>
#include <wordexp.h>

#include "conditions.h"
#include "wrap.h"

/* In parentheses: some are macros too. */
#define DECLARED(symbol, result, parameters) extern result(symbol) parameters;
#define ONE_CALL(symbol, name, rule, fail, result, parameters, arguments, when, shown)             \
    ONE_SPELLING(symbol, name, rule, fail, result, parameters, arguments, when, shown)             \
    OL_CHECK_SIGNATURE(symbol)
#define ONE_SPELLING(symbol, name, rule, fail, result, parameters, arguments, when, shown)         \
    OL_WRAP(symbol, rule, fail, result, parameters, OL_AND_CALLER parameters, arguments, when,     \
            shown, REAL(symbol), OL_KNOWN(symbol))
#define ONE_NEAR(symbol, name, rule, fail, result, parameters, arguments, when, shown)             \
    OL_WRAP(symbol, rule, fail, result, parameters, OL_AND_CALLER parameters, arguments, when,     \
            shown, REAL_NEAR(symbol, caller), OL_KNOWN_NEAR(symbol))
#define ONE_NULLARY(symbol, name, rule, fail, result, when, shown)                                 \
    OL_WRAP(symbol, rule, fail, result, (void), (const void *caller), (), when, shown,             \
            REAL(symbol), OL_KNOWN(symbol))                                                        \
    OL_CHECK_SIGNATURE(symbol)
#define ONE_VARIADIC(symbol, name, rule, fail, result, parameters, last, listed, arguments, when,  \
                     shown)                                                                        \
    OL_WRAP_VARIADIC(symbol, rule, fail, result, parameters, last, listed, arguments, when, shown)
#include "../detector/calls_symbols.h"
