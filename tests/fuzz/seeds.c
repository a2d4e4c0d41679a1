/* SPDX-License-Identifier: MIT */
/* fuzz-seeds FOLDER: whole records as small as they can be, to begin fuzzing with. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/record_fixture.h"

/* The same record without room for more. */
static void write_compact(const struct record_fixture *record, const char *folder, const char *name)
{
    char path[4096];
    struct record_fixture small = {.bytes = calloc(1, record->size)};
    size_t size = (sizeof(struct ol_record) + 7) & ~(size_t)7;
    small.header = (void *)small.bytes;
    memcpy(small.bytes, record->bytes, sizeof(struct ol_record));
    for (int id = 0; id < OL_SECTION_COUNT; id++) {
        struct ol_section *section = &small.header->sections[id];
        size_t bytes = (size_t)section->entry_size * section->used;
        memcpy(small.bytes + size, record->bytes + section->offset, bytes);
        section->offset = size;
        section->capacity = section->used;
        size = (size + bytes + 7) & ~(size_t)7;
    }
    small.header->file_size = small.size = size;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    record_fixture_write(&small, path, size);
    free(small.bytes);
}

static void add_native(struct record_fixture *record)
{
    struct ol_site_entry *site = record_fixture_site(record);
    struct ol_module_entry *module = record_fixture_entry(record, OL_SECTION_modules);
    module->path = record_fixture_string(record, "/nonexistent/libthing.so.1");
    module->base = 0x7f0000000000;
    module->end = 0x7f0000100000;
    module->build_id_size = 20;
    memset(module->build_id, 0xab, sizeof module->build_id);
    for (unsigned i = 0; i < 3; i++) {
        struct ol_frame_entry *frame = record_fixture_frame(record, site, "thing_do", "", 0,
                                                            OL_CODE_user);
        frame->kind = OL_FRAME_native;
        frame->file = 0;
        frame->module = i < 2 ? 0 : OL_NO_INDEX;
        frame->offset = 0x1234 + i;
        frame->function = i ? 0 : frame->function;
    }
    site->culprit = 1;
    site->worst[0] = (struct ol_site_worst){.function = site->function,
                                            .argument = site->rule,
                                            .first_frame = site->first_frame + 1,
                                            .frame_count = 2};
    site->shown = 1;
}

static void add_notes(struct record_fixture *record)
{
    struct ol_blind_spot_entry *spot = record_fixture_entry(record, OL_SECTION_blind_spots);
    struct ol_suppressed_entry *allow = record_fixture_entry(record, OL_SECTION_suppressed);
    spot->what = record_fixture_string(record, "static child");
    spot->why = record_fixture_string(record, "no dynamic loader");
    allow->rule = record_fixture_string(record, "allow open path=/proc/*");
    allow->hits = 5;
}

static void write_seed(const char *folder, const char *name, bool python, bool native, bool notes)
{
    struct record_fixture record;
    record_fixture_begin(&record);
    record_fixture_loop(&record);
    if (python)
        record_fixture_usual(&record);
    if (native)
        add_native(&record);
    if (notes)
        add_notes(&record);
    write_compact(&record, folder, name);
    record_fixture_end(&record);
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    write_seed(argv[1], "clean", false, false, true);
    write_seed(argv[1], "python", true, false, false);
    write_seed(argv[1], "native", false, true, false);
    write_seed(argv[1], "both", true, true, true);
    return 0;
}
