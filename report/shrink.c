/* SPDX-License-Identifier: MIT */
/* Records at their end. The contract is in shrink.h. */
#include "shrink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alive.h"
#include "pool.h"
#include "reader.h"

static uint64_t aligned(uint64_t size)
{
    return (size + 7) & ~(uint64_t)7;
}

/* The sections one behind the other. */
static struct ol_record lay_out(const struct ol_reader *reader)
{
    struct ol_record header = reader->header;
    uint64_t size = aligned(sizeof header);
    for (int id = 0; id < OL_SECTION_COUNT; id++) {
        const struct ol_reader_section *section = &reader->sections[id];
        header.sections[id].offset = size;
        header.sections[id].capacity = section->count;
        size += aligned(section->count * section->entry_size);
    }
    header.header_size = sizeof header;
    header.file_size = size;
    return header;
}

static bool write_at(int fd, const void *bytes, size_t size, uint64_t offset)
{
    for (size_t done = 0; done < size;) {
        ssize_t part = pwrite(fd, (const char *)bytes + done, size - done, (off_t)(offset + done));
        if (part < 0 && errno == EINTR)
            continue;
        if (part <= 0)
            return false;
        done += (size_t)part;
    }
    return true;
}

static bool write_all(int fd, const struct ol_reader *reader)
{
    struct ol_record header = lay_out(reader);
    bool written = ftruncate(fd, (off_t)header.file_size) == 0 &&
                   write_at(fd, &header, sizeof header, 0);
    for (int id = 0; id < OL_SECTION_COUNT && written; id++) {
        const struct ol_reader_section *section = &reader->sections[id];
        written = write_at(fd, section->bytes, section->count * section->entry_size,
                           header.sections[id].offset);
    }
    return written;
}

static bool is_own_file(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0 && S_ISREG(status.st_mode) && status.st_uid == geteuid() &&
           status.st_nlink == 1;
}

static void replace(struct obstack *pool, const struct ol_reader *reader, const char *path)
{
    const char *other = ol_pool_format(pool, "%s~", path); /* no record by its name */
    int fd = open(other, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return;
    bool written = write_all(fd, reader);
    if (close(fd) != 0 || !written || rename(other, path) != 0)
        unlink(other);
}

void ol_shrink_record(struct obstack *pool, const char *path)
{
    struct ol_reader reader;
    if (!is_own_file(path) || ol_alive_record(path) || !ol_reader_open(&reader, path))
        return;
    if (!reader.damage_count)
        replace(pool, &reader, path);
    ol_reader_close(&reader);
}
