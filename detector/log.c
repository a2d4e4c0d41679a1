/* SPDX-License-Identifier: MIT */
/* Where live lines go. The contract is in log.h. */
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "process.h"
#include "rawio.h"
#include "text.h"
#include "trust.h"
#include "utf8.h"

/* A descriptor, and the file that it was: programs close descriptors that are not theirs, and the
 * next file gets the number. */
struct known {
    _Atomic int fd; /* -1: none */
    struct stat file;
};

static struct known at_start = {.fd = -1};
static struct known kept = {.fd = -1};
static struct known named = {.fd = -1}; /* by OFFLOOP_LOG=/dev/fd/3 */
static struct known made = {.fd = -1};  /* the file that we have made, closed again */
static const char *_Atomic why_not;

static void remember(struct known *known, int fd)
{
    if (ol_raw_fstat(fd, &known->file) == 0)
        atomic_store(&known->fd, fd);
}

static bool is_same(const struct known *known, const struct stat *now)
{
    return now->st_dev == known->file.st_dev && now->st_ino == known->file.st_ino &&
           now->st_rdev == known->file.st_rdev;
}

/* The descriptor while it still is that file, or -1. */
static int still(const struct known *known)
{
    struct stat now;
    int fd = atomic_load(&known->fd);
    return fd >= 0 && ol_raw_fstat(fd, &now) == 0 && is_same(known, &now) ? fd : -1;
}

void ol_log_start(void)
{
    remember(&at_start, STDERR_FILENO);
}

void ol_log_find(void)
{
    int fd = ol_process.log ? ol_trust_descriptor(ol_process.log) : -1;
    if (fd >= 0)
        remember(&named, fd);
}

/* What we have made is ours, whatever a file system says of its owner. */
static bool is_trusted(int fd)
{
    struct stat status;
    if (ol_raw_fstat(fd, &status) != 0)
        return false;
    if (atomic_load(&made.fd) >= 0 && is_same(&made, &status))
        return true;
    const char *why = ol_trust_log(&status);
    if (why)
        why_not = why;
    return !why;
}

/* Not blocking: it may be a named pipe that nobody reads. */
static int open_log(void)
{
    int flags = O_WRONLY | O_APPEND | O_NOCTTY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW;
    int fd = ol_raw_open(ol_process.log, flags, 0);
    if (fd == -ENOENT) {
        fd = ol_raw_open(ol_process.log, flags | O_CREAT | O_EXCL, 0600);
        if (fd >= 0)
            remember(&made, fd);
        else if (fd == -EEXIST) /* by another process of the program, just now */
            fd = ol_raw_open(ol_process.log, flags, 0);
    }
    if (fd == -ELOOP)
        why_not = "is a link, which is not followed";
    if (fd < 0 || is_trusted(fd))
        return fd;
    ol_raw_close(fd);
    return -EACCES;
}

/* High up: programs count on getting the lowest free number for their next file. */
static int moved_up(int fd)
{
    int high = ol_raw_fcntl(fd, F_DUPFD_CLOEXEC, 512);
    if (high < 0) /* a limit below that */
        high = ol_raw_fcntl(fd, F_DUPFD_CLOEXEC, 64);
    ol_raw_close(fd);
    return high;
}

void ol_log_keep(void)
{
    static _Atomic bool keeping;
    if (!ol_process.log || !ol_process.log[0] || ol_trust_descriptor(ol_process.log) >= 0 ||
        atomic_exchange(&keeping, true))
        return;
    int fd = open_log();
    if (fd >= 0)
        fd = moved_up(fd);
    if (fd >= 0)
        remember(&kept, fd);
}

/* Only what the reader takes at once is written: a pipe that nobody empties, or a stopped terminal,
 * must not stop the loop. The record has what is dropped here. */
static void write_quietly(int fd, const struct iovec *parts, int count)
{
    struct ol_quiet quiet = ol_raw_quiet_begin();
    if (fd >= 0 && ol_raw_takes_bytes(fd))
        ol_raw_writev(fd, parts, count);
    ol_raw_quiet_end(quiet);
}

static void say_that_it_is_lost(void)
{
    char bytes[600]; /* a first hit may stand on a small stack */
    struct ol_text text = OL_TEXT(bytes);
    ol_text_add(&text, "offloop: OFFLOOP_LOG: ");
    ol_text_add_escaped(&text, ol_process.log, strlen(ol_process.log));
    ol_text_add_char(&text, ' ');
    ol_text_add(&text, why_not ? why_not : "can't be written");
    ol_text_add(&text, ": what is reported is in the record only\n");
    write_quietly(still(&at_start), &(struct iovec){text.bytes, text.length}, 1);
}

static void write_to_file(const struct iovec *parts, int count)
{
    static _Atomic bool lost;
    int own = still(ol_trust_descriptor(ol_process.log) >= 0 ? &named : &kept);
    int fd = own >= 0 || ol_trust_descriptor(ol_process.log) >= 0 ? own : open_log();
    if (fd >= 0)
        write_quietly(fd, parts, count);
    else if (!atomic_exchange(&lost, true))
        say_that_it_is_lost();
    if (fd >= 0 && own < 0)
        ol_raw_close(fd);
}

void ol_log_write(const struct iovec *parts, int count)
{
    if (!ol_process.log)
        return;
    if (ol_process.log[0])
        write_to_file(parts, count);
    else
        write_quietly(still(&at_start), parts, count);
}

#define ESCAPES 24 /* in a line that is said; it is cut behind them */

static struct iovec part_of(const char *bytes, size_t length)
{
    union {
        const char *constant;
        char *plain;
    } words = {.constant = bytes};
    return (struct iovec){words.plain, length};
}

/* In pieces, not copied: a line may be long, and the stack small. */
void ol_log_say(const char *line)
{
    char escapes[ESCAPES][OL_UTF8_ESCAPE];
    struct iovec parts[2 * ESCAPES + 3] = {part_of("offloop: ", 9)};
    int count = 1;
    for (int i = 0;; i++) {
        size_t rest = strlen(line), shown = ol_utf8_shown(line, rest);
        parts[count++] = part_of(line, shown);
        line += shown;
        if (!*line || i == ESCAPES)
            break;
        line += ol_utf8_escape(line, rest - shown, escapes[i]);
        parts[count++] = part_of(escapes[i], strlen(escapes[i]));
    }
    parts[count++] = part_of("\n", 1);
    ol_log_write(parts, count);
}
