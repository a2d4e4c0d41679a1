/* SPDX-License-Identifier: MIT */
/* detector/recorder.c and recorder_file.c: entries claimed, strings kept, the file. */
#include "detector/recorder.h"
#include "detector/process.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[64];

static void aim_at(const char *out)
{
    snprintf(ol_process.out, sizeof ol_process.out, "%s", out);
    snprintf(ol_process.temporary, sizeof ol_process.temporary, "%s/nowhere", out);
    strcpy(ol_process.program, "test");
    ol_process.pid = getpid();
}

static void make(void)
{
    strcpy(folder, "/tmp/offloop-unit-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    aim_at(folder);
    cr_assert(ol_recorder_open());
}

static void clear(void)
{
    unlink(ol_recorder_path());
    rmdir(folder);
}

TestSuite(recorder, .fini = clear);

Test(recorder, the_file_is_private_and_whole)
{
    struct stat status;
    make();
    cr_assert(stat(ol_recorder_path(), &status) == 0);
    cr_assert_eq(status.st_mode & 07777, 0600);
    cr_assert_eq((uint64_t)status.st_size, ol_recorder->file_size);
    cr_assert_arr_eq(ol_recorder->magic, OL_RECORD_MAGIC, 8);
    for (int i = 0; i < OL_SECTION_COUNT; i++) {
        const struct ol_section *section = &ol_recorder->sections[i];
        cr_assert_eq(section->offset % 8, 0);
        cr_assert_leq(section->offset + (uint64_t)section->entry_size * section->capacity,
                      ol_recorder->file_size);
    }
}

Test(recorder, a_link_in_place_of_the_folder_is_not_followed)
{
    strcpy(folder, "/tmp/offloop-unit-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    char link[100];
    snprintf(link, sizeof link, "%s-link", folder);
    cr_assert(symlink(folder, link) == 0);
    aim_at(link);
    bool opened = ol_recorder_open();
    unlink(link);
    cr_assert(opened);
    cr_assert_str_eq(ol_recorder_path(), "");
    cr_assert_not_null(ol_recorder_trouble());
}

Test(recorder, a_relative_folder_is_not_used)
{
    aim_at("somewhere");
    cr_assert(ol_recorder_open());
    cr_assert_str_eq(ol_recorder_path(), "");
}

Test(recorder, a_limit_on_file_sizes_leaves_memory)
{
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_FSIZE, &none);
    make();
    cr_assert_str_eq(ol_recorder_path(), "");
    cr_assert(ol_recorder_string("still kept"));
}

Test(recorder, strings_come_back)
{
    make();
    ol_string first = ol_recorder_string("app.py");
    cr_assert(first);
    cr_assert_str_eq(ol_recorder_string_at(first), "app.py");
    cr_assert_eq(ol_recorder_string("app.py"), first);
    cr_assert_neq(ol_recorder_string("app.p"), first);
    cr_assert_eq(ol_recorder_string(NULL), 0);
    cr_assert_eq(ol_recorder_string(""), 0);
    cr_assert_str_eq(ol_recorder_string_at(0), "");
}

Test(recorder, a_long_string_is_cut)
{
    make();
    char *text = calloc(1, 10000);
    memset(text, 'x', 9999);
    ol_string kept = ol_recorder_string(text);
    cr_assert_eq(strlen(ol_recorder_string_at(kept)), OL_STRING_MAX - 1);
    cr_assert_eq(ol_recorder_string(text), kept);
    free(text);
}

Test(recorder, what_finds_no_room_is_counted)
{
    make();
    struct ol_section *blind = &ol_recorder->sections[OL_SECTION_blind_spots];
    for (uint32_t i = 0; i < blind->capacity; i++)
        cr_assert_eq(ol_recorder_claim(OL_SECTION_blind_spots, 1), (int64_t)i);
    cr_assert_eq(ol_recorder_claim(OL_SECTION_blind_spots, 1), -1);
    cr_assert_eq(ol_recorder_claim(OL_SECTION_blind_spots, 7), -1);
    cr_assert_eq(blind->used, blind->capacity);
    cr_assert_eq(blind->lost, 8);
}

Test(recorder, the_strings_overflow_into_nothing)
{
    make();
    char text[1200];
    for (int i = 0; i < 2000; i++) {
        snprintf(text, sizeof text, "%01199d", i);
        ol_recorder_string(text);
    }
    const struct ol_section *strings = &ol_recorder->sections[OL_SECTION_strings];
    cr_assert_leq(strings->used, strings->capacity);
    cr_assert_gt(strings->lost, 0);
    memset(text, 'y', sizeof text - 1);
    cr_assert_eq(ol_recorder_string(text), 0);
}

Test(recorder, what_others_write_into_the_header_moves_nothing)
{
    make();
    for (int id = 0; id < OL_SECTION_COUNT; id++) {
        struct ol_section *section = &ol_recorder->sections[id];
        memset(section, 0xff, sizeof *section);
        cr_assert_eq(ol_recorder_claim((enum ol_section_id)id, 1), -1);
        cr_assert_eq(ol_recorder_used((enum ol_section_id)id), ol_recorder_sections[id].capacity);
        section->used = UINT32_MAX - 2; /* one more would wrap around */
        cr_assert_eq(ol_recorder_claim((enum ol_section_id)id, 7), -1);
    }
}

Test(recorder, an_index_that_makes_no_sense_stays_in_its_section)
{
    make();
    for (int id = 0; id < OL_SECTION_COUNT; id++) {
        const struct ol_recorder_section *section = &ol_recorder_sections[id];
        char *last = ol_recorder_entry((enum ol_section_id)id, section->capacity - 1);
        cr_assert_eq(ol_recorder_entry((enum ol_section_id)id, section->capacity), last);
        cr_assert_eq(ol_recorder_entry((enum ol_section_id)id, UINT32_MAX), last);
        cr_assert(!ol_recorder_has((enum ol_section_id)id, section->capacity, 1));
        cr_assert(!ol_recorder_has((enum ol_section_id)id, 1, section->capacity));
        cr_assert(!ol_recorder_has((enum ol_section_id)id, 1, UINT32_MAX));
    }
}

Test(recorder, a_string_without_an_end_ends)
{
    make();
    ol_recorder_reach_all();
    memset(ol_recorder, 'x', sizeof(struct ol_recorder_file));
    cr_assert_eq(strlen(ol_recorder_string_at(UINT32_MAX)), 1);
    cr_assert_eq(strlen(ol_recorder_string_at(0)),
                 ol_recorder_sections[OL_SECTION_strings].capacity);
}

Test(recorder, real_blocks_come_as_tables_fill)
{
    struct stat before, after;
    make();
    stat(ol_recorder_path(), &before);
    cr_assert_leq(before.st_blocks * 512, 256 * 1024);
    for (int i = 0; i < 1000; i++)
        cr_assert_geq(ol_recorder_claim(OL_SECTION_frames, 16), 0);
    stat(ol_recorder_path(), &after);
    cr_assert_geq((after.st_blocks - before.st_blocks) * 512,
                  16000 * (long)sizeof(struct ol_frame_entry) - 16384);
    cr_assert_eq(before.st_size, after.st_size);
}

static void *claim_many(void *unused)
{
    (void)unused;
    for (int i = 0; i < 1000; i++) {
        int64_t index = ol_recorder_claim(OL_SECTION_frames, 3);
        if (index >= 0) {
            struct ol_frame_entry *frame = ol_recorder_entry(OL_SECTION_frames, (uint32_t)index);
            frame[0].offset++;
            frame[2].offset++;
        }
    }
    return NULL;
}

Test(recorder, threads_never_claim_the_same)
{
    pthread_t threads[4];
    make();
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, claim_many, NULL);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    cr_assert_eq(ol_recorder->sections[OL_SECTION_frames].used, 12000);
    for (uint32_t i = 0; i < 12000; i += 3) {
        const struct ol_frame_entry *frame = ol_recorder_entry(OL_SECTION_frames, i);
        cr_assert_eq(frame->offset, 1);
    }
}

Test(recorder, children_count_into_the_same_record)
{
    make();
    pid_t child = fork();
    if (!child) {
        ol_recorder_process_started(getpid(), getppid());
        ol_recorder->hits++;
        ol_recorder_process_ended(3);
        _exit(0);
    }
    waitpid(child, NULL, 0);
    const struct ol_process_entry *entry = ol_recorder_entry(OL_SECTION_processes, 1);
    cr_assert_eq(ol_recorder->hits, 1);
    cr_assert_eq(entry->pid, child);
    cr_assert_eq(entry->parent, getpid());
    cr_assert_eq(entry->exit_status, 3);
    cr_assert_neq(entry->ended_ns, 0);
}

Test(recorder, a_blind_spot_is_noted_once)
{
    make();
    ol_recorder_blind_spot("a", "b");
    ol_recorder_blind_spot("a", "b");
    ol_recorder_blind_spot("a", "c");
    cr_assert_eq(ol_recorder->sections[OL_SECTION_blind_spots].used, 2);
}

Test(recorder, a_module_is_noted_once)
{
    make();
    const void *here = (const void *)(uintptr_t)make;
    uint16_t index = ol_recorder_module(here);
    cr_assert_neq(index, OL_NO_INDEX);
    cr_assert_eq(ol_recorder_module((const char *)here + 1), index);
    cr_assert_eq(ol_recorder_module((const void *)((uintptr_t)folder - 0x100000000)), OL_NO_INDEX);
    cr_assert_eq(ol_recorder->sections[OL_SECTION_modules].used, 1);
}

Test(recorder, an_empty_record_leaves_no_file)
{
    make();
    char path[4096];
    strcpy(path, ol_recorder_path());
    ol_recorder_process_ended(0);
    ol_recorder_discard_if_empty();
    cr_assert(access(path, F_OK) != 0);
}

Test(turn_histogram, each_turn_is_in_the_bucket_that_holds_it)
{
    for (unsigned shift = 0; shift < 40; shift++)
        for (uint64_t ns = (UINT64_C(1) << shift) - 1; ns < (UINT64_C(1) << shift) + 3; ns++) {
            unsigned bucket = ol_turn_bucket(ns);
            cr_assert_leq(ol_turn_bucket_low(bucket), ns);
            cr_assert_gt(ol_turn_bucket_low(bucket + 1), ns);
        }
}

Test(turn_histogram, buckets_rise_and_the_last_takes_the_rest)
{
    for (unsigned bucket = 0; bucket + 1 < OL_TURN_BUCKETS; bucket++)
        cr_assert_lt(ol_turn_bucket_low(bucket), ol_turn_bucket_low(bucket + 1));
    cr_assert_eq(ol_turn_bucket(0), 0);
    cr_assert_eq(ol_turn_bucket(UINT64_MAX), OL_TURN_BUCKETS - 1);
}
