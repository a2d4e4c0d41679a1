/* SPDX-License-Identifier: MIT */
/* What is started without the library. The contract is in unwatched.h. report/unwatched.c reads
 * what is written here. A file of its own, and not the record: who starts a program may have none,
 * and its shell's is removed when it has nothing to say. */
#include "unwatched.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "process.h"
#include "rawio.h"
#include "sandbox.h"
#include "text.h"

#define FILE_MAX 65536 /* a build may start thousands */

static const char *value_of(char *const *environment, const char *name)
{
    size_t length = strlen(name);
    for (; environment && *environment; environment++)
        if (strncmp(*environment, name, length) == 0 && (*environment)[length] == '=')
            return *environment + length + 1;
    return NULL;
}

static bool keeps_us(char *const *environment)
{
    const char *preload = value_of(environment, "LD_PRELOAD");
    return preload && strstr(preload, "liboffloop");
}

/* The dynamic loader's path begins the segment of that kind; no such segment: a static program. */
static const char *why_by_segments(int fd, const Elf64_Ehdr *header)
{
    Elf64_Phdr segment;
    char loader[64] = "";
    for (unsigned i = 0; i < header->e_phnum && i < 64; i++) {
        if (ol_raw_pread(fd, &segment, sizeof segment,
                         header->e_phoff + (uint64_t)i * header->e_phentsize) !=
            (ssize_t)sizeof segment)
            return NULL;
        if (segment.p_type != PT_INTERP)
            continue;
        ol_raw_pread(fd, loader, sizeof loader - 1, segment.p_offset);
        return strstr(loader, "ld-musl") ? "it is linked to musl; watch a build for glibc" : NULL;
    }
    return "it is a static program, which loads no library; link it dynamically";
}

/* Of what is no script. */
static const char *why_by_header(int fd)
{
    Elf64_Ehdr header;
    if (ol_raw_pread(fd, &header, sizeof header, 0) != (ssize_t)sizeof header ||
        memcmp(header.e_ident, ELFMAG, SELFMAG) != 0)
        return NULL;
    if (header.e_ident[EI_CLASS] != ELFCLASS64)
        return "it is a 32-bit program; watch a 64-bit build";
    return why_by_segments(fd, &header);
}

/* Of a script its interpreter is executed. */
static __attribute__((noinline)) const char *why_by_content(int fd)
{
    char line[256] = "";
    ol_raw_pread(fd, line, sizeof line - 1, 0);
    if (strncmp(line, "#!", 2) != 0)
        return why_by_header(fd);
    char *interpreter = line + 2 + strspn(line + 2, " \t");
    interpreter[strcspn(interpreter, " \t\r\n")] = '\0';
    int other = ol_raw_open(interpreter, O_RDONLY | O_NONBLOCK, 0);
    const char *why = other < 0 ? NULL : why_by_header(other);
    if (other >= 0)
        ol_raw_close(other);
    return why;
}

/* The system drops preloaded libraries where a program gets rights that its caller has not. */
static bool gains_rights(const struct stat *status)
{
    return (status->st_mode & S_ISUID && (int)status->st_uid != ol_raw_geteuid()) ||
           (status->st_mode & S_ISGID && status->st_mode & S_IXGRP && ol_raw_geteuid() != 0);
}

static bool is_program(const char *path, struct stat *status)
{
    int fd = ol_raw_open(path, O_PATH, 0); /* it need not be readable */
    bool program = fd >= 0 && ol_raw_fstat(fd, status) == 0 && S_ISREG(status->st_mode) &&
                   status->st_mode & 0111;
    if (fd >= 0)
        ol_raw_close(fd);
    return program;
}

/* NULL: it will be watched. */
static const char *why_not(const char *path, const struct stat *status, char *const *environment)
{
    if (gains_rights(status))
        return "it is setuid or setgid, where the system preloads nothing; watch a copy without the "
               "bit";
    int fd = ol_raw_open(path, O_RDONLY | O_NONBLOCK, 0);
    const char *why = fd < 0 ? NULL : why_by_content(fd);
    if (fd >= 0)
        ol_raw_close(fd);
    if (!why && ol_sandbox_is_set())
        return OL_UNWATCHED_FILTERED;
    return why || keeps_us(environment) ? why
                                        : "it was started with LD_PRELOAD cleared; keep the "
                                          "variable, or start it by offloop run";
}

/* By its folder, so that no long path has to stand on a stack that may be a coroutine's. */
static int open_file(void)
{
    int folder = ol_raw_open(ol_process.out, O_PATH | O_DIRECTORY, 0);
    if (folder < 0)
        return folder;
    int fd = ol_raw_openat(folder, OL_UNWATCHED_FILE, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW,
                           0600);
    ol_raw_close(folder);
    return fd;
}

static __attribute__((noinline)) void write_line(const char *path, const char *why)
{
    char line_bytes[600];
    struct ol_text line = OL_TEXT(line_bytes);
    struct stat status;
    ol_text_add_escaped(&line, path, strnlen(path, 300));
    ol_text_add(&line, ": ");
    ol_text_add(&line, why);
    ol_text_add_char(&line, '\n');
    int fd = open_file();
    if (fd < 0)
        return;
    if (ol_raw_fstat(fd, &status) == 0 && status.st_size < FILE_MAX)
        ol_raw_write(fd, line.bytes, line.length);
    ol_raw_close(fd);
}

/* False: it is no program, so another one is executed, or none. */
static bool note(const char *path, char *const *environment)
{
    struct stat status;
    if (!is_program(path, &status))
        return false;
    const char *why = why_not(path, &status, environment);
    if (why)
        write_line(path, why);
    return true;
}

static __attribute__((noinline)) void search(const char *name, char *const *environment)
{
    char bytes[1024];
    const char *rest = value_of(environ, "PATH");
    for (rest = rest ? rest : "/bin:/usr/bin"; *rest; rest += *rest == ':') {
        size_t length = strcspn(rest, ":");
        struct ol_text path = OL_TEXT(bytes);
        ol_text_add_bytes(&path, length ? rest : ".", length ? length : 1);
        ol_text_add_char(&path, '/');
        ol_text_add(&path, name);
        if (!path.cut && note(path.bytes, environment))
            return;
        rest += length;
    }
}

/* Where the kernel would only say EFAULT. */
static bool can_read_words(const char *path, char *const *environment)
{
    if (!ol_raw_can_read(path))
        return false;
    if (!environment)
        return true;
    for (; ol_raw_can_read(environment); environment++)
        if (!*environment || !ol_raw_can_read(*environment))
            return !*environment;
    return false;
}

void ol_unwatched_note(const char *path, char *const *environment)
{
    if (!path || !ol_process.ready || !ol_process.options.run || !ol_process.options.follow)
        return;
    int saved = errno;
    if (!can_read_words(path, environment))
        return;
    if (strchr(path, '/'))
        note(path, environment);
    else
        search(path, environment);
    errno = saved;
}
