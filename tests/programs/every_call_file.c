/* SPDX-License-Identifier: MIT */
/* every_call: the rows of the family `file`. */
#include "every_call.h"

#include <errno.h>
#include <fcntl.h>
#include <gnu/libc-version.h>
#include <linux/openat2.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>
#include <wchar.h>

extern int __open_2(const char *path, int flags);
extern int __open64_2(const char *path, int flags);
extern int __openat_2(int folder, const char *path, int flags);
extern int __openat64_2(int folder, const char *path, int flags);
extern ssize_t __read_chk(int fd, void *buffer, size_t size, size_t room);
extern ssize_t __pread_chk(int fd, void *buffer, size_t size, off_t offset, size_t room);
extern ssize_t __pread64_chk(int fd, void *buffer, size_t size, off64_t offset, size_t room);
extern size_t __fread_chk(void *buffer, size_t room, size_t size, size_t count, FILE *stream);
extern char *__fgets_chk(char *buffer, size_t room, int size, FILE *stream);
extern size_t __fread_unlocked_chk(void *buffer, size_t room, size_t size, size_t count,
                                   FILE *stream);
extern char *__fgets_unlocked_chk(char *buffer, size_t room, int size, FILE *stream);
extern int _IO_getc(FILE *stream);
extern int _IO_putc(int character, FILE *stream);
extern wchar_t *__fgetws_chk(wchar_t *buffer, size_t room, int size, FILE *stream);
extern int __fwprintf_chk(FILE *stream, int flag, const wchar_t *format, ...);
extern int __vfwprintf_chk(FILE *stream, int flag, const wchar_t *format, va_list list);
extern int __fprintf_chk(FILE *stream, int flag, const char *format, ...);
extern int __printf_chk(int flag, const char *format, ...);
extern int __dprintf_chk(int fd, int flag, const char *format, ...);
extern int __vfprintf_chk(FILE *stream, int flag, const char *format, va_list list);
extern int __vprintf_chk(int flag, const char *format, va_list list);
extern int __vdprintf_chk(int fd, int flag, const char *format, va_list list);
/* <stdio.h> gives the names of the older ones to the newer. */
extern int old_fscanf(FILE *stream, const char *format, ...) __asm__("fscanf");
extern int old_scanf(const char *format, ...) __asm__("scanf");
extern int old_vfscanf(FILE *stream, const char *format, va_list list) __asm__("vfscanf");
extern int old_vscanf(const char *format, va_list list) __asm__("vscanf");
extern int __isoc99_fscanf(FILE *stream, const char *format, ...);
extern int __isoc99_scanf(const char *format, ...);
extern int __isoc99_vfscanf(FILE *stream, const char *format, va_list list);
extern int __isoc99_vscanf(const char *format, va_list list);
/* Those of glibc 2.38 and later. */
extern __typeof(__isoc99_fscanf) __isoc23_fscanf __attribute__((weak));
extern __typeof(__isoc99_scanf) __isoc23_scanf __attribute__((weak));
extern __typeof(__isoc99_vfscanf) __isoc23_vfscanf __attribute__((weak));
extern __typeof(__isoc99_vscanf) __isoc23_vscanf __attribute__((weak));

/* --- opening ---------------------------------------------------------------------------------- */

static void only_the_path(struct trial *t)
{
    there_is_a_file(t);
    t->flags = O_PATH;
}

static void may_create(struct trial *t)
{
    there_is_nothing(t);
    t->flags = O_WRONLY | O_CREAT;
}

static void may_empty(struct trial *t)
{
    there_is_a_file(t);
    t->flags = O_RDWR | O_TRUNC;
}

static void name_ends_in_pattern(struct trial *t)
{
    strcat(t->path, "-XXXXXX");
    argue(t, "%s", t->path);
    strcpy(t->other, t->path);
}

static void pattern_before_suffix(struct trial *t)
{
    strcat(t->path, "-XXXXXX.c");
    argue(t, "%s", t->path);
    strcpy(t->other, t->path);
}

static bool is_empty(struct trial *t)
{
    return size_of(t->path) == 0;
}

/* The pattern is taken: and the caller's template was changed into it. */
static bool has_a_name(struct trial *t)
{
    return strcmp(t->path, t->other) != 0 && exists(t->path);
}

static void there_is_a_stream(struct trial *t)
{
    there_is_nothing(t);
    t->stream = fopen("/dev/null", "r");
}

static const struct world created = {"created", COUNTS, .prepare = may_create,
                                     .happened = path_is_there};
static const struct world emptied = {"emptied", COUNTS, .prepare = may_empty, .happened = is_empty};
static const struct world path_only = {"path-only", SILENT, .prepare = only_the_path};
static const struct world reopened = {"reopened", COUNTS, .prepare = there_is_a_stream,
                                      .happened = path_is_there};
static const struct world named = {"named", COUNTS, .prepare = name_ends_in_pattern,
                                   .happened = has_a_name};
static const struct world named_c = {"named", COUNTS, .prepare = pattern_before_suffix,
                                     .happened = has_a_name};
static const struct world unnamed = {"unnamed", COUNTS};

#define OPENED WORLDS(&created, &no_path, &path_only, &proc_path)

CASE(open, OPENED, keep(t, open(t->path, t->flags, 0600)))
CASE(open64, OPENED, keep(t, open64(t->path, t->flags, 0600)))
CASE(openat, OPENED, keep(t, openat(t->folder, t->name, t->flags, 0600)))
CASE(openat64, OPENED, keep(t, openat64(t->folder, t->name, t->flags, 0600)))
CASE(creat, WORLDS(&new_path, &no_path), keep(t, creat(t->path, 0600)))
CASE(creat64, WORLDS(&new_path, &no_path), keep(t, creat64(t->path, 0600)))
CASE(__open_2, WORLDS(&emptied, &no_path, &proc_path), keep(t, __open_2(t->path, t->flags)))
CASE(__open64_2, WORLDS(&emptied, &no_path, &proc_path), keep(t, __open64_2(t->path, t->flags)))
CASE(__openat_2, WORLDS(&emptied, &no_path, &proc_path),
     keep(t, __openat_2(t->folder, t->name, t->flags)))
CASE(__openat64_2, WORLDS(&emptied, &no_path, &proc_path),
     keep(t, __openat64_2(t->folder, t->name, t->flags)))
CASE(fopen, WORLDS(&new_path, &no_path), keep_stream(t, fopen(t->path, "w")))
CASE(fopen64, WORLDS(&new_path, &no_path), keep_stream(t, fopen64(t->path, "w")))
CASE(freopen, WORLDS(&reopened), keep_stream(t, freopen(t->path, "w", t->stream)))
CASE(freopen64, WORLDS(&reopened), keep_stream(t, freopen64(t->path, "w", t->stream)))
CASE(mkstemp, WORLDS(&named), keep(t, mkstemp(t->path)))
CASE(mkstemp64, WORLDS(&named), keep(t, mkstemp64(t->path)))
CASE(mkostemp, WORLDS(&named), keep(t, mkostemp(t->path, O_CLOEXEC)))
CASE(mkostemp64, WORLDS(&named), keep(t, mkostemp64(t->path, O_CLOEXEC)))
CASE(mkstemps, WORLDS(&named_c), keep(t, mkstemps(t->path, 2)))
CASE(mkstemps64, WORLDS(&named_c), keep(t, mkstemps64(t->path, 2)))
CASE(mkostemps, WORLDS(&named_c), keep(t, mkostemps(t->path, 2, O_CLOEXEC)))
CASE(mkostemps64, WORLDS(&named_c), keep(t, mkostemps64(t->path, 2, O_CLOEXEC)))
CASE(tmpfile, WORLDS(&unnamed), keep_stream(t, tmpfile()))
CASE(tmpfile64, WORLDS(&unnamed), keep_stream(t, tmpfile64()))

/* --- what descriptors lead to ------------------------------------------------------------------
 */

static void there_is_a_pipe(struct trial *t, int flags)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC | flags) != 0)
        abort();
    t->fd = ends[0];
    t->to = ends[1];
}

static void nothing_in_the_pipe(struct trial *t)
{
    there_is_a_pipe(t, 0);
    argue_fd(t, t->fd);
}

static void something_in_the_pipe(struct trial *t)
{
    there_is_a_pipe(t, O_NONBLOCK);
    if (write(t->to, "some", 4) != 4)
        abort();
}

static void something_in_a_blocking_pipe(struct trial *t)
{
    there_is_a_pipe(t, 0);
    if (write(t->to, "some", 4) != 4)
        abort();
}

static void write_to_it(struct trial *t)
{
    if (write(t->to, "some", 4) != 4)
        abort();
}

static void fill(int fd)
{
    static const char much[4096];
    fcntl(fd, F_SETFL, O_NONBLOCK);
    while (write(fd, much, sizeof much) > 0)
        continue;
    while (write(fd, much, 1) > 0)
        continue;
    fcntl(fd, F_SETFL, 0);
}

/* `fd` is what is written to. */
static void the_pipe_is_full(struct trial *t)
{
    there_is_a_pipe(t, 0);
    int reads = t->fd;
    t->fd = t->to;
    t->to = reads;
    fill(t->fd);
    argue_fd(t, t->fd);
}

static void room_in_the_pipe(struct trial *t)
{
    there_is_a_pipe(t, O_NONBLOCK);
    int reads = t->fd;
    t->fd = t->to;
    t->to = reads;
}

static void empty_it(struct trial *t)
{
    static char much[65536];
    if (read(t->to, much, sizeof much) <= 0)
        abort();
}

static void there_is_a_socket(struct trial *t)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        abort();
    t->fd = ends[0];
    t->to = ends[1];
    argue_fd(t, t->fd);
}

static void there_is_a_silent_socket(struct trial *t)
{
    there_is_a_socket(t);
    fcntl(t->fd, F_SETFL, O_NONBLOCK);
    write_to_it(t);
}

static void there_is_a_socket_with_data(struct trial *t)
{
    there_is_a_socket(t);
    write_to_it(t);
}

static void there_is_a_socket_that_gives_up(struct trial *t)
{
    struct timeval moment = {0, 2000};
    there_is_a_socket(t);
    setsockopt(t->fd, SOL_SOCKET, SO_RCVTIMEO, &moment, sizeof moment);
    t->error = EAGAIN;
}

static void there_is_a_datagram_socket(struct trial *t)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends) != 0)
        abort();
    t->fd = ends[0];
    t->to = ends[1];
    argue_fd(t, t->fd);
}

static void there_is_an_open_folder(struct trial *t)
{
    t->fd = open(every_folder, O_RDONLY | O_DIRECTORY);
    t->error = EISDIR;
}

static void folder_is_not_written(struct trial *t)
{
    there_is_an_open_folder(t);
    t->error = EBADF;
}

static bool nothing_is_left(struct trial *t)
{
    int count = -1;
    return ioctl(t->fd, FIONREAD, &count) == 0 && count == 0;
}

/* The file had "something\n" */
static bool file_has_changed(struct trial *t)
{
    char text[16] = "";
    int fd = open(t->path, O_RDONLY);
    ssize_t length = read(fd, text, sizeof text - 1);
    close(fd);
    return length != 10 || strcmp(text, "something\n") != 0;
}

static bool something_came(struct trial *t)
{
    int count = 0;
    return ioctl(t->to, FIONREAD, &count) == 0 && count > 0;
}

static void closed_already(struct trial *t)
{
    t->error = EBADF;
}

static void there_is_a_file_in_non_blocking_mode(struct trial *t)
{
    there_is_an_open_file(t);
    fcntl(t->fd, F_SETFL, O_NONBLOCK);
}

#define READS(verdict_, prepare_)                                                                  \
    .verdict = verdict_, .prepare = prepare_, .happened = buffer_is_filled
static const struct world file_read = {"file", READS(IF_SLOW, there_is_an_open_file)};
static const struct world file_read_anyway = {"non-blocking-file",
                                              READS(IF_SLOW, there_is_a_file_in_non_blocking_mode)};
static const struct world empty_pipe = {"empty-pipe", COUNTS, .prepare = nothing_in_the_pipe,
                                        .meanwhile = write_to_it, .happened = nothing_is_left};
static const struct world silent_pipe = {"non-blocking-pipe", READS(SILENT, something_in_the_pipe)};
static const struct world ready_pipe = {"pipe-with-data",
                                        READS(SILENT, something_in_a_blocking_pipe)};
static const struct world empty_socket = {"empty-socket",           COUNTS,
                                          .rule = "recv",           .prepare = there_is_a_socket,
                                          .meanwhile = write_to_it, .happened = nothing_is_left};
static const struct world said_socket = {"socket-with-data", COUNTS, .rule = "recv",
                                         .prepare = there_is_a_socket_with_data,
                                         .happened = nothing_is_left};
static const struct world limited_socket = {"socket-with-timeout", COUNTS, .rule = "recv",
                                            .prepare = there_is_a_socket_that_gives_up};
static const struct world silent_socket = {"non-blocking-socket",
                                           READS(SILENT, there_is_a_silent_socket)};
static const struct world folder_read = {"folder", SILENT, .prepare = there_is_an_open_folder};
static const struct world closed = {"closed", SILENT, .prepare = closed_already};

static const struct world file_written = {"file", IF_SLOW, .prepare = there_is_an_open_file,
                                          .happened = file_has_changed};
static const struct world file_written_anyway = {"non-blocking-file", IF_SLOW,
                                                 .prepare = there_is_a_file_in_non_blocking_mode,
                                                 .happened = file_has_changed};
static const struct world full_pipe = {"full-pipe",
                                       IF_SLOW,
                                       true,
                                       .prepare = the_pipe_is_full,
                                       .meanwhile = empty_it,
                                       .happened = something_came};
static const struct world quick_pipe = {"non-blocking-pipe", SILENT, .prepare = room_in_the_pipe,
                                        .happened = something_came};
static const struct world socket_written = {
    "socket", COUNTS, .rule = "send", .prepare = there_is_a_socket, .happened = something_came};
static const struct world datagram_written = {"datagram", IF_SLOW, .rule = "send",
                                              .prepare = there_is_a_datagram_socket,
                                              .happened = something_came};
static const struct world socket_not_waited = {
    "non-blocking-socket", SILENT, .prepare = there_is_a_silent_socket, .happened = something_came};
static const struct world folder_written = {"folder", SILENT, .prepare = folder_is_not_written};

#define READ                                                                                       \
    WORLDS(&file_read, &file_read_anyway, &empty_pipe, &ready_pipe, &silent_pipe, &empty_socket,   \
           &said_socket, &limited_socket, &silent_socket, &folder_read, &closed)
#define READ_AT WORLDS(&file_read, &folder_read, &closed)
#define WRITTEN                                                                                    \
    WORLDS(&file_written, &file_written_anyway, &full_pipe, &quick_pipe, &socket_written,          \
           &datagram_written, &socket_not_waited, &folder_written, &closed)
#define WRITTEN_AT WORLDS(&file_written, &folder_written, &closed)

CASE(read, READ, read(t->fd, t->buffer, 4))
CASE(readv, READ, readv(t->fd, &t->part, 1))
CASE(__read_chk, READ, __read_chk(t->fd, t->buffer, 4, sizeof t->buffer))
CASE(pread, READ_AT, pread(t->fd, t->buffer, 4, 2))
CASE(pread64, READ_AT, pread64(t->fd, t->buffer, 4, 2))
CASE(__pread_chk, READ_AT, __pread_chk(t->fd, t->buffer, 4, 2, sizeof t->buffer))
CASE(__pread64_chk, READ_AT, __pread64_chk(t->fd, t->buffer, 4, 2, sizeof t->buffer))
CASE(preadv, READ_AT, preadv(t->fd, &t->part, 1, 2))
CASE(preadv64, READ_AT, preadv64(t->fd, &t->part, 1, 2))

/* RWF_NOWAIT does not wait, whatever it reads. */
static void not_now(struct trial *t)
{
    there_is_a_socket(t);
    t->flags = RWF_NOWAIT;
    t->error = EAGAIN;
}

static const struct world without_waiting = {"without-waiting", SILENT, .prepare = not_now};
CASE(preadv2, WORLDS(&file_read, &empty_pipe, &silent_pipe, &without_waiting, &folder_read),
     preadv2(t->fd, &t->part, 1, -1, t->flags))
CASE(preadv64v2, WORLDS(&file_read, &empty_pipe, &silent_pipe, &without_waiting, &folder_read),
     preadv64v2(t->fd, &t->part, 1, -1, t->flags))

static void not_now_either(struct trial *t)
{
    the_pipe_is_full(t);
    t->flags = RWF_NOWAIT;
    t->error = EAGAIN;
}

static const struct world written_now = {"without-waiting", SILENT, .prepare = not_now_either};
#define WRITTEN_BY_FLAGS                                                                           \
    WORLDS(&file_written, &full_pipe, &quick_pipe, &socket_written, &folder_written, &written_now)

CASE(write, WRITTEN, write(t->fd, t->buffer, 4))
CASE(writev, WRITTEN, writev(t->fd, &t->part, 1))
CASE(pwrite, WRITTEN_AT, pwrite(t->fd, t->buffer, 4, 2))
CASE(pwrite64, WRITTEN_AT, pwrite64(t->fd, t->buffer, 4, 2))
CASE(pwritev, WRITTEN_AT, pwritev(t->fd, &t->part, 1, 2))
CASE(pwritev64, WRITTEN_AT, pwritev64(t->fd, &t->part, 1, 2))
CASE(pwritev2, WRITTEN_BY_FLAGS, pwritev2(t->fd, &t->part, 1, -1, t->flags))
CASE(pwritev64v2, WRITTEN_BY_FLAGS, pwritev64v2(t->fd, &t->part, 1, -1, t->flags))

/* --- streams -----------------------------------------------------------------------------------
 */

static void there_is_a_file_stream(struct trial *t)
{
    there_is_a_file(t);
    t->stream = fopen(t->path, "r+");
}

static void something_is_buffered(struct trial *t)
{
    there_is_a_file_stream(t);
    fputs("other", t->stream);
}

static void an_empty_pipe_stream(struct trial *t)
{
    nothing_in_the_pipe(t);
    t->stream = fdopen(t->fd, "r");
}

static void an_empty_socket_stream(struct trial *t)
{
    there_is_a_socket(t);
    t->stream = fdopen(t->fd, "r");
}

static void a_socket_stream_to_flush(struct trial *t)
{
    there_is_a_socket(t);
    t->stream = fdopen(t->fd, "w");
    fputs("other", t->stream);
}

static void write_a_line(struct trial *t)
{
    if (write(t->to, "line\n", 5) != 5)
        abort();
    close(t->to); /* fread() waits for its whole size */
    t->to = -1;
}

static bool buffered_has_come(struct trial *t)
{
    fflush(t->stream);
    return file_has_changed(t);
}

static void close_stream(struct trial *t)
{
    fclose(t->stream);
    t->fd = -1;
}

static const struct world stream_read = {"file", READS(IF_SLOW, there_is_a_file_stream),
                                         .clean = close_stream};
static const struct world pipe_stream = {"empty-pipe",
                                         IF_SLOW,
                                         true,
                                         .prepare = an_empty_pipe_stream,
                                         .meanwhile = write_a_line,
                                         .happened = buffer_is_filled,
                                         .clean = close_stream};
static const struct world socket_stream = {"empty-socket",
                                           COUNTS,
                                           true,
                                           .rule = "recv",
                                           .prepare = an_empty_socket_stream,
                                           .meanwhile = write_a_line,
                                           .happened = buffer_is_filled,
                                           .clean = close_stream};
static const struct world socket_flushed = {"socket",
                                            COUNTS,
                                            .rule = "send",
                                            .prepare = a_socket_stream_to_flush,
                                            .happened = something_came,
                                            .clean = close_stream};
static const struct world stream_written = {"file", IF_SLOW, .prepare = there_is_a_file_stream,
                                            .happened = buffered_has_come, .clean = close_stream};
static const struct world stream_flushed = {"file", IF_SLOW, .prepare = something_is_buffered,
                                            .happened = file_has_changed, .clean = close_stream};
static void closing_is_numbered(struct trial *t)
{
    something_is_buffered(t);
    argue(t, "%d", fileno(t->stream));
}

static const struct world stream_closed = {"file", IF_SLOW, .prepare = closing_is_numbered,
                                           .happened = file_has_changed};
/* A stream without a descriptor waits for nobody. */
static char memory[32];

static void text_in_memory(struct trial *t)
{
    strcpy(memory, "something\n");
    t->stream = fmemopen(memory, strlen(memory), "r");
}

static void room_in_memory(struct trial *t)
{
    memset(memory, 0, sizeof memory);
    t->stream = fmemopen(memory, sizeof memory, "w");
}

static void written_in_memory(struct trial *t)
{
    room_in_memory(t);
    fputs("other", t->stream);
}

static bool memory_has_come(struct trial *t)
{
    fflush(t->stream);
    return memory[0] != 0;
}

static bool memory_is_left(struct trial *t)
{
    (void)t;
    return memory[0] != 0;
}

/* Where the next character is there already, or has room. */
static void next_is_buffered(struct trial *t)
{
    there_is_a_file_stream(t);
    ungetc(getc(t->stream), t->stream);
}

static void room_is_left(struct trial *t)
{
    there_is_a_file_stream(t);
    putc('x', t->stream);
}

static const struct world memory_read = {"memory", READS(SILENT, text_in_memory),
                                         .clean = close_stream};
static const struct world memory_written = {"memory", SILENT, .prepare = room_in_memory,
                                            .happened = memory_has_come, .clean = close_stream};
static const struct world memory_flushed = {"memory", SILENT, .prepare = written_in_memory,
                                            .happened = memory_is_left, .clean = close_stream};
static const struct world memory_closed = {"memory", SILENT, .prepare = written_in_memory,
                                           .happened = memory_is_left};
static const struct world next_read = {"buffered", READS(SILENT, next_is_buffered),
                                       .clean = close_stream};
static const struct world next_written = {"buffered", SILENT, .prepare = room_is_left,
                                          .happened = buffered_has_come, .clean = close_stream};
#define STREAM_READ WORLDS(&stream_read, &pipe_stream, &socket_stream, &memory_read)
#define CHARACTER_READ WORLDS(&stream_read, &pipe_stream, &socket_stream, &memory_read, &next_read)
#define STREAM_WRITTEN WORLDS(&stream_written, &memory_written)
#define CHARACTER_WRITTEN WORLDS(&stream_written, &memory_written, &next_written)

/* A character is put where buffers are looked at. */
static int put(struct trial *t, int character)
{
    if (character != EOF)
        t->buffer[0] = (char)character;
    return character;
}

static long put_line(struct trial *t, char *line, ssize_t length)
{
    if (length > 0)
        memcpy(t->buffer, line, (size_t)length);
    free(line);
    return length;
}

static ssize_t line_of(struct trial *t)
{
    char *line = NULL;
    size_t size = 0;
    ssize_t length = getline(&line, &size, t->stream);
    return put_line(t, line, length);
}

/* A function for each, since reports name the one that calls. */
#define PART_OF(get)                                                                               \
    static ssize_t part_by_##get(struct trial *t)                                                  \
    {                                                                                              \
        char *line = NULL;                                                                         \
        size_t size = 0;                                                                           \
        ssize_t length = get(&line, &size, 'e', t->stream);                                        \
        return put_line(t, line, length);                                                          \
    }

PART_OF(getdelim)
PART_OF(__getdelim)

static int formatted(struct trial *t, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    int result = vfprintf(t->stream, format, list);
    va_end(list);
    return result;
}

CASE(fread, STREAM_READ, fread(t->buffer, 1, 4, t->stream))
CASE(__fread_chk, STREAM_READ, __fread_chk(t->buffer, sizeof t->buffer, 1, 4, t->stream))
CASE(fgets, STREAM_READ, fgets(t->buffer, 16, t->stream) != NULL)
CASE(__fgets_chk, STREAM_READ, __fgets_chk(t->buffer, sizeof t->buffer, 16, t->stream) != NULL)
CASE(getline, STREAM_READ, line_of(t))
CASE(getdelim, STREAM_READ, part_by_getdelim(t))
CASE(__getdelim, STREAM_READ, part_by___getdelim(t))
CASE(__uflow, STREAM_READ, put(t, __uflow(t->stream)))
CASE(fgetc, CHARACTER_READ, put(t, (fgetc)(t->stream)))
CASE(getc, CHARACTER_READ, put(t, (getc)(t->stream)))
CASE(fwrite, STREAM_WRITTEN, fwrite("other", 1, 5, t->stream))
CASE(fputs, STREAM_WRITTEN, fputs("other", t->stream))
CASE(__overflow, STREAM_WRITTEN, __overflow(t->stream, 'o'))
CASE(vfprintf, STREAM_WRITTEN, formatted(t, "%s %d", "other", 7))
CASE(fflush, WORLDS(&stream_flushed, &socket_flushed, &memory_flushed), fflush(t->stream))
CASE(fread_unlocked, STREAM_READ, fread_unlocked(t->buffer, 1, 4, t->stream))
CASE(__fread_unlocked_chk, STREAM_READ,
     __fread_unlocked_chk(t->buffer, sizeof t->buffer, 1, 4, t->stream))
CASE(fgets_unlocked, STREAM_READ, fgets_unlocked(t->buffer, 16, t->stream) != NULL)
CASE(__fgets_unlocked_chk, STREAM_READ,
     __fgets_unlocked_chk(t->buffer, sizeof t->buffer, 16, t->stream) != NULL)
CASE(fgetc_unlocked, CHARACTER_READ, put(t, (fgetc_unlocked)(t->stream)))
CASE(getc_unlocked, CHARACTER_READ, put(t, (getc_unlocked)(t->stream)))
CASE(_IO_getc, CHARACTER_READ, put(t, _IO_getc(t->stream)))
CASE(fwrite_unlocked, STREAM_WRITTEN, fwrite_unlocked("other", 1, 5, t->stream))
CASE(fputs_unlocked, STREAM_WRITTEN, fputs_unlocked("other", t->stream))
CASE(fputc, CHARACTER_WRITTEN, (fputc)('o', t->stream))
CASE(putc, CHARACTER_WRITTEN, (putc)('o', t->stream))
CASE(fputc_unlocked, CHARACTER_WRITTEN, (fputc_unlocked)('o', t->stream))
CASE(putc_unlocked, CHARACTER_WRITTEN, (putc_unlocked)('o', t->stream))
CASE(_IO_putc, CHARACTER_WRITTEN, _IO_putc('o', t->stream))
CASE(fflush_unlocked, WORLDS(&stream_flushed, &socket_flushed, &memory_flushed),
     fflush_unlocked(t->stream))

/* Wide ones, which streams of fmemopen() can not be: a letter is the same in both. */
#define WIDE_BUFFER ((wchar_t *)(void *)t->buffer)
#define WIDE_READ WORLDS(&stream_read, &pipe_stream, &socket_stream)
#define WIDE_WRITTEN WORLDS(&stream_written)

static long put_wide(struct trial *t, wint_t character)
{
    if (character != WEOF)
        t->buffer[0] = (char)character;
    return (long)character;
}

CASE(fgetwc, WIDE_READ, put_wide(t, (fgetwc)(t->stream)))
CASE(getwc, WIDE_READ, put_wide(t, (getwc)(t->stream)))
CASE(fgetws, WIDE_READ, fgetws(WIDE_BUFFER, 16, t->stream) != NULL)
CASE(__fgetws_chk, WIDE_READ, __fgetws_chk(WIDE_BUFFER, 64, 16, t->stream) != NULL)
CASE(fputwc, WIDE_WRITTEN, (fputwc)(L'o', t->stream))
CASE(putwc, WIDE_WRITTEN, (putwc)(L'o', t->stream))
CASE(fputws, WIDE_WRITTEN, fputws(L"other", t->stream))
CASE(fwprintf, WIDE_WRITTEN, fwprintf(t->stream, L"%s %d %g", "other", 7, 0.5))

/* With arguments of every kind, some of which are not in registers. */
#define FORMAT "%s %d %d %d %d %d %g"
#define WORDS "other", 1, 2, 3, 4, 5, 0.5
CASE(fprintf, STREAM_WRITTEN, fprintf(t->stream, FORMAT, WORDS))
CASE(__fprintf_chk, STREAM_WRITTEN, __fprintf_chk(t->stream, 1, FORMAT, WORDS))
CASE(dprintf, WRITTEN, dprintf(t->fd, "%d%g", 7, 0.5))
CASE(__dprintf_chk, WRITTEN, __dprintf_chk(t->fd, 1, "%d%g", 7, 0.5))

typedef int listed(struct trial *t, const char *format, va_list list);

static int by_list(struct trial *t, listed *function, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    int result = function(t, format, list);
    va_end(list);
    return result;
}

/* Where the C library does not have them, nobody calls them, and their elder sisters are called in
 * their place. */
static bool has_newer(void)
{
    int major = 0;
    int minor = 0;
    sscanf(gnu_get_libc_version(), "%d.%d", &major, &minor);
    return major > 2 || minor >= 38;
}

#define NEWER(name) (has_newer() ? __isoc23_##name : __isoc99_##name)

/* NAME(t, format, list) is the call with those arguments. */
#define LISTED(name, ...)                                                                          \
    static int name(struct trial *t, const char *format, va_list list)                             \
    {                                                                                              \
        return (void)t, __VA_ARGS__;                                                               \
    }

LISTED(listed_chk, __vfprintf_chk(t->stream, 1, format, list))
LISTED(listed_fd, vdprintf(t->fd, format, list))
LISTED(listed_fd_chk, __vdprintf_chk(t->fd, 1, format, list))
LISTED(listed_output, vprintf(format, list))
LISTED(listed_output_chk, __vprintf_chk(1, format, list))
LISTED(listed_wide, ((void)format, vfwprintf(t->stream, L"%s %d", list)))
LISTED(listed_wide_chk, ((void)format, __vfwprintf_chk(t->stream, 1, L"%s %d", list)))
LISTED(listed_scan, old_vfscanf(t->stream, format, list))
LISTED(listed_scan_99, __isoc99_vfscanf(t->stream, format, list))
LISTED(listed_input, old_vscanf(format, list))
LISTED(listed_scan_23, NEWER(vfscanf)(t->stream, format, list))
LISTED(listed_input_23, NEWER(vscanf)(format, list))
LISTED(listed_input_99, __isoc99_vscanf(format, list))
CASE(__vfprintf_chk, STREAM_WRITTEN, by_list(t, listed_chk, FORMAT, WORDS))
CASE(vdprintf, WRITTEN, by_list(t, listed_fd, "%d%g", 7, 0.5))
CASE(__vdprintf_chk, WRITTEN, by_list(t, listed_fd_chk, "%d%g", 7, 0.5))
CASE(__fwprintf_chk, WIDE_WRITTEN, __fwprintf_chk(t->stream, 1, L"%s %d %g", "other", 7, 0.5))
CASE(__vfwprintf_chk, WIDE_WRITTEN, by_list(t, listed_wide_chk, "", "other", 7))
CASE(vfwprintf, WIDE_WRITTEN, by_list(t, listed_wide, "", "other", 7))

CASE(fscanf, STREAM_READ, old_fscanf(t->stream, "%3s", t->buffer))
CASE(__isoc99_fscanf, STREAM_READ, __isoc99_fscanf(t->stream, "%3s", t->buffer))
CASE(__isoc23_fscanf, STREAM_READ, NEWER(fscanf)(t->stream, "%3s", t->buffer))
CASE(__isoc23_vfscanf, STREAM_READ, by_list(t, listed_scan_23, "%3s", t->buffer))
CASE(vfscanf, STREAM_READ, by_list(t, listed_scan, "%3s", t->buffer))
CASE(__isoc99_vfscanf, STREAM_READ, by_list(t, listed_scan_99, "%3s", t->buffer))

/* --- places in streams: what is buffered goes out */

static fpos_t position;
static fpos64_t position64;

static void a_place_is_known(struct trial *t)
{
    something_is_buffered(t);
    fgetpos(t->stream, &position);
    fgetpos64(t->stream, &position64);
}

static const struct world placed = {"file", IF_SLOW, .prepare = a_place_is_known,
                                    .happened = file_has_changed, .clean = close_stream};
static const struct world memory_placed = {"memory", SILENT, .prepare = written_in_memory,
                                           .happened = memory_is_left, .clean = close_stream};
#define PLACED WORLDS(&placed, &memory_placed)
CASE(fseek, PLACED, fseek(t->stream, 0, SEEK_SET))
CASE(fseeko, PLACED, fseeko(t->stream, 0, SEEK_SET))
CASE(fseeko64, PLACED, fseeko64(t->stream, 0, SEEK_SET))
CASE(rewind, PLACED, (rewind(t->stream), 0))
CASE(fsetpos, WORLDS(&placed), fsetpos(t->stream, &position))
CASE(fsetpos64, WORLDS(&placed), fsetpos64(t->stream, &position64))

/* A command's stream waits for its end. */
static void a_command_goes_on(struct trial *t)
{
    t->stream = popen("cat >/dev/null; sleep 0.05", "w");
    argue(t, "%d", fileno(t->stream));
}

static const struct world command_closed = {"command", IF_SLOW, true, .prepare = a_command_goes_on};
CASE(fclose, WORLDS(&stream_closed, &memory_closed, &command_closed), fclose(t->stream))

/* --- standard streams */

static void input_is_a_file(struct trial *t)
{
    there_is_a_file(t);
    if (!freopen(t->path, "r", stdin))
        abort();
}

static void input_is_buffered(struct trial *t)
{
    input_is_a_file(t);
    ungetc(getc(stdin), stdin);
}

static const struct world input = {"file", READS(IF_SLOW, input_is_a_file)};
static const struct world input_next = {"buffered", READS(SILENT, input_is_buffered)};
CASE(getchar, WORLDS(&input, &input_next), put(t, (getchar)()))
CASE(getchar_unlocked, WORLDS(&input, &input_next), put(t, (getchar_unlocked)()))
CASE(scanf, WORLDS(&input), old_scanf("%3s", t->buffer))
CASE(__isoc99_scanf, WORLDS(&input), __isoc99_scanf("%3s", t->buffer))
CASE(__isoc23_scanf, WORLDS(&input), NEWER(scanf)("%3s", t->buffer))
CASE(__isoc23_vscanf, WORLDS(&input), by_list(t, listed_input_23, "%3s", t->buffer))
CASE(vscanf, WORLDS(&input), by_list(t, listed_input, "%3s", t->buffer))
CASE(__isoc99_vscanf, WORLDS(&input), by_list(t, listed_input_99, "%3s", t->buffer))

static int errors_before;

static void errors_go_to_a_file(struct trial *t)
{
    there_is_an_open_file(t);
    errors_before = dup(STDERR_FILENO);
    if (dup2(t->fd, STDERR_FILENO) < 0)
        abort();
}

static void errors_go_back(struct trial *t)
{
    (void)t;
    dup2(errors_before, STDERR_FILENO);
    close(errors_before);
}

static const struct world errors = {"file", IF_SLOW, .prepare = errors_go_to_a_file,
                                    .happened = file_has_changed, .clean = errors_go_back};
CASE(perror, WORLDS(&errors), (perror("a longer text than before"), 0))

static void output_is_a_file(struct trial *t)
{
    fflush(stdout);
    argue(t, "%s/stdout", every_folder);
    t->flags = (int)ftell(stdout);
}

static bool output_has_grown(struct trial *t)
{
    fflush(stdout);
    return ftell(stdout) > t->flags;
}

static const struct world output = {"file", IF_SLOW, .prepare = output_is_a_file,
                                    .happened = output_has_grown};

static void output_is_full(struct trial *t)
{
    output_is_a_file(t);
    while (stdout->_IO_write_ptr < stdout->_IO_write_end)
        putchar('x');
    t->flags = (int)ftell(stdout);
}

static void output_has_room(struct trial *t)
{
    fflush(stdout);
    putchar('x');
    t->flags = (int)ftell(stdout);
}

static const struct world full_output = {"full", IF_SLOW, .prepare = output_is_full,
                                         .happened = output_has_grown};
static const struct world some_output = {"room", SILENT, .prepare = output_has_room,
                                         .happened = output_has_grown};
CASE(puts, WORLDS(&output), puts("other") >= 0)
CASE(putchar, WORLDS(&full_output, &some_output), (putchar)('o'))
CASE(putchar_unlocked, WORLDS(&full_output, &some_output), (putchar_unlocked)('o'))
CASE(printf, WORLDS(&output), printf(FORMAT, WORDS))
CASE(__printf_chk, WORLDS(&output), __printf_chk(1, FORMAT, WORDS))
CASE(vprintf, WORLDS(&output), by_list(t, listed_output, FORMAT, WORDS))
CASE(__vprintf_chk, WORLDS(&output), by_list(t, listed_output_chk, FORMAT, WORDS))

/* --- syncs, sizes, copies ----------------------------------------------------------------------
 */

static const struct world file_synced = {"file", COUNTS, .prepare = there_is_an_open_file};
CASE(fsync, WORLDS(&file_synced), fsync(t->fd))
CASE(fdatasync, WORLDS(&file_synced), fdatasync(t->fd))
CASE(syncfs, WORLDS(&file_synced), syncfs(t->fd))

/* Only that nothing is there: the rest needs rights that tests do not have everywhere. */
static void nothing_to_mount(struct trial *t)
{
    there_is_nothing(t);
    t->error = ENOENT;
}

static const struct world not_mounted = {"not-there", COUNTS, .prepare = nothing_to_mount};
CASE(umount, WORLDS(&not_mounted, &no_path), umount(t->path))
CASE(umount2, WORLDS(&not_mounted, &no_path), umount2(t->path, 0))
CASE(mount, WORLDS(&not_mounted, &no_path), mount("none", t->path, "tmpfs", 0, NULL))

static const struct world everything = {"everything", COUNTS};
CASE(sync, WORLDS(&everything), (sync(), 0))

static char *mapped;

static void there_is_a_mapping(struct trial *t)
{
    there_is_an_open_file(t);
    mapped = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, t->fd, 0);
    if (mapped == MAP_FAILED)
        abort();
    mapped[0] = 'S';
    t->argument[0] = '\0';
    t->flags = MS_SYNC;
}

static void synced_later(struct trial *t)
{
    there_is_a_mapping(t);
    t->flags = MS_ASYNC;
}

static void unmap(struct trial *t)
{
    (void)t;
    munmap(mapped, 4096);
}

static void range_awaited(struct trial *t)
{
    there_is_an_open_file(t);
    t->flags = SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
}

static void range_started(struct trial *t)
{
    there_is_an_open_file(t);
    t->flags = SYNC_FILE_RANGE_WRITE;
}

static const struct world mapping = {"mapping", COUNTS, .prepare = there_is_a_mapping,
                                     .clean = unmap};
static const struct world mapping_async = {"async", SILENT, .prepare = synced_later,
                                           .clean = unmap};
static const struct world range = {"awaited", COUNTS, .prepare = range_awaited};
static const struct world range_async = {"started", IF_SLOW, .prepare = range_started};
CASE(msync, WORLDS(&mapping, &mapping_async), msync(mapped, 4096, t->flags))
CASE(sync_file_range, WORLDS(&range, &range_async),
     sync_file_range(t->fd, 0, 0, (unsigned)t->flags))

/* From `fd` to `to`, which is the file `other`. */
static void there_are_two_files(struct trial *t)
{
    there_is_an_open_file(t);
    t->to = open(t->other, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
}

static void a_file_and_a_pipe(struct trial *t)
{
    int ends[2];
    there_is_an_open_file(t);
    if (pipe2(ends, O_CLOEXEC) != 0)
        abort();
    t->to = ends[1];
    t->got = ends[0];
}

static bool other_is_filled(struct trial *t)
{
    return size_of(t->other) > 0;
}

static bool pipe_is_filled(struct trial *t)
{
    int count = 0;
    return ioctl(t->got, FIONREAD, &count) == 0 && count > 0;
}

static const struct world copied = {"files", IF_SLOW, .prepare = there_are_two_files,
                                    .happened = other_is_filled};
static const struct world spliced = {"file-and-pipe", IF_SLOW, .prepare = a_file_and_a_pipe,
                                     .happened = pipe_is_filled};
static void a_file_and_a_socket(struct trial *t)
{
    int ends[2];
    there_is_an_open_file(t);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        abort();
    t->to = ends[1];
    t->got = ends[0];
}

static void a_file_and_a_non_blocking_socket(struct trial *t)
{
    a_file_and_a_socket(t);
    fcntl(t->to, F_SETFL, O_NONBLOCK);
}

static void a_socket_and_a_pipe(struct trial *t)
{
    int ends[2];
    there_is_a_socket(t);
    if (write(t->to, "something", 9) != 9 || pipe2(ends, O_CLOEXEC) != 0)
        abort();
    t->to = ends[1];
    t->got = ends[0];
}

static const struct world sent_to_socket = {"file-and-socket", COUNTS, .rule = "send",
                                            .prepare = a_file_and_a_socket,
                                            .happened = pipe_is_filled};
static const struct world sent_without_waiting = {"file-and-non-blocking-socket", IF_SLOW,
                                                  .prepare = a_file_and_a_non_blocking_socket,
                                                  .happened = pipe_is_filled};
static const struct world spliced_from_socket = {"socket-and-pipe", COUNTS, .rule = "recv",
                                                 .prepare = a_socket_and_a_pipe,
                                                 .happened = pipe_is_filled};
#define SENT_FILE WORLDS(&copied, &sent_to_socket, &sent_without_waiting)
CASE(sendfile, SENT_FILE, sendfile(t->to, t->fd, NULL, 4))
CASE(sendfile64, SENT_FILE, sendfile64(t->to, t->fd, NULL, 4))
CASE(copy_file_range, WORLDS(&copied), copy_file_range(t->fd, NULL, t->to, NULL, 4, 0))
CASE(splice, WORLDS(&spliced, &spliced_from_socket), splice(t->fd, NULL, t->to, NULL, 4, 0))

/* From one pipe, in which there is something, to another one. */
static void two_pipes(struct trial *t)
{
    int ends[2];
    something_in_a_blocking_pipe(t);
    close(t->to);
    if (pipe2(ends, O_CLOEXEC) != 0)
        abort();
    t->to = ends[1];
    t->got = ends[0];
    argue_fd(t, t->fd);
}

static void two_pipes_now(struct trial *t)
{
    two_pipes(t);
    t->flags = SPLICE_F_NONBLOCK;
}

static void pipe_with_room(struct trial *t)
{
    there_is_a_pipe(t, 0);
    int reads = t->fd;
    t->fd = t->to;
    t->to = reads;
    argue_fd(t, t->fd);
}

static void pipe_with_room_now(struct trial *t)
{
    pipe_with_room(t);
    t->flags = SPLICE_F_NONBLOCK;
}

static void asked_to_read_ahead(struct trial *t)
{
    there_is_an_open_file(t);
    t->flags = POSIX_FADV_WILLNEED;
}

static void told_of_order(struct trial *t)
{
    there_is_an_open_file(t);
    t->flags = POSIX_FADV_RANDOM;
}

static const struct world teed = {"pipes", IF_SLOW, .prepare = two_pipes,
                                  .happened = pipe_is_filled};
static const struct world teed_now = {"nonblock", SILENT, .prepare = two_pipes_now,
                                      .happened = pipe_is_filled};
static const struct world memory_spliced = {"pipe", IF_SLOW, .prepare = pipe_with_room,
                                            .happened = something_came};
static const struct world memory_spliced_now = {"nonblock", SILENT, .prepare = pipe_with_room_now,
                                                .happened = something_came};
static const struct world read_ahead = {"ahead", IF_SLOW, .prepare = asked_to_read_ahead};
static const struct world ordered = {"order", SILENT, .prepare = told_of_order};
CASE(tee, WORLDS(&teed, &teed_now), tee(t->fd, t->to, 4, (unsigned)t->flags))
CASE(vmsplice, WORLDS(&memory_spliced, &memory_spliced_now),
     vmsplice(t->fd, &t->part, 1, (unsigned)t->flags))
CASE(readahead, WORLDS(&read_ahead), readahead(t->fd, 0, 10))
CASE(posix_fadvise, WORLDS(&read_ahead, &ordered), posix_fadvise(t->fd, 0, 10, t->flags))
CASE(posix_fadvise64, WORLDS(&read_ahead, &ordered), posix_fadvise64(t->fd, 0, 10, t->flags))

static void no_size(struct trial *t)
{
    there_is_a_pipe(t, 0);
    t->error = EINVAL;
}

static void no_blocks(struct trial *t)
{
    room_in_the_pipe(t);
    t->error = ESPIPE;
}

static bool size_has_changed(struct trial *t)
{
    return size_of(t->path) != 10;
}

static void no_blocks_by_value(struct trial *t)
{
    there_is_a_pipe(t, 0);
}

static const struct world path_sized = {"path", COUNTS, .prepare = there_is_a_file,
                                        .happened = size_has_changed};
static const struct world file_sized = {"file", COUNTS, .prepare = there_is_an_open_file,
                                        .happened = size_has_changed};
static const struct world pipe_sized = {"pipe", SILENT, .prepare = no_size};
static const struct world pipe_allocated = {"pipe", SILENT, .prepare = no_blocks};
static const struct world pipe_by_value = {"pipe", SILENT, .prepare = no_blocks_by_value};
CASE(truncate, WORLDS(&path_sized, &no_path), truncate(t->path, 4))
CASE(truncate64, WORLDS(&path_sized, &no_path), truncate64(t->path, 4))
CASE(ftruncate, WORLDS(&file_sized, &pipe_sized), ftruncate(t->fd, 4))
CASE(ftruncate64, WORLDS(&file_sized, &pipe_sized), ftruncate64(t->fd, 4))
CASE(fallocate, WORLDS(&file_sized, &pipe_allocated), fallocate(t->fd, 0, 0, 100))
CASE(fallocate64, WORLDS(&file_sized, &pipe_allocated), fallocate64(t->fd, 0, 0, 100))
CASE(posix_fallocate, WORLDS(&file_sized, &pipe_by_value), posix_fallocate(t->fd, 0, 100))
CASE(posix_fallocate64, WORLDS(&file_sized, &pipe_by_value), posix_fallocate64(t->fd, 0, 100))

static void number_is_told(struct trial *t)
{
    there_is_an_open_file(t);
    argue(t, "%d", t->fd);
}

static bool fd_is_closed(struct trial *t)
{
    bool is_closed = fcntl(t->fd, F_GETFD) < 0;
    if (is_closed)
        t->fd = -1;
    return is_closed;
}

static const struct world to_be_closed = {"file", IF_SLOW, .prepare = number_is_told,
                                          .happened = fd_is_closed};
CASE(close, WORLDS(&to_be_closed), close(t->fd))

static void one_replaces_the_other(struct trial *t)
{
    there_are_two_files(t);
    argue(t, "%d", t->to);
}

static bool both_are_one(struct trial *t)
{
    char one[LONGEST];
    argue_fd(t, t->fd);
    strcpy(one, t->argument);
    argue_fd(t, t->to);
    bool same = strcmp(one, t->argument) == 0;
    argue(t, "%d", t->to);
    return same;
}

/* Above all that the program has. */
static void the_last_is_open(struct trial *t)
{
    there_is_an_open_file(t);
    int last = fcntl(t->fd, F_DUPFD_CLOEXEC, 500);
    close(t->fd);
    t->fd = last;
    argue(t, "%d", t->fd);
}

static const struct world replaced = {"file", IF_SLOW, .prepare = one_replaces_the_other,
                                      .happened = both_are_one};
static const struct world last_closed = {"file", IF_SLOW, .prepare = the_last_is_open,
                                         .happened = fd_is_closed};
CASE(dup2, WORLDS(&replaced), dup2(t->fd, t->to) == t->to ? 0 : -1)
CASE(dup3, WORLDS(&replaced), dup3(t->fd, t->to, O_CLOEXEC) == t->to ? 0 : -1)
CASE(close_range, WORLDS(&last_closed), close_range((unsigned)t->fd, (unsigned)t->fd, 0))
CASE(closefrom, WORLDS(&last_closed), (closefrom(t->fd), 0))

/* Handles: what the file system and our rights allow is tried first. */
static struct {
    struct file_handle head;
    unsigned char bytes[MAX_HANDLE_SZ];
} handle;
static int mount_id;

static int name_handle(const struct trial *t)
{
    handle.head.handle_bytes = MAX_HANDLE_SZ;
    return name_to_handle_at(t->folder, t->name, &handle.head, &mount_id, 0);
}

static void may_have_a_handle(struct trial *t)
{
    there_is_a_file(t);
    if (name_handle(t) != 0)
        t->error = errno;
}

static void may_be_opened_by_handle(struct trial *t)
{
    may_have_a_handle(t);
    int fd = open_by_handle_at(t->folder, &handle.head, O_RDONLY);
    t->error = fd < 0 ? errno : 0;
    close(fd);
    argue_fd(t, t->folder);
}

static const struct world named_by_handle = {"named", COUNTS, .prepare = may_have_a_handle};
static const struct world opened_by_handle = {"opened", COUNTS, .prepare = may_be_opened_by_handle};
CASE(name_to_handle_at, WORLDS(&named_by_handle, &no_path), name_handle(t))
CASE(open_by_handle_at, WORLDS(&opened_by_handle),
     keep(t, open_by_handle_at(t->folder, &handle.head, O_RDONLY)))
CASE(SYS_open_by_handle_at, WORLDS(&opened_by_handle),
     keep(t, (int)syscall(SYS_open_by_handle_at, t->folder, &handle.head, O_RDONLY)))

/* --- by number ---------------------------------------------------------------------------------
 */

static struct open_how how_of(const struct trial *t)
{
    return (struct open_how){.flags = (unsigned)t->flags, .mode = t->flags & O_CREAT ? 0600 : 0};
}

#define OPENED_BY_NUMBER WORLDS(&created, &no_path, &proc_path)
CASE(SYS_openat, OPENED, keep(t, (int)syscall(SYS_openat, t->folder, t->name, t->flags, 0600)))
CASE(SYS_openat2, OPENED_BY_NUMBER,
     keep(t, (int)syscall(SYS_openat2, t->folder, t->name, &(struct open_how[]){how_of(t)}[0],
                          sizeof(struct open_how))))
CASE(SYS_read, READ, syscall(SYS_read, t->fd, t->buffer, 4))
CASE(SYS_write, WRITTEN, syscall(SYS_write, t->fd, t->buffer, 4))
CASE(SYS_pread64, READ_AT, syscall(SYS_pread64, t->fd, t->buffer, 4, 2))
CASE(SYS_pwrite64, WRITTEN_AT, syscall(SYS_pwrite64, t->fd, t->buffer, 4, 2))
CASE(SYS_preadv2, WORLDS(&file_read, &empty_pipe, &silent_pipe, &without_waiting),
     syscall(SYS_preadv2, t->fd, &t->part, 1, -1L, -1L, t->flags))
CASE(SYS_pwritev2, WRITTEN_BY_FLAGS, syscall(SYS_pwritev2, t->fd, &t->part, 1, -1L, -1L, t->flags))
CASE(SYS_copy_file_range, WORLDS(&copied),
     syscall(SYS_copy_file_range, t->fd, NULL, t->to, NULL, 4, 0))
CASE(SYS_fsync, WORLDS(&file_synced), syscall(SYS_fsync, t->fd))
CASE(SYS_fdatasync, WORLDS(&file_synced), syscall(SYS_fdatasync, t->fd))
CASE(SYS_syncfs, WORLDS(&file_synced), syscall(SYS_syncfs, t->fd))
CASE(SYS_readv, READ, syscall(SYS_readv, t->fd, &t->part, 1))
CASE(SYS_writev, WRITTEN, syscall(SYS_writev, t->fd, &t->part, 1))
CASE(SYS_preadv, READ_AT, syscall(SYS_preadv, t->fd, &t->part, 1, 2L, 0L))
CASE(SYS_pwritev, WRITTEN_AT, syscall(SYS_pwritev, t->fd, &t->part, 1, 2L, 0L))
CASE(SYS_sendfile, SENT_FILE, syscall(SYS_sendfile, t->to, t->fd, NULL, 4))
CASE(SYS_splice, WORLDS(&spliced, &spliced_from_socket),
     syscall(SYS_splice, t->fd, NULL, t->to, NULL, 4, 0))
CASE(SYS_truncate, WORLDS(&path_sized, &no_path), syscall(SYS_truncate, t->path, 4L))
CASE(SYS_ftruncate, WORLDS(&file_sized, &pipe_sized), syscall(SYS_ftruncate, t->fd, 4L))
CASE(SYS_fallocate, WORLDS(&file_sized, &pipe_allocated),
     syscall(SYS_fallocate, t->fd, 0, 0L, 100L))
#ifdef SYS_open
CASE(SYS_open, OPENED, keep(t, (int)syscall(SYS_open, t->path, t->flags, 0600)))
#endif
