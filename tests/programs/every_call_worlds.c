/* SPDX-License-Identifier: MIT */
/* Worlds that several families of every_call share: paths that are there or not, and what is open.
 */
#include "every_call.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    if (!file || fputs(text, file) == EOF || fclose(file) != 0)
        abort();
}

long size_of(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 ? (long)status.st_size : -1;
}

bool exists(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0;
}

bool is_untouched(const void *start, size_t size)
{
    const unsigned char *bytes = start;
    while (size && bytes[size - 1] == 0xaa)
        size--;
    return size == 0;
}

long keep(struct trial *t, int fd)
{
    t->got = fd;
    return fd < 0 ? -1 : 0;
}

long keep_stream(struct trial *t, FILE *stream)
{
    t->got_stream = stream;
    return stream != NULL;
}

void close_all(struct trial *t)
{
    int all[] = {t->fd, t->to, t->got};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i] >= 0)
            close(all[i]);
    if (t->got_stream && t->got_stream != t->stream)
        fclose(t->got_stream);
}

void there_is_nothing(struct trial *t)
{
    argue(t, "%s", t->path);
}

void there_is_a_file(struct trial *t)
{
    write_file(t->path, "something\n");
    argue(t, "%s", t->path);
}

void there_is_a_folder(struct trial *t)
{
    if (mkdir(t->path, 0700) != 0)
        abort();
    argue(t, "%s", t->path);
}

void there_is_an_open_file(struct trial *t)
{
    there_is_a_file(t);
    t->fd = open(t->path, O_RDWR | O_CLOEXEC);
}

static void there_is_no_name(struct trial *t)
{
    t->path[0] = t->other[0] = '\0';
    t->name = t->other_name = "";
    t->error = ENOENT;
}

static void there_is_proc(struct trial *t)
{
    strcpy(t->path, "/proc/self/status");
    t->name = t->path;
}

bool path_is_there(struct trial *t)
{
    return exists(t->path);
}

bool path_is_gone(struct trial *t)
{
    return !exists(t->path);
}

bool buffer_is_filled(struct trial *t)
{
    return !is_untouched(t->buffer, sizeof t->buffer);
}

const struct world new_path = {"new", COUNTS, .prepare = there_is_nothing,
                               .happened = path_is_there};
const struct world old_path = {"old", COUNTS, .prepare = there_is_a_file, .happened = path_is_gone};
const struct world asked_path = {"asked", COUNTS, .prepare = there_is_a_file,
                                 .happened = buffer_is_filled};
const struct world no_path = {"no-name", SILENT, .prepare = there_is_no_name};
const struct world proc_path = {"proc", SILENT, .prepare = there_is_proc};
