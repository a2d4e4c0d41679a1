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

/* Fortified, old and new spellings that do what the variadic ones beside them do. */
extern int __vfprintf_chk(FILE *stream, int flag, const char *format, va_list list);
extern int __vprintf_chk(int flag, const char *format, va_list list);
extern int __vdprintf_chk(int fd, int flag, const char *format, va_list list);
extern int __vfwprintf_chk(FILE *stream, int flag, const wchar_t *format, va_list list);
extern int __fwprintf_chk(FILE *stream, int flag, const wchar_t *format, ...);
extern int __isoc99_vfscanf(FILE *stream, const char *format, va_list list);
extern int __isoc23_vfscanf(FILE *stream, const char *format, va_list list);
extern int __isoc99_vscanf(const char *format, va_list list);
extern int __isoc23_vscanf(const char *format, va_list list);
extern void __vsyslog_chk(int priority, int flag, const char *format, va_list list);
extern int __fprintf_chk(FILE *stream, int flag, const char *format, ...);
extern int __printf_chk(int flag, const char *format, ...);
extern int __dprintf_chk(int fd, int flag, const char *format, ...);
extern int __isoc99_fscanf(FILE *stream, const char *format, ...);
extern int __isoc23_fscanf(FILE *stream, const char *format, ...);
extern int __isoc99_scanf(const char *format, ...);
extern int __isoc23_scanf(const char *format, ...);
extern void __syslog_chk(int priority, int flag, const char *format, ...);

#define CALL(symbol, name, rule, fail, result, parameters, arguments, when, shown)                 \
    SPELLING(symbol, name, rule, fail, result, parameters, arguments, when, shown)                 \
    OL_CHECK_SIGNATURE(symbol)
#define SPELLING(symbol, name, rule, fail, result, parameters, arguments, when, shown)             \
    OL_WRAP(symbol, rule, fail, result, parameters, OL_AND_CALLER parameters, arguments, when,     \
            shown, REAL(symbol), OL_KNOWN(symbol))
#define NEAR(symbol, name, rule, fail, result, parameters, arguments, when, shown)                 \
    OL_WRAP(symbol, rule, fail, result, parameters, OL_AND_CALLER parameters, arguments, when,     \
            shown, REAL_NEAR(symbol, caller), OL_KNOWN_NEAR(symbol))
#define NULLARY(symbol, name, rule, fail, result, when, shown)                                     \
    OL_WRAP(symbol, rule, fail, result, (void), (const void *caller), (), when, shown,             \
            REAL(symbol), OL_KNOWN(symbol))                                                        \
    OL_CHECK_SIGNATURE(symbol)
#define VARIADIC(symbol, name, rule, fail, result, parameters, last, listed, arguments, when,      \
                 shown)                                                                            \
    OL_WRAP_VARIADIC(symbol, rule, fail, result, parameters, last, listed, arguments, when, shown)
#define ODD(symbol, name, rule, fail)
#include "../detector/calls.def"
