/* When a call may block. The contract is in conditions.h. */
#include "conditions.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "../detector/rawio.h"
#include "real.h"

bool ol_on_disk(const char *path)
{
    static const char *const elsewhere[] = {"/proc/", "/sys/", "/dev/"};
    if (!path)
        return false;
    for (size_t i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++)
        if (strncmp(path, elsewhere[i], strlen(elsewhere[i])) == 0)
            return false;
    return true;
}

bool ol_names_file(const char *path)
{
    return ol_on_disk(path) && path[0];
}

bool ol_needs_lookup(const char *host, const struct addrinfo *hints)
{
    unsigned char address[sizeof(struct in6_addr)];
    if (!host || !host[0] || (hints && hints->ai_flags & AI_NUMERICHOST))
        return false;
    return inet_pton(AF_INET, host, address) != 1 && inet_pton(AF_INET6, host, address) != 1;
}

bool ol_is_blocking(int fd)
{
    int flags = ol_raw_fcntl(fd, F_GETFL, 0);
    return flags >= 0 && !(flags & O_NONBLOCK);
}

bool ol_connects_blocking(int fd)
{
    int type = 0;
    unsigned size = sizeof type;
    if (!ol_is_blocking(fd) || ol_raw_getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) != 0)
        return false;
    return type == SOCK_STREAM || type == SOCK_SEQPACKET;
}

int64_t ol_nanoseconds_until(clockid_t clock, int flags, const struct timespec *time)
{
    struct timespec now = {0};
    int saved = errno;
    if (!time || (flags & TIMER_ABSTIME && clock_gettime(clock, &now) != 0)) {
        errno = saved;
        return 0;
    }
    int64_t left = (int64_t)(time->tv_sec - now.tv_sec) * 1000000000 +
                   (time->tv_nsec - now.tv_nsec);
    return left > 0 ? left : 0;
}

const char *ol_default_cert_file(const void *caller)
{
    const char *file = getenv("SSL_CERT_FILE");
    if (file)
        return file;
    union {
        void *object;
        const char *(*function)(void);
    } ask = {.object = ol_real_near_name("X509_get_default_cert_file", caller)};
    return ask.object ? ask.function() : NULL;
}
