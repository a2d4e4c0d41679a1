/* SPDX-License-Identifier: MIT */
/* Damaged records: whatever happens to one part, what is intact is still shown. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "record_fixture.h"
#include "report/formats/format.h"
#include "report/group.h"
#include "report/load.h"
#include "report/output.h"
#include "report/plain.h"

#define SITES 12

static struct record_fixture record;
static char path[] = "/tmp/offloop-damage-XXXXXX";
static uint32_t last_string[SITES]; /* where the strings of each site end */
static int quiet = -1;

/* A record of SITES sites, each with a function of its own: "site_3". */
static void build(void)
{
    char name[16];
    record_fixture_begin(&record);
    record_fixture_loop(&record);
    for (int i = 0; i < SITES; i++) {
        struct ol_site_entry *site = record_fixture_site(&record);
        snprintf(name, sizeof name, "site_%d", i);
        record_fixture_frame(&record, site, name, "/srv/app/app.py", 1, OL_CODE_user);
        site->culprit = 0;
        last_string[i] = record.header->sections[OL_SECTION_strings].used;
    }
}

static void begin(void)
{
    close(mkstemp(path));
    ol_plain_start();
    build();
    quiet = dup(STDERR_FILENO); /* each damage is told, thousands of times */
    dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDERR_FILENO);
}

static void end(void)
{
    dup2(quiet, STDERR_FILENO);
    record_fixture_end(&record);
    unlink(path);
}

static void write_everything(struct ol_model *model)
{
    struct obstack pool;
    ol_pool_begin(&pool);
    for (size_t i = 0; ol_format_at(i); i++) {
        struct ol_output output;
        const char *trouble;
        cr_assert(ol_output_parse(&output, &pool, ol_format_at(i)->name, &trouble));
        output.path = "/dev/null";
        cr_assert(ol_output_write(&output, model), "%s", ol_format_at(i)->name);
    }
    ol_pool_end(&pool);
}

/* Loads the first `size` bytes and writes them in every format where `all` says so; the sites that
 * are shown, as bits. */
static unsigned shown(size_t size, bool all)
{
    const char *paths[] = {path};
    struct ol_model model;
    unsigned bits = 0;
    int site;
    record_fixture_write(&record, path, size);
    ol_model_begin(&model);
    ol_load_files(&model, paths, 1);
    ol_group_merge(&model);
    ol_group_sort(&model, OL_GROUP_BY_TIME);
    for (size_t i = 0; i < model.violation_count; i++) {
        const struct ol_frame *culprit = model.violations[i].culprit;
        if (culprit && culprit->function && sscanf(culprit->function, "site_%d", &site) == 1)
            bits |= 1u << site;
    }
    if (all)
        write_everything(&model);
    ol_model_end(&model);
    return bits;
}

static unsigned char *entry(enum ol_section_id id, unsigned index)
{
    const struct ol_section *section = &record.header->sections[id];
    return record.bytes + section->offset + (size_t)index * section->entry_size;
}

/* The same "random" numbers in every run. */
static unsigned chance(unsigned below)
{
    static unsigned state = 12345;
    state = state * 1103515245u + 12345u;
    return (state >> 8) % below;
}

TestSuite(report_damage, .init = begin, .fini = end, .timeout = 120);

Test(report_damage, a_whole_record_shows_every_site)
{
    cr_assert_eq(shown(record.size, true), (1u << SITES) - 1);
}

Test(report_damage, bits_flipped_in_a_site_leave_the_others)
{
    for (int i = 0; i < 400; i++) {
        unsigned site = chance(SITES);
        unsigned char *byte = entry(OL_SECTION_sites, site) + chance(sizeof(struct ol_site_entry));
        unsigned char before = *byte;
        *byte ^= (unsigned char)(1u << chance(8));
        unsigned others = ((1u << SITES) - 1) & ~(1u << site);
        cr_assert_eq(shown(record.size, i % 20 == 0) & others, others, "flip %d", i);
        *byte = before;
    }
}

Test(report_damage, a_record_that_is_cut_shows_what_lies_before_the_cut)
{
    size_t strings = record.header->sections[OL_SECTION_strings].offset;
    for (int i = 0; i < SITES; i++) {
        unsigned before = (1u << (i + 1)) - 1;
        cr_assert_eq(shown(strings + last_string[i], true) & before, before, "cut %d", i);
    }
}

Test(report_damage, no_cut_ends_badly)
{
    for (size_t size = 0; size < record.size; size += 1 + record.size / 300)
        shown(size, true);
}

Test(report_damage, no_flipped_bit_ends_badly)
{
    size_t used = record.header->sections[OL_SECTION_frames].offset + 4096;
    for (int i = 0; i < 1000; i++) {
        unsigned char *byte = record.bytes +
                              chance(i % 2 ? sizeof(struct ol_record) : (unsigned)used);
        unsigned char before = *byte;
        *byte ^= (unsigned char)(1u << chance(8));
        shown(record.size, i % 50 == 0);
        *byte = before;
    }
}

Test(report_damage, random_bytes_are_no_record)
{
    for (int i = 0; i < 50; i++) {
        size_t from = i % 2 ? sizeof record.header->magic : 0;
        for (size_t j = from; j < 20000; j++)
            record.bytes[j] = (unsigned char)chance(256);
        shown(20000, i % 10 == 0);
    }
}
