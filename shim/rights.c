/* Programs that give up root (memcached -u, nginx's workers): afterwards they could write neither
 * into the folder that records go to nor into the log, so both are opened just before. */
#include <unistd.h>

#include "../detector/guest.h"
#include "../detector/log.h"
#include "../detector/rawio.h"
#include "wrap.h"

static void before_rights_are_left(void)
{
    if (ol_raw_geteuid() != 0 || ol_self.inside || !ol_guest.ready)
        return;
    ol_guest_record();
    ol_log_keep();
}

#define RIGHTS(symbol, parameters, arguments)                                                      \
    static __attribute__((used)) int wrap_##symbol parameters                                      \
    {                                                                                              \
        before_rights_are_left();                                                                  \
        return REAL(symbol) arguments;                                                             \
    }                                                                                              \
    OL_EXPORT(symbol)                                                                              \
    OL_CHECK_SIGNATURE(symbol)

RIGHTS(setuid, (uid_t uid), (uid))
RIGHTS(seteuid, (uid_t uid), (uid))
RIGHTS(setreuid, (uid_t real, uid_t effective), (real, effective))
RIGHTS(setresuid, (uid_t real, uid_t effective, uid_t saved), (real, effective, saved))
RIGHTS(chroot, (const char *path), (path))
