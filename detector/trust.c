/* SPDX-License-Identifier: MIT */
/* Which files and folders are ours to write into. The contract is in trust.h. */
#include "trust.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>

#include "rawio.h"
#include "text.h"

static bool is_ours(uid_t owner)
{
    return (int)owner == ol_raw_geteuid() || owner == 0;
}

static bool look_at(const char *path, struct stat *status)
{
    int fd = ol_raw_open(path, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
    bool known = fd >= 0 && ol_raw_fstat(fd, status) == 0;
    if (fd >= 0)
        ol_raw_close(fd);
    return known;
}

/* Whoever owns the folder around it can replace it anyway: in a container, root works in a folder
 * of the user outside. */
static bool is_at_home(const char *path, uid_t owner)
{
    char bytes[4200];
    struct ol_text parent = OL_TEXT(bytes);
    struct stat status;
    ol_text_add(&parent, path);
    ol_text_add(&parent, "/..");
    return ol_raw_geteuid() == 0 && !parent.cut && look_at(bytes, &status) &&
           status.st_uid == owner;
}

/* A group of the owner's own, as most systems give to each user, has no others. */
static const char *why_by_mode(const struct stat *status)
{
    if (status->st_mode & S_ISVTX) /* nobody takes away what is another one's */
        return NULL;
    if (status->st_mode & S_IWOTH)
        return "can be written by everybody (chmod go-w)";
    if (status->st_mode & S_IWGRP && status->st_gid != status->st_uid)
        return "can be written by its group (chmod g-w)";
    return NULL;
}

const char *ol_trust_folder(const char *path)
{
    struct stat status;
    if (ol_raw_lstat(path, &status) != 0)
        return NULL;
    if (S_ISLNK(status.st_mode) && !is_ours(status.st_uid))
        return "is a link that another user has made";
    if (!look_at(path, &status))
        return NULL; /* whoever makes or opens it says what it is */
    if (!is_ours(status.st_uid) && !is_at_home(path, status.st_uid))
        return "belongs to another user";
    return why_by_mode(&status);
}

/* Devices are made by root alone, and a terminal belongs to whoever logged in before sudo. */
const char *ol_trust_log(const struct stat *status)
{
    if (S_ISCHR(status->st_mode))
        return NULL;
    if (S_ISLNK(status->st_mode))
        return "is a link, which is not followed";
    if (!S_ISREG(status->st_mode) && !S_ISFIFO(status->st_mode))
        return "is not a file";
    if ((int)status->st_uid != ol_raw_geteuid())
        return "belongs to another user";
    return S_ISREG(status->st_mode) && status->st_nlink > 1 ? "has another name (a hard link)"
                                                            : NULL;
}

int ol_trust_descriptor(const char *path)
{
    static const char *const streams[] = {"/dev/stdin", "/dev/stdout", "/dev/stderr"};
    static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};
    for (int fd = 0; fd < 3; fd++)
        if (strcmp(path, streams[fd]) == 0)
            return fd;
    for (int i = 0; i < 2; i++) {
        const char *digits = path + strlen(folders[i]);
        if (strncmp(path, folders[i], strlen(folders[i])) != 0)
            continue;
        size_t length = strspn(digits, "0123456789");
        int fd = 0;
        for (size_t j = 0; j < length && j < 7; j++)
            fd = fd * 10 + (digits[j] - '0');
        return length && length < 8 && !digits[length] ? fd : -1;
    }
    return -1;
}
