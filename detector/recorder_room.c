/* SPDX-License-Identifier: MIT */
/* Room for the record on its disk. The contract is in recorder_room.h. */
#include "recorder_room.h"

#include <stdint.h>
#include <sys/auxv.h>
#include <sys/mman.h>

#include "rawio.h"

#define SIZE sizeof(struct ol_recorder_file)
#define POPULATE_WRITE 23 /* MADV_POPULATE_WRITE, which older headers lack */
#define UNKNOWN (-22)     /* EINVAL: so do older kernels */

/* Entries of each section that this process knows to have room. Private: see recorder_layout.h.
 * What another process made room for is asked for again, and is there. */
static _Atomic uint32_t reached[OL_SECTION_COUNT];

static uint32_t bytes_of(enum ol_section_id id, uint32_t entries)
{
    const struct ol_recorder_section *of = &ol_recorder_sections[id];
    uint64_t whole = (uint64_t)of->entry_size * of->capacity;
    uint64_t bytes = (uint64_t)of->entry_size * entries;
    bytes = (bytes + of->step - 1) / of->step * of->step;
    return (uint32_t)(bytes < whole ? bytes : whole);
}

/* Entries that are used again and again: each process's pages are asked for once, by steps. */
static int make(void *memory, uint32_t from, uint32_t to)
{
    uintptr_t page = getauxval(AT_PAGESZ);
    uintptr_t begin = ((uintptr_t)memory + from) / page * page;
    uintptr_t end = ((uintptr_t)memory + to + page - 1) / page * page;
    return ol_raw_madvise((void *)begin, end - begin, POPULATE_WRITE);
}

static int reach(void *memory, enum ol_section_id id, uint32_t end)
{
    const struct ol_recorder_section *of = &ol_recorder_sections[id];
    uint32_t there = atomic_load_explicit(&reached[id], memory_order_relaxed);
    uint32_t bytes = bytes_of(id, end);
    int made = make(memory, of->offset + there * of->entry_size, of->offset + bytes);
    uint32_t entries = bytes / of->entry_size;
    while (made == 0 && there < entries &&
           !atomic_compare_exchange_weak(&reached[id], &there, entries)) {
    }
    return made;
}

bool ol_recorder_reach(enum ol_section_id id, uint32_t end)
{
    return end <= atomic_load_explicit(&reached[id], memory_order_relaxed) ||
           (end <= ol_recorder_sections[id].capacity && reach(ol_recorder, id, end) == 0);
}

void ol_recorder_reach_all(void)
{
    for (int id = 0; id < OL_SECTION_COUNT && ol_recorder; id++)
        ol_recorder_reach((enum ol_section_id)id, ol_recorder_sections[id].capacity);
}

void ol_recorder_room_is_memory(void)
{
    for (unsigned id = 0; id < OL_SECTION_COUNT; id++)
        atomic_store(&reached[id], ol_recorder_sections[id].capacity);
}

/* The header and the first entries of each section. */
static int begin(void *memory)
{
    int made = make(memory, 0, sizeof(struct ol_record));
    for (unsigned id = 0; id < OL_SECTION_COUNT && made == 0; id++) {
        atomic_store(&reached[id], 0);
        made = reach(memory, (enum ol_section_id)id, 1);
    }
    return made;
}

/* Real blocks where nothing can be reserved; the file is new. */
static bool write_zeros(int fd)
{
    static const char zeros[8 * OL_RECORDER_PAGE];
    struct iovec parts[64];
    for (unsigned i = 0; i < 64; i++)
        parts[i] = (struct iovec){(void *)(uintptr_t)zeros, sizeof zeros};
    for (uint64_t done = 0; done < SIZE;) {
        uint64_t left = SIZE - done;
        int count = (int)(left / sizeof zeros < 64 ? left / sizeof zeros : 64);
        if (!count)
            parts[count++].iov_len = left;
        ssize_t written = ol_raw_writev(fd, parts, count);
        if (written <= 0)
            return false;
        done += (uint64_t)written;
    }
    return true;
}

static bool allocate_all(int fd)
{
    int reserved = ol_raw_fallocate(fd, SIZE);
    bool unable = reserved == -95 || reserved == -38; /* EOPNOTSUPP, ENOSYS */
    return reserved == 0 || (unable && write_zeros(fd));
}

/* One page is enough to see whether the file system can reserve. */
static bool reserves(int fd)
{
    int reserved = ol_raw_fallocate(fd, OL_RECORDER_PAGE);
    return reserved != -95 && reserved != -38;
}

static bool map(int fd, void *memory)
{
    return ol_raw_mmap_over(memory, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
}

bool ol_recorder_room_make(int fd, void *memory)
{
    struct ol_quiet quiet = ol_raw_quiet_begin(); /* a limit on the size of files sends SIGXFSZ */
    ol_raw_overwrite_in_place(fd); /* a page that was written before would need new room again */
    bool made = ol_raw_ftruncate(fd, SIZE) == 0 && (reserves(fd) || write_zeros(fd)) &&
                map(fd, memory);
    int begun = made ? begin(memory) : UNKNOWN;
    if (made && begun == UNKNOWN) {
        ol_recorder_room_is_memory();
        begun = allocate_all(fd) ? 0 : UNKNOWN;
    }
    if (begun != 0)
        ol_raw_ftruncate(fd, 0);
    ol_raw_quiet_end(quiet);
    return begun == 0;
}

bool ol_recorder_room_join(int fd, void *memory)
{
    struct stat status;
    if (ol_raw_fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) ||
        (int)status.st_uid != ol_raw_geteuid() || status.st_size != SIZE || !map(fd, memory))
        return false;
    if (begin(memory) == UNKNOWN)
        ol_recorder_room_is_memory();
    return true;
}
