/* The regular wrappers: every CALL, SPELLING and NEAR row of detector/calls.def, expanded. The odd
 * ones are in the other files of this folder. */
#include <dirent.h>
#include <fcntl.h>
#include <fts.h>
#include <ftw.h>
#include <glob.h>
#include <grp.h>
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
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <termios.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>
#include <utime.h>
#include <wordexp.h>

#include "conditions.h"
#include "wrap.h"

#define CALL(symbol, name, rule, fail, result, parameters, arguments, when, shown)                 \
    OL_WRAP(symbol, rule, fail, result, parameters, arguments, when, shown, REAL(symbol),          \
            OL_KNOWN(symbol))                                                                      \
    OL_CHECK_SIGNATURE(symbol)
#define SPELLING(symbol, name, rule, fail, result, parameters, arguments, when, shown)             \
    OL_WRAP(symbol, rule, fail, result, parameters, arguments, when, shown, REAL(symbol),          \
            OL_KNOWN(symbol))
#define NEAR(symbol, name, rule, fail, result, parameters, arguments, when, shown)                 \
    OL_WRAP(symbol, rule, fail, result, parameters, arguments, when, shown,                        \
            REAL_NEAR(symbol, caller), OL_KNOWN_NEAR(symbol))
#define ODD(symbol, name, rule, fail)
#include "../detector/calls.def"
