/* record_make KIND FILE: writes a record for the command's end-to-end tests. Built by them. */
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
    else if (strcmp(kind, "often") == 0)
        record_fixture_usual(record)->count = 300;
    else if (strcmp(kind, "twice") == 0)
        record_fixture_usual(record)->count = 6;
    else if (strcmp(kind, "warning") == 0)
        record_fixture_usual(record)->severity = OL_SEVERITY_warning;
    else if (strcmp(kind, "blocked") == 0)
        record_fixture_usual(record)->blocked = 3;
    else if (strcmp(kind, "hostile") == 0)
        make_hostile(record);
    else if (strcmp(kind, "version") == 0)
        record->header->version = 77;
    else if (strcmp(kind, "dropped") == 0)
        record->header->hits_lost = record->header->sections[OL_SECTION_sites].lost = 12345;
    else if (strcmp(kind, "clean") != 0)
        fprintf(stderr, "no such kind: %s\n", kind);
}

int main(int argc, char **argv)
{
    struct record_fixture record;
    if (argc != 3)
        return 2;
    record_fixture_begin(&record);
    make(&record, argv[1]);
    record_fixture_write(&record, argv[2], record.size);
    record_fixture_end(&record);
    return 0;
}
