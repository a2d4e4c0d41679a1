/* SPDX-License-Identifier: MIT */
/* Rules files: one handler a statement. The contract is in ruleset.h. */
#include "ruleset.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "callable.h"
#include "function.h"
#include "glob.h"
#include "loop_rule.h"
#include "owner_rule.h"
#include "pack.h"
#include "rawio.h"
#include "ruleset_line.h"

struct ol_ruleset ol_ruleset;

enum ol_severity ol_ruleset_severity(unsigned rule)
{
    uint8_t said = ol_ruleset.severity[rule];
    return said == OL_RULE_AS_WRITTEN ? ol_rule_row(rule)->severity : (enum ol_severity)said;
}

static bool is_covering(const char *glob)
{
    size_t length = strlen(glob);
    if (ol_rule_named(glob) >= 0)
        return true;
    for (unsigned i = 0; i < ol_rule_count(); i++)
        if (ol_glob_match(glob, length, ol_rule_row(i)->name))
            return true;
    return false;
}

bool ol_ruleset_line_covers(const struct ol_line *line, const char *glob)
{
    struct ol_nearest nearest = {.word = ol_word_of(glob)};
    if (is_covering(glob) || (ol_ruleset_read_rest() && is_covering(glob)))
        return true;
    for (unsigned i = 0; i < ol_rule_count(); i++)
        ol_word_consider(&nearest, ol_rule_row(i)->name);
    ol_ruleset_line_guess(line, &nearest);
    return false;
}

static void severity(struct ol_line *line)
{
    int level = line->count == 3
                    ? ol_word_find(ol_word_of(line->words[2]), ol_severity_names, OL_SEVERITY_COUNT)
                    : -1;
    if (level < 0) {
        ol_ruleset_line_complain(line, NULL,
                                 "severity takes a rule and one of note, warning, error");
        return;
    }
    int named = ol_rule_named(line->words[1]);
    if (named >= 0)
        ol_ruleset.severity[named] = (uint8_t)level;
    if (named >= 0)
        return;
    ol_ruleset_read_rest(); /* a pattern is for all rules, so they have to be there */
    if (!ol_ruleset_line_covers(line, line->words[1]))
        return;
    for (unsigned i = 0; i < ol_rule_count(); i++)
        if (ol_glob_match(line->words[1], strlen(line->words[1]), ol_rule_row(i)->name))
            ol_ruleset.severity[i] = (uint8_t)level;
}

/* What comes after the condition, quoted, is the reason, and is for readers. */
static void about_loops(struct ol_line *line, bool no)
{
    const char *wrong = line->count < 2 || line->count > 3 ? "takes thread=GLOB or caller=GLOB"
                                                           : ol_loop_rule_add(no, line->words[1]);
    if (wrong)
        ol_ruleset_line_complain(line, line->words[0], wrong);
}

static void loop(struct ol_line *line)
{
    about_loops(line, false);
}

static void no_loop(struct ol_line *line)
{
    about_loops(line, true);
}

/* Whose code a file is. */
static void owner(struct ol_line *line)
{
    const char *wrong = line->count != 3 ? "takes a path pattern and a name"
                                         : ol_owner_rule_add(line->words[1], line->words[2]);
    if (wrong)
        ol_ruleset_line_complain(line, line->words[0], wrong);
}

static const struct {
    const char *word;
    void (*read)(struct ol_line *line);
} statements[] = {
    {"allow", ol_ruleset_line_allow},
    {"no-allow", ol_ruleset_line_no_allow},
    {"severity", severity},
    {"loop", loop},
    {"no-loop", no_loop},
    {"owner", owner},
    {"blocking", ol_ruleset_line_blocking},
    {"loop-only", ol_ruleset_line_loop_only},
    {"off-loop-only", ol_ruleset_line_off_loop_only},
    {"misuse", ol_ruleset_line_misuse},
    {"safe", ol_ruleset_line_safe},
};
#define STATEMENTS (sizeof statements / sizeof *statements)

static void complain_of_statement(const struct ol_line *line)
{
    struct ol_nearest nearest = {.word = ol_word_of(line->words[0])};
    for (size_t i = 0; i < STATEMENTS; i++)
        ol_word_consider(&nearest, statements[i].word);
    char reason[200];
    struct ol_text text = OL_TEXT(reason);
    ol_text_add(&text, "is not a rule of a rules file");
    if (nearest.name) {
        ol_text_add(&text, ": did you mean '");
        ol_text_add(&text, nearest.name);
        ol_text_add(&text, "'?");
    }
    ol_ruleset_line_complain(line, line->words[0], reason);
}

static void read_statement(struct ol_line *line)
{
    for (size_t i = 0; i < STATEMENTS; i++) {
        if (strcmp(statements[i].word, line->words[0]) == 0) {
            statements[i].read(line);
            return;
        }
    }
    complain_of_statement(line);
}

static void complain_of_file(const struct ol_line *template, const char *reason)
{
    char bytes[4400];
    struct ol_text text = OL_TEXT(bytes);
    ol_text_add(&text, "OFFLOOP_RULES: ");
    ol_text_add_escaped(&text, template->file, strlen(template->file));
    ol_text_add(&text, reason);
    template->complain(template->context, bytes);
}

#define FILE_MAX (1u << 20)

static void read_file(const struct ol_line *template)
{
    struct stat status;
    int fd = ol_raw_open(template->file, O_RDONLY | O_NOCTTY | O_NONBLOCK, 0);
    if (fd < 0)
        complain_of_file(template,
                         fd == -ENOENT || fd == -ENOTDIR ? ": no such file" : ": not readable");
    else if (ol_raw_fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
        complain_of_file(template, ": is not a file, but a folder or a device");
    else if (status.st_size > FILE_MAX)
        complain_of_file(template, ": larger than 1 MiB, not read");
    else if (!ol_ruleset_line_read_all(template, fd, NULL, (size_t)status.st_size, read_statement))
        complain_of_file(template,
                         ": is not text (it has a NUL), or changes while it is read: not read");
    if (fd >= 0)
        ol_raw_close(fd);
}

static _Atomic bool has_read[OL_PACK_COUNT];

static void read_pack(int pack, ol_complain *complain, void *context)
{
    const struct ol_line template = {
        .file = ol_packs[pack].file, .shipped = true, .complain = complain, .context = context};
    if (!has_read[pack])
        ol_ruleset_line_read_all(&template, -1, ol_packs[pack].text, strlen(ol_packs[pack].text),
                                 read_statement);
    has_read[pack] = true;
}

/* Nothing is wrong in what we ship. */
static void hear_nothing(void *context, const char *line)
{
    (void)context;
    (void)line;
}

bool ol_ruleset_has_pack(int pack)
{
    return has_read[pack];
}

bool ol_ruleset_read_pack(int pack)
{
    bool new = !has_read[pack];
    read_pack(pack, hear_nothing, NULL);
    return new;
}

bool ol_ruleset_read_rest(void)
{
    bool new = false;
    for (int i = 0; i < OL_PACK_COUNT; i++)
        if (ol_packs[i].when == OL_PACK_WHEN_imported)
            new |= ol_ruleset_read_pack(i);
    return new;
}

/* A word without a slash and a dot is a pack's name. */
static bool read_named_pack(struct ol_word name, ol_complain *complain, void *context)
{
    for (int i = 0; i < OL_PACK_COUNT; i++) {
        if (!ol_word_is(name, ol_packs[i].name))
            continue;
        read_pack(i, complain, context);
        return true;
    }
    return false;
}

static void read_named(struct ol_word file, ol_complain *complain, void *context)
{
    char name[4096];
    struct ol_text text = OL_TEXT(name);
    const struct ol_line template = {.file = name, .complain = complain, .context = context};
    ol_text_add_bytes(&text, file.bytes, file.length);
    if (file.length && !read_named_pack(file, complain, context))
        read_file(&template);
}

void ol_ruleset_read(const char *files, ol_complain *complain, void *context)
{
    ol_ruleset.allow_count = 0; /* the rest of 94 KB need not be touched */
    ol_rule_clear();
    ol_callable_clear();
    ol_loop_rule_clear();
    ol_owner_rule_clear();
    ol_function_reset();
    for (int i = 0; i < OL_PACK_COUNT; i++)
        has_read[i] = false;
    for (unsigned i = 0; i < OL_RULE_MAX; i++)
        ol_ruleset.severity[i] = OL_RULE_AS_WRITTEN;
    for (int i = 0; i < OL_PACK_COUNT; i++)
        if (ol_packs[i].when == OL_PACK_WHEN_always)
            read_pack(i, complain, context);
    struct ol_word file;
    for (const char *rest = files && *files ? files : NULL; ol_word_next(&rest, ':', &file);)
        read_named(file, complain, context);
}
