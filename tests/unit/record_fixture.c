/* SPDX-License-Identifier: MIT */
/* Record files for tests. Linked into the report's unit tests and into record_make. */
#include "record_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    uint32_t entry_size, capacity;
} layout[OL_SECTION_COUNT] = {
    [OL_SECTION_processes] = {sizeof(struct ol_process_entry), 8},
    [OL_SECTION_loops] = {sizeof(struct ol_loop_entry), 8},
    [OL_SECTION_modules] = {sizeof(struct ol_module_entry), 8},
    [OL_SECTION_sites] = {sizeof(struct ol_site_entry), 1024},
    [OL_SECTION_frames] = {sizeof(struct ol_frame_entry), 8192},
    [OL_SECTION_strings] = {1, 1 << 18},
    [OL_SECTION_blind_spots] = {sizeof(struct ol_blind_spot_entry), 8},
    [OL_SECTION_suppressed] = {sizeof(struct ol_suppressed_entry), 8},
};

static void lay_out(struct record_fixture *record, uint32_t scale)
{
    struct ol_section sections[OL_SECTION_COUNT] = {0};
    size_t offset = (sizeof(struct ol_record) + 7) & ~(size_t)7;
    for (int id = 0; id < OL_SECTION_COUNT; id++) {
        sections[id].offset = offset;
        sections[id].entry_size = layout[id].entry_size;
        sections[id].capacity = layout[id].capacity * scale;
        offset += ((size_t)layout[id].entry_size * sections[id].capacity + 7) & ~(size_t)7;
    }
    record->size = offset;
    record->bytes = calloc(1, offset);
    record->header = (void *)record->bytes;
    memcpy(record->header->sections, sections, sizeof sections);
    record->header->sections[OL_SECTION_strings].used = 1;
}

void record_fixture_begin(struct record_fixture *record)
{
    record_fixture_begin_large(record, 1);
}

void record_fixture_begin_large(struct record_fixture *record, unsigned scale)
{
    lay_out(record, scale);
    struct ol_record *header = record->header;
    memcpy(header->magic, OL_RECORD_MAGIC, sizeof header->magic);
    header->version = OL_RECORD_VERSION;
    header->byte_order = OL_RECORD_BYTE_ORDER;
    header->header_size = sizeof *header;
    header->pointer_size = 8;
    header->file_size = record->size;
    strcpy(header->offloop_version, "0.1.0");
    header->started_realtime_ns = 1763907662000000000;
    header->started_ns = 1000000000;
    header->exe = record_fixture_string(record, "/usr/bin/python3");
    header->argv = record_fixture_string(record, "python3 app.py");
    header->cwd = record_fixture_string(record, "/srv/app");
    header->language = record_fixture_string(record, "python 3.11.2");
    struct ol_process_entry *process = record_fixture_entry(record, OL_SECTION_processes);
    process->pid = 4711;
    process->parent = 4700;
    process->started_ns = 1000000000;
}

void record_fixture_end(struct record_fixture *record)
{
    free(record->bytes);
}

ol_string record_fixture_string(struct record_fixture *record, const char *text)
{
    struct ol_section *strings = &record->header->sections[OL_SECTION_strings];
    ol_string index = strings->used;
    strcpy((char *)record->bytes + strings->offset + index, text);
    strings->used += (uint32_t)strlen(text) + 1;
    return index;
}

void *record_fixture_entry(struct record_fixture *record, enum ol_section_id id)
{
    struct ol_section *section = &record->header->sections[id];
    void *entry = record->bytes + section->offset + (size_t)section->used++ * section->entry_size;
    uint32_t ready = OL_ENTRY_ready;
    if (id != OL_SECTION_frames)
        memcpy(entry, &ready, sizeof ready);
    return entry;
}

struct ol_loop_entry *record_fixture_loop(struct record_fixture *record)
{
    struct ol_loop_entry *loop = record_fixture_entry(record, OL_SECTION_loops);
    loop->pid = loop->tid = 4711;
    loop->wait = record_fixture_string(record, "epoll_wait");
    strcpy(loop->name, "MainThread");
    loop->loops = loop->threads = 1;
    loop->turns = 101;
    loop->busy_ns = 300000000;
    loop->longest_turn_ns = 200000000;
    loop->stalls = 1;
    loop->histogram[ol_turn_bucket(1000000)] = 100;
    loop->histogram[ol_turn_bucket(200000000)] = 1;
    return loop;
}

struct ol_site_entry *record_fixture_site(struct record_fixture *record)
{
    struct ol_site_entry *site = record_fixture_entry(record, OL_SECTION_sites);
    site->kind = OL_KIND_blocking;
    site->severity = OL_SEVERITY_error;
    site->action = 1; /* report */
    site->rule = record_fixture_string(record, "sleep");
    site->family = record_fixture_string(record, "sleep");
    site->function = record_fixture_string(record, "clock_nanosleep");
    site->api = record_fixture_string(record, "time.sleep");
    site->argument = record_fixture_string(record, "500 ms");
    site->hint = record_fixture_string(record, "await asyncio.sleep()");
    site->pid = site->tid = 4711;
    strcpy(site->thread, "MainThread");
    site->first_frame = record->header->sections[OL_SECTION_frames].used;
    site->culprit = OL_NO_INDEX;
    site->on_loop = 1;
    site->first_ns = 2000000042;
    site->last_ns = 5000000000;
    site->count = 3;
    site->total_ns = 1500000000;
    site->max_ns = 510000000;
    site->waits = 3;
    record->header->hits += 3;
    record->header->time_lost_ns += 1500000000;
    return site;
}

struct ol_frame_entry *record_fixture_frame(struct record_fixture *record,
                                            struct ol_site_entry *site, const char *function,
                                            const char *file, unsigned line,
                                            enum ol_owner_class owner_class)
{
    struct ol_frame_entry *frame = record_fixture_entry(record, OL_SECTION_frames);
    frame->kind = OL_FRAME_python;
    frame->owner_class = (uint8_t)owner_class;
    frame->module = OL_NO_INDEX;
    frame->line = line;
    frame->function = record_fixture_string(record, function);
    frame->file = record_fixture_string(record, file);
    site->frame_count++;
    return frame;
}

struct ol_site_entry *record_fixture_usual(struct record_fixture *record)
{
    struct ol_site_entry *site = record_fixture_site(record);
    record_fixture_frame(record, site, "handle", "/srv/app/app.py", 42, OL_CODE_user);
    record_fixture_frame(record, site, "Handle._run", "/usr/lib/python3.11/asyncio/events.py", 80,
                         OL_CODE_framework);
    record_fixture_frame(record, site, "run", "/usr/lib/python3.11/asyncio/runners.py", 190,
                         OL_CODE_framework);
    record_fixture_frame(record, site, "main", "/srv/app/app.py", 80, OL_CODE_user);
    site->culprit = 0;
    return site;
}

void record_fixture_write(const struct record_fixture *record, const char *path, size_t size)
{
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(record->bytes, 1, size, file) != size || fclose(file) != 0) {
        perror(path);
        exit(1);
    }
}
