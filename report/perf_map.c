/* SPDX-License-Identifier: MIT */
/* Perf maps: reading, and keeping what a record needs of them. */
#include "perf_map.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "say.h"

#define LARGEST (256u << 20) /* bytes of a map; a day of V8 makes some 10 MB */
#define OVERLAPS 64 /* entries looked at for one address: code moves, and memory is reused */

struct entry {
    uint64_t start, size;
    const char *name; /* its rank in the file too: later entries are further on */
    bool needed;
};

struct map {
    struct map *next;
    int pid;
    char *bytes;
    struct entry *entries; /* by start, then by rank */
    size_t count;
};

struct ol_perf_maps {
    const char *record;
    int64_t since_ns;
    struct map *maps;
};

struct ol_perf_maps *ol_perf_map_begin(const char *record, int64_t since)
{
    struct ol_perf_maps *maps = ol_say_realloc(NULL, 1, sizeof *maps);
    *maps = (struct ol_perf_maps){.record = record, .since_ns = since};
    return maps;
}

void ol_perf_map_end(struct ol_perf_maps *maps)
{
    if (!maps)
        return;
    for (struct map *map = maps->maps, *next; map; map = next) {
        next = map->next;
        free(map->entries);
        free(map->bytes);
        free(map);
    }
    free(maps);
}

/* Anybody may put a file into /tmp. */
static bool is_ours(const struct stat *status, int64_t since_ns)
{
    int64_t second = 1000000000;
    return (status->st_uid == geteuid() || status->st_uid == 0) &&
           status->st_mtim.tv_sec >= since_ns / second - 1;
}

/* The whole file, ended by NUL, or NULL. */
static char *read_map(const char *path, bool check, int64_t since_ns)
{
    struct stat status;
    char *bytes = NULL;
    size_t size = 0;
    ssize_t part;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return NULL;
    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size < LARGEST &&
        (!check || is_ours(&status, since_ns))) {
        bytes = ol_say_realloc(NULL, (size_t)status.st_size + 1, 1);
        while (size < (size_t)status.st_size &&
               (part = read(fd, bytes + size, (size_t)status.st_size - size)) > 0)
            size += (size_t)part;
        bytes[size] = '\0';
    }
    close(fd);
    return bytes;
}

static int compare(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    return (x->name > y->name) - (x->name < y->name);
}

/* "2a40 " and the blanks before it; NULL: it is none. strtoull() alone takes signs too. */
static const char *parse_hex(const char *text, uint64_t *number)
{
    char *end;
    text += strspn(text, " ");
    if (!isxdigit((unsigned char)*text))
        return NULL;
    errno = 0;
    *number = strtoull(text, &end, 16);
    return *end == ' ' && !errno ? end + 1 : NULL;
}

/* "START SIZE NAME". Nothing is as large as to begin again at 0. */
static bool parse_entry(struct entry *entry, const char *line)
{
    const char *rest = parse_hex(line, &entry->start);
    entry->name = rest ? parse_hex(rest, &entry->size) : NULL;
    return entry->name && entry->size && entry->size - 1 <= UINT64_MAX - entry->start;
}

/* Splits in place; a line that is none is passed over. */
static void parse_map(struct map *map)
{
    size_t room = 0;
    char *state, *line = strtok_r(map->bytes, "\n", &state);
    for (; line; line = strtok_r(NULL, "\n", &state)) {
        struct entry entry = {.needed = false};
        if (!parse_entry(&entry, line))
            continue;
        if (map->count == room) {
            room = 2 * room + 1024;
            map->entries = ol_say_realloc(map->entries, room, sizeof *map->entries);
        }
        map->entries[map->count++] = entry;
    }
    if (map->count)
        qsort(map->entries, map->count, sizeof *map->entries, compare);
}

static struct map *map_of(struct ol_perf_maps *maps, int pid)
{
    char path[PATH_MAX];
    for (struct map *map = maps->maps; map; map = map->next)
        if (map->pid == pid)
            return map;
    struct map *map = ol_say_realloc(NULL, 1, sizeof *map);
    *map = (struct map){.next = maps->maps, .pid = pid};
    maps->maps = map;
    if (snprintf(path, sizeof path, "%s.%d.map", maps->record, pid) < (int)sizeof path)
        map->bytes = read_map(path, false, 0);
    if (!map->bytes) {
        snprintf(path, sizeof path, "/tmp/perf-%d.map", pid);
        map->bytes = read_map(path, true, maps->since_ns);
    }
    if (map->bytes)
        parse_map(map);
    return map;
}

/* Of the entries that cover the address the one that was written last. */
static struct entry *find(struct map *map, uint64_t address)
{
    size_t low = 0, high = map->count;
    struct entry *found = NULL;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (map->entries[middle].start <= address)
            low = middle + 1;
        else
            high = middle;
    }
    for (size_t i = low; i > 0 && low - i < OVERLAPS; i--) {
        struct entry *entry = &map->entries[i - 1];
        if (address - entry->start < entry->size && (!found || entry->name > found->name))
            found = entry;
    }
    return found;
}

const char *ol_perf_map_find(struct ol_perf_maps *maps, int pid, uint64_t address)
{
    struct entry *entry = find(map_of(maps, pid), address);
    if (entry)
        entry->needed = true;
    return entry ? entry->name : NULL;
}

static void mark_site(struct ol_perf_maps *maps, struct ol_reader *reader,
                      const struct ol_site_entry *site)
{
    size_t count;
    struct ol_reader_shown shown = ol_reader_shown(reader, site);
    const struct ol_frame_entry *frames = ol_reader_frames(reader, &shown, &count);
    for (size_t i = 0; i < count; i++)
        if (frames[i].kind == OL_FRAME_native && frames[i].module == OL_NO_INDEX)
            ol_perf_map_find(maps, shown.pid, frames[i].offset - (frames[i].offset != 0));
}

static void mark_needed(struct ol_perf_maps *maps, struct ol_reader *reader)
{
    for (uint32_t i = 0; i < reader->sections[OL_SECTION_sites].count; i++) {
        const struct ol_site_entry *site = ol_reader_site(reader, i);
        if (site)
            mark_site(maps, reader, site);
    }
}

static void write_needed(const char *record, const struct map *map)
{
    char path[PATH_MAX];
    FILE *file = NULL;
    if (snprintf(path, sizeof path, "%s.%d.map", record, map->pid) >= (int)sizeof path)
        return;
    for (size_t i = 0; i < map->count; i++) {
        const struct entry *entry = &map->entries[i];
        if (!entry->needed)
            continue;
        int fd = file ? -1 : open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (!file && !(file = fd < 0 ? NULL : fdopen(fd, "w")))
            return; /* EEXIST: it has been kept before */
        fprintf(file, "%llx %llx %s\n", (unsigned long long)entry->start,
                (unsigned long long)entry->size, entry->name);
    }
    if (file && fclose(file) != 0)
        ol_say_line("%s: %s", path, strerror(errno));
}

void ol_perf_map_keep(const char *record)
{
    struct ol_reader reader;
    if (!ol_reader_open(&reader, record))
        return;
    struct ol_perf_maps *maps = ol_perf_map_begin(record, reader.header.started_realtime_ns);
    mark_needed(maps, &reader);
    for (const struct map *map = maps->maps; map; map = map->next)
        write_needed(record, map);
    ol_perf_map_end(maps);
    ol_reader_close(&reader);
}
