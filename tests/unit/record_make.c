/* SPDX-License-Identifier: MIT */
/* record_make KIND FILE: writes a record for the command's end-to-end tests. Built by them.
 * record_make FIRST-SITES FILE, as in 8000-1000: a record of so many sites, numbered from FIRST. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "record_fixture.h"

static void make_hostile(struct record_fixture *record)
{
    struct ol_site_entry *site = record_fixture_usual(record);
    site->argument = record_fixture_string(record,
                                           "/tmp/\033]0;owned\a\033[2J\xff\xfe\n\xe2\x80\xae"
                                           "gpj.exe<script>alert(1)</script>");
    site->api = record_fixture_string(record, "evil\r\n::error::\x9b"
                                              "31m");
    memcpy(site->thread, "\033[31mMainThread-", sizeof site->thread); /* no NUL */
    struct ol_frame_entry *frame = record_fixture_frame(record, site, "f\033[0m\x80",
                                                        "/srv/\xc3\x28/\033c.py", 1, OL_CODE_user);
    frame->module_name = record_fixture_string(record, "bad\033module");
}

#define MARKUP(where) "<img src=x onerror=alert('" where "')>"

/* What would be code if a page took it for more than text. */
static void make_markup(struct record_fixture *record)
{
    struct ol_site_entry *site = record_fixture_usual(record);
    struct ol_frame_entry *frame = record_fixture_frame(
        record, site, MARKUP("function"), "/srv/app/" MARKUP("file") ".py", 7, OL_CODE_user);
    frame->module_name = record_fixture_string(record, MARKUP("owner"));
    site->culprit = site->frame_count - 1;
    site->argument = record_fixture_string(record, MARKUP("argument") "\" onload=\"x");
    site->api = record_fixture_string(record, MARKUP("api") "</script><script>alert(1)</script>");
    site->hint = record_fixture_string(record, MARKUP("hint") "<!--<script>\xe2\x80\xae");
    site->rule = record_fixture_string(record, "</style><b>rule</b>");
    memcpy(site->thread, "<b>thread</b>", 14);
    record->header->argv = record_fixture_string(record, "{{data}}</title><b>argv</b>");
}

#define SYNTAX "]]>&amp;<!--%0A%25::error::x|y`z`*_[l](u);a b;c 1;#,\"'\\n\x7f\xc2\x9b"

/* What has a meaning in XML, Markdown, workflow commands, folded stacks, URIs and baselines; and
 * names as long as a record holds them. */
static void make_syntax(struct record_fixture *record)
{
    char path[4000] = "/srv/app";
    while (strlen(path) < sizeof path - 64)
        strcat(path, "/a very long folder;|`%20");
    struct ol_site_entry *site = record_fixture_usual(record);
    record_fixture_frame(record, site, SYNTAX, "/srv/app/ " SYNTAX ".py", 7, OL_CODE_user);
    site->culprit = site->frame_count - 1;
    site->argument = record_fixture_string(record, SYNTAX);
    site->api = record_fixture_string(record, SYNTAX);
    record->header->argv = record_fixture_string(record, SYNTAX);
    site->hint = record_fixture_string(record, SYNTAX "\n| a | b |\n::error::c");
    memcpy(site->thread, "a;b c 7\n", 9);
    site = record_fixture_usual(record);
    record_fixture_frame(record, site, path + 1, path, 7, OL_CODE_user);
    site->culprit = site->frame_count - 1;
    site->argument = record_fixture_string(record, path);
}

/* 120 sites of three rules, three severities and two files. */
static void make_many(struct record_fixture *record)
{
    static const char *const rules[] = {"open", "stat", "read"};
    char bytes[64];
    for (int i = 0; i < 120; i++) {
        struct ol_site_entry *site = record_fixture_site(record);
        site->severity = (uint8_t)(i % OL_SEVERITY_COUNT);
        site->rule = site->api = record_fixture_string(record, rules[i / 7 % 3]);
        snprintf(bytes, sizeof bytes, "/srv/data/file-%d.json", i);
        site->argument = record_fixture_string(record, bytes);
        site->count = (uint64_t)(1 + i * 37 % 101);
        site->total_ns = (uint64_t)(1 + i * 53 % 109) * 1000000;
        snprintf(bytes, sizeof bytes, "handler_%d", i);
        record_fixture_frame(record, site, bytes, i % 7 ? "/srv/app/a.py" : "/srv/app/b.py",
                             (unsigned)i + 1, OL_CODE_user);
        record_fixture_frame(record, site, "main", "/srv/app/app.py", 80, OL_CODE_user);
        site->culprit = 0;
    }
}

/* Two sites that "usual" has not. */
static void make_more(struct record_fixture *record)
{
    static const char *const rules[] = {"open", "unlink"};
    for (size_t i = 0; i < 2; i++) {
        struct ol_site_entry *site = record_fixture_usual(record);
        site->severity = OL_SEVERITY_warning;
        site->rule = record_fixture_string(record, rules[i]);
        site->api = record_fixture_string(record, i ? "os.unlink" : "open");
    }
}

static void make(struct record_fixture *record, const char *kind)
{
    if (strcmp(kind, "empty") == 0)
        return;
    record_fixture_loop(record);
    if (strcmp(kind, "usual") == 0)
        record_fixture_usual(record);
    else if (strcmp(kind, "bare") == 0)
        record_fixture_site(record);
    else if (strcmp(kind, "more") == 0)
        make_more(record);
    else if (strcmp(kind, "slow") == 0) {
        struct ol_site_entry *site = record_fixture_usual(record);
        site->rule = record_fixture_string(record, "read");
        site->api = record_fixture_string(record, "file.read");
    } else if (strcmp(kind, "often") == 0)
        record_fixture_usual(record)->count = 300;
    else if (strcmp(kind, "twice") == 0)
        record_fixture_usual(record)->count = 6;
    else if (strcmp(kind, "warning") == 0)
        record_fixture_usual(record)->severity = OL_SEVERITY_warning;
    else if (strcmp(kind, "blocked") == 0)
        record_fixture_usual(record)->blocked = 3;
    else if (strcmp(kind, "markup") == 0)
        make_markup(record);
    else if (strcmp(kind, "syntax") == 0)
        make_syntax(record);
    else if (strcmp(kind, "many") == 0)
        make_many(record);
    else if (strcmp(kind, "hostile") == 0)
        make_hostile(record);
    else if (strcmp(kind, "version") == 0)
        record->header->version = 77;
    else if (strcmp(kind, "dropped") == 0)
        record->header->hits_lost = record->header->sections[OL_SECTION_sites].lost = 12345;
    else if (strcmp(kind, "clean") != 0)
        fprintf(stderr, "no such kind: %s\n", kind);
}

/* Sites as the largest record can have them: eight frames each, half of them like the others'. */
static void make_large(struct record_fixture *record, int first, int sites)
{
    char bytes[64];
    record_fixture_loop(record);
    for (int i = first; i < first + sites; i++) {
        struct ol_site_entry *site = record_fixture_site(record);
        snprintf(bytes, sizeof bytes, "/var/lib/app/data/%d/file-%d.json", i % 97, i);
        site->argument = record_fixture_string(record, bytes);
        site->severity = (uint8_t)(i % OL_SEVERITY_COUNT);
        site->loop = 0;
        site->total_ns = (uint64_t)(1000 + i * 7919ull % 5000000);
        for (int k = 0; k < 8; k++) {
            snprintf(bytes, sizeof bytes, "step_%d", k < 4 ? i * 4 + k : k);
            record_fixture_frame(record, site, bytes, "/srv/app/app.py",
                                 (unsigned)(k < 4 ? 1 + i % 3000 : k), OL_CODE_user);
        }
        site->culprit = 0;
    }
}

int main(int argc, char **argv)
{
    struct record_fixture record;
    int first, sites;
    if (argc != 3)
        return 2;
    bool large = sscanf(argv[1], "%d-%d", &first, &sites) == 2;
    record_fixture_begin_large(&record, large ? (unsigned)sites / 512 + 1 : 1);
    if (large)
        make_large(&record, first, sites);
    else
        make(&record, argv[1]);
    record_fixture_write(&record, argv[2], record.size);
    record_fixture_end(&record);
    return 0;
}
