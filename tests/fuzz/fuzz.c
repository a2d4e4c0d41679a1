/* SPDX-License-Identifier: MIT */
/* What the fuzzers have in common. The contract is in fuzz.h. */
#include "fuzz.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void write_file(int file, const void *bytes, size_t size)
{
    DEMAND(ftruncate(file, 0) == 0 && pwrite(file, bytes, size, 0) == (ssize_t)size);
}

const char *fuzz_file(const void *bytes, size_t size)
{
    static char path[64];
    static int file = -1;
    if (file < 0) {
        file = memfd_create("fuzz", MFD_CLOEXEC);
        snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    }
    write_file(file, bytes, size);
    return path;
}

static char folder[] = "/tmp/offloop-fuzz-XXXXXX", named_path[128];

static void remove_folder(void)
{
    unlink(named_path);
    rmdir(folder);
}

const char *fuzz_named_file(const char *name, const void *bytes, size_t size)
{
    static int file = -1;
    if (file < 0) {
        DEMAND(mkdtemp(folder));
        snprintf(named_path, sizeof named_path, "%s/%s", folder, name);
        file = open(named_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        atexit(remove_folder);
    }
    write_file(file, bytes, size);
    return named_path;
}

/* All that is freed by fuzz_forget(): each begins with the one before. */
static void **kept;

static void *keep(size_t size)
{
    void **block = calloc(1, sizeof *block + size);
    DEMAND(block);
    *block = kept;
    kept = block;
    return block + 1;
}

void fuzz_forget(void)
{
    for (void **block = kept, **next; block; block = next) {
        next = *block;
        free(block);
    }
    kept = NULL;
}

char *fuzz_string(const void *bytes, size_t size)
{
    char *string = keep(size + 1);
    if (size)
        memcpy(string, bytes, size);
    return string;
}

/* In place of the library's own, by the linker (--wrap): no page is larger than what was asked for,
 * so that reading over the end is found. */
void *__wrap_ol_raw_mmap(size_t size, int protection, int flags, int fd);
void *__wrap_ol_raw_mmap(size_t size, int protection, int flags, int fd)
{
    (void)protection;
    DEMAND(fd == -1 && flags == (MAP_PRIVATE | MAP_ANONYMOUS));
    return keep(size);
}

void fuzz_hear(void *context, const char *line)
{
    ++*(unsigned *)context;
    DEMAND(*line);
    for (; *line; line++)
        DEMAND((unsigned char)*line >= ' ' && *line != 0x7f);
}
