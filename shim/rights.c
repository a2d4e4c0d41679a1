/* SPDX-License-Identifier: MIT */
/* Programs that give up root (memcached -u, nginx's workers): afterwards they could write neither
 * into the folder that records go to nor into the log, so both are opened just before, and
 * libunwind is loaded, which may be out of reach in another root folder. */
#include <unistd.h>

#include "../detector/log.h"
#include "../detector/prepare.h"
#include "../detector/process.h"
#include "../detector/rawio.h"
#include "../detector/thread.h"
#include "../detector/unwinder.h"
#include "wrap.h"

static bool is_another(uid_t user)
{
    return user != 0 && user != (uid_t)-1; /* which leaves it as it is */
}

static void before_rights_are_left(bool leaves)
{
    if (!leaves || ol_raw_geteuid() != 0 || ol_self.inside || !ol_process.ready)
        return;
    ol_prepare_record();
    ol_unwinder_load();
    ol_log_keep();
}

#define RIGHTS(symbol, leaves, parameters, arguments)                                              \
    static __attribute__((used)) int wrap_##symbol parameters                                      \
    {                                                                                              \
        before_rights_are_left(leaves);                                                            \
        return REAL(symbol) arguments;                                                             \
    }                                                                                              \
    OL_EXPORT(symbol)                                                                              \
    OL_CHECK_SIGNATURE(symbol)

RIGHTS(setuid, is_another(uid), (uid_t uid), (uid))
RIGHTS(seteuid, is_another(uid), (uid_t uid), (uid))
RIGHTS(setreuid, is_another(effective), (uid_t real, uid_t effective), (real, effective))
RIGHTS(setresuid, is_another(effective), (uid_t real, uid_t effective, uid_t saved),
       (real, effective, saved))
RIGHTS(chroot, true, (const char *path), (path))
