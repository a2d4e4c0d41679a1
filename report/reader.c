/* SPDX-License-Identifier: MIT */
/* Reading a record file without trusting it. */
#include "reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../detector/tables.h"
#include "say.h"

const char *const ol_reader_section_names[OL_SECTION_COUNT] = {
    [OL_SECTION_processes] = "processes",     [OL_SECTION_loops] = "loops",
    [OL_SECTION_modules] = "modules",         [OL_SECTION_sites] = "sites",
    [OL_SECTION_frames] = "frames",           [OL_SECTION_strings] = "strings",
    [OL_SECTION_blind_spots] = "blind_spots", [OL_SECTION_suppressed] = "suppressed",
};

static const size_t entry_sizes[OL_SECTION_COUNT] = {
    [OL_SECTION_processes] = sizeof(struct ol_process_entry),
    [OL_SECTION_loops] = sizeof(struct ol_loop_entry),
    [OL_SECTION_modules] = sizeof(struct ol_module_entry),
    [OL_SECTION_sites] = sizeof(struct ol_site_entry),
    [OL_SECTION_frames] = sizeof(struct ol_frame_entry),
    [OL_SECTION_strings] = 1,
    [OL_SECTION_blind_spots] = sizeof(struct ol_blind_spot_entry),
    [OL_SECTION_suppressed] = sizeof(struct ol_suppressed_entry),
};

static void note_damage(struct ol_reader *reader, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Only the first damage is kept in words: the others mostly follow from it. */
static void note_damage(struct ol_reader *reader, const char *format, ...)
{
    if (reader->damage_count++)
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reader->damage, sizeof reader->damage, format, arguments);
    va_end(arguments);
}

/* Reads up to `size` bytes at `offset`; returns how many there were. */
static size_t read_at(int fd, void *bytes, size_t size, uint64_t offset)
{
    size_t done = 0;
    while (done < size) {
        ssize_t part = pread(fd, (char *)bytes + done, size - done, (off_t)(offset + done));
        if (part < 0 && errno == EINTR)
            continue;
        if (part <= 0)
            break;
        done += (size_t)part;
    }
    return done;
}

/* How many entries of the section the file can hold; 0 and a note when its place makes no sense. */
static uint32_t room_for(struct ol_reader *reader, enum ol_section_id id, uint64_t file_size)
{
    const struct ol_section *section = &reader->header.sections[id];
    const char *name = ol_reader_section_names[id];
    uint32_t used = section->used < section->capacity ? section->used : section->capacity;
    bool aligned = id == OL_SECTION_strings ? section->entry_size == 1
                                            : section->entry_size % 8 == 0;
    if (!used)
        return 0;
    if (section->entry_size < entry_sizes[id] || !aligned || section->offset % 8) {
        note_damage(reader, "%s: entries of %u bytes at offset %llu", name, section->entry_size,
                    (unsigned long long)section->offset);
        return 0;
    }
    uint64_t room = section->offset < file_size
                        ? (file_size - section->offset) / section->entry_size
                        : 0;
    if (room < used)
        note_damage(reader, "%s: the file ends after %llu of %u entries", name,
                    (unsigned long long)room, used);
    return room < used ? (uint32_t)room : used;
}

static void read_section(struct ol_reader *reader, int fd, enum ol_section_id id,
                         uint64_t file_size)
{
    struct ol_reader_section *section = &reader->sections[id];
    uint32_t count = room_for(reader, id, file_size);
    if (!count)
        return;
    section->entry_size = reader->header.sections[id].entry_size;
    section->bytes = ol_say_realloc(NULL, count, section->entry_size);
    size_t got = read_at(fd, section->bytes, count * section->entry_size,
                         reader->header.sections[id].offset);
    section->count = (uint32_t)(got / section->entry_size);
    if (section->count < count)
        note_damage(reader, "%s: only %u of %u entries can be read", ol_reader_section_names[id],
                    section->count, count);
}

/* Whether the header is one of ours; else `damage` says what it is. */
static bool know_header(struct ol_reader *reader, size_t size)
{
    const struct ol_record *header = &reader->header;
    size_t words = offsetof(struct ol_record, file_size);
    if (size < sizeof header->magic ||
        memcmp(header->magic, OL_RECORD_MAGIC, sizeof header->magic) != 0)
        note_damage(reader, "is not an offloop record");
    else if (size >= words && header->byte_order != OL_RECORD_BYTE_ORDER)
        note_damage(reader, "was written on a machine of another byte order");
    else if (size >= words && header->version != OL_RECORD_VERSION)
        note_damage(reader,
                    "has record version %u, this offloop (" OFFLOOP_VERSION
                    ") reads version %u: use the offloop "
                    "that recorded it",
                    header->version, OL_RECORD_VERSION);
    else if (size < sizeof *header || header->header_size < sizeof *header)
        note_damage(reader, "is cut or damaged in its header: %zu of %zu bytes", size,
                    sizeof *header);
    return reader->damage_count == 0;
}

static bool read_record(struct ol_reader *reader, int fd)
{
    struct stat status;
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        note_damage(reader, "is not a regular file");
        return false;
    }
    if (!know_header(reader, read_at(fd, &reader->header, sizeof reader->header, 0)))
        return false;
    uint64_t size = (uint64_t)status.st_size;
    if (size < reader->header.file_size)
        note_damage(reader, "the file is cut at %llu of %llu bytes", (unsigned long long)size,
                    (unsigned long long)reader->header.file_size);
    for (int id = 0; id < OL_SECTION_COUNT; id++)
        read_section(reader, fd, (enum ol_section_id)id, size);
    return true;
}

bool ol_reader_open(struct ol_reader *reader, const char *path)
{
    *reader = (struct ol_reader){.path = path};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY |
                            O_NONBLOCK); /* a FIFO of that name must not hold us up */
    if (fd < 0) {
        note_damage(reader, "%s", strerror(errno));
        return false;
    }
    bool known = read_record(reader, fd);
    close(fd);
    return known;
}

void ol_reader_close(struct ol_reader *reader)
{
    for (int id = 0; id < OL_SECTION_COUNT; id++)
        free(reader->sections[id].bytes);
    memset(reader->sections, 0, sizeof reader->sections);
}

/* The entry, if it is whole: all entries but frames begin with their state. */
static const void *entry(struct ol_reader *reader, enum ol_section_id id, uint32_t index)
{
    const struct ol_reader_section *section = &reader->sections[id];
    if (index >= section->count)
        return NULL;
    const unsigned char *bytes = section->bytes + index * section->entry_size;
    uint32_t state;
    memcpy(&state, bytes, sizeof state);
    return state == OL_ENTRY_ready ? bytes : NULL;
}

#define ENTRY(type)                                                                                \
    const struct ol_##type##_entry *ol_reader_##type(struct ol_reader *reader, uint32_t index)
ENTRY(process)
{
    return entry(reader, OL_SECTION_processes, index);
}
ENTRY(loop)
{
    return entry(reader, OL_SECTION_loops, index);
}
ENTRY(module)
{
    return entry(reader, OL_SECTION_modules, index);
}
ENTRY(blind_spot)
{
    return entry(reader, OL_SECTION_blind_spots, index);
}
ENTRY(suppressed)
{
    return entry(reader, OL_SECTION_suppressed, index);
}
#undef ENTRY

const struct ol_site_entry *ol_reader_site(struct ol_reader *reader, uint32_t index)
{
    const struct ol_site_entry *site = entry(reader, OL_SECTION_sites, index);
    if (!site)
        return NULL;
    if (site->kind < OL_KIND_COUNT && site->severity < OL_SEVERITY_COUNT &&
        ol_tables_action(site->action) >= 0 && site->phase < OL_PHASE_COUNT)
        return site;
    note_damage(reader, "sites: entry %u has words that are none", index);
    return NULL;
}

struct ol_reader_shown ol_reader_shown(struct ol_reader *reader, const struct ol_site_entry *site)
{
    uint32_t shown = site->shown;
    size_t most = sizeof site->worst / sizeof *site->worst;
    if (shown > most)
        note_damage(reader, "sites: the longest hit is number %u of %zu", shown, most);
    if (!shown || shown > most)
        return (struct ol_reader_shown){.function = site->function,
                                        .argument = site->argument,
                                        .pid = site->pid,
                                        .first_frame = site->first_frame,
                                        .frame_count = site->frame_count,
                                        .culprit = site->culprit};
    const struct ol_site_worst *worst = &site->worst[shown - 1];
    return (struct ol_reader_shown){.function = worst->function,
                                    .argument = worst->argument,
                                    .pid = worst->pid,
                                    .first_frame = worst->first_frame,
                                    .frame_count = worst->frame_count,
                                    .culprit = worst->culprit};
}

const struct ol_frame_entry *ol_reader_frames(struct ol_reader *reader,
                                              const struct ol_reader_shown *site, size_t *count)
{
    const struct ol_reader_section *frames = &reader->sections[OL_SECTION_frames];
    *count = 0;
    if (!site->frame_count)
        return NULL;
    uint32_t room = site->first_frame < frames->count ? frames->count - site->first_frame : 0;
    size_t most = room < OL_READER_FRAMES_MAX ? room : OL_READER_FRAMES_MAX;
    /* frames of another size would have to be copied to be an array; no writer makes them */
    if (frames->entry_size != sizeof(struct ol_frame_entry))
        most = 0;
    if (site->frame_count > most)
        note_damage(reader, "sites: a stack of %u frames at %u, of %u", site->frame_count,
                    site->first_frame, frames->count);
    *count = site->frame_count < most ? site->frame_count : most;
    return *count ? (const void *)(frames->bytes + site->first_frame * frames->entry_size) : NULL;
}

const char *ol_reader_string(struct ol_reader *reader, ol_string index)
{
    const struct ol_reader_section *strings = &reader->sections[OL_SECTION_strings];
    if (!index)
        return NULL;
    size_t room = index < strings->count ? strings->count - index : 0;
    size_t longest = room < OL_STRING_MAX + 1 ? room : OL_STRING_MAX + 1;
    const char *string = room ? (const char *)strings->bytes + index : NULL;
    if (!string || !memchr(string, '\0', longest)) {
        note_damage(reader, "strings: no string at %u of %u bytes", index, strings->count);
        return NULL;
    }
    return string;
}

uint64_t ol_reader_lost(const struct ol_reader *reader, enum ol_section_id id)
{
    return reader->header.sections[id].lost;
}
