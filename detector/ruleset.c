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

/* Does the glob cover any rule? Says so, and names the nearest, when it does not. */
static bool covers_a_rule(const struct ol_line *line, const char *glob)
{
    struct ol_nearest nearest = {.word = ol_word_of(glob)};
    if (is_covering(glob) || (ol_ruleset_read_rest() && is_covering(glob)))
        return true;
    for (unsigned i = 0; i < ol_rule_count(); i++)
        ol_word_consider(&nearest, ol_rule_row(i)->name);
    ol_ruleset_line_guess(line, &nearest);
    return false;
}

/* "a.b:c" -> module "a.b", function "c", "A::B#c" a function; without a colon any function. */
static void split_code(struct ol_allow_code *code, enum ol_frame_kind kind, char *value)
{
    char *colon = strchr(value, ':');
    *code = (struct ol_allow_code){.module = value, .function = "*", .kind = kind};
    if (colon) {
        *colon = '\0';
        code->function = colon + 1;
    }
}

/* The kind of frames that a language's word names; native: it is no language. */
static enum ol_frame_kind kind_of(const char *word, size_t length)
{
    static const struct {
        const char *name;
        enum ol_frame_kind kind;
    } languages[] = {
#define OL_RUNTIME(name) {#name, OL_FRAME_##name},
#include "runtimes.def"
#undef OL_RUNTIME
    };
    for (size_t i = 0; i < sizeof languages / sizeof *languages; i++)
        if (strlen(languages[i].name) == length && memcmp(languages[i].name, word, length) == 0)
            return languages[i].kind;
    return OL_FRAME_native;
}

/* A number above 0. */
static bool set_number(uint32_t *number, const char *value)
{
    *number = 0;
    for (; *value >= '0' && *value <= '9' && *number < 100000000; value++)
        *number = *number * 10 + (uint32_t)(*value - '0');
    return *number && !*value;
}

/* "250" or "none". */
static bool set_limit(struct ol_allow_rule *rule, const char *value)
{
    if (strcmp(value, "none") != 0)
        return set_number(&rule->limit_ms, value);
    rule->limit_ms = OL_ALLOW_LIMIT_none;
    return true;
}

/* One KEY=GLOB of an allow line. */
static bool set_allow_key(struct ol_allow_rule *rule, char *word)
{
    char *value = strchr(word, '=');
    if (!value || !value[1])
        return false;
    size_t length = (size_t)(value++ - word);
    if (length == 4 && strncmp(word, "path", 4) == 0)
        rule->path = value;
    else if (length == 6 && strncmp(word, "caller", 6) == 0)
        rule->caller = value;
    else if (length == 6 && strncmp(word, "symbol", 6) == 0)
        rule->symbol = value;
    else if (kind_of(word, length) != OL_FRAME_native)
        split_code(&rule->code, kind_of(word, length), value);
    else if (length == 5 && strncmp(word, "under", 5) == 0)
        split_code(&rule->under, OL_FRAME_native, value);
    else if (length == 6 && strncmp(word, "unless", 6) == 0)
        rule->unless = value;
    else if (length == 6 && strncmp(word, "frames", 6) == 0)
        return set_number(&rule->frames, value);
    else if (length == 5 && strncmp(word, "limit", 5) == 0)
        return set_limit(rule, value);
    else
        return false;
    return true;
}

/* The keys of an allow line; what comes after them, quoted, is the reason, and is for readers. */
static bool read_allow_keys(struct ol_line *line, struct ol_allow_rule *rule)
{
    for (unsigned i = 2; i < line->count; i++) {
        bool last = i + 1 == line->count;
        if (!set_allow_key(rule, line->words[i]) &&
            !(last && i > 2 && !strchr(line->words[i], '='))) {
            ol_ruleset_line_complain(
                line, line->words[i],
                "is not a condition: path=GLOB, caller=GLOB, symbol=GLOB, python=MODULE:FUNCTION, "
                "ruby=MODULE:FUNCTION, under=MODULE:FUNCTION, frames=N, unless=GLOB, limit=MS or "
                "limit=none");
            return false;
        }
    }
    if ((rule->frames || rule->unless) && !rule->caller && !rule->symbol) {
        ol_ruleset_line_complain(line, rule->frames ? "frames" : "unless",
                                 "says more of caller=GLOB or symbol=GLOB, and there is none");
        return false;
    }
    return true;
}

static void allow(struct ol_line *line)
{
    struct ol_allow_rule rule = {.text = line->text,
                                 .rule = line->words[1],
                                 .limit_ms = OL_ALLOW_LIMIT_stall,
                                 .shipped = line->shipped};
    if (line->count < 2)
        ol_ruleset_line_complain(line, NULL,
                                 "allow takes a rule and what to allow: allow RULE KEY=GLOB");
    else if (ol_ruleset.allow_count == OL_ALLOW_MAX)
        ol_ruleset_line_complain(line, NULL, "too many allow rules: 250 are kept");
    else if (covers_a_rule(line, rule.rule) && read_allow_keys(line, &rule))
        ol_ruleset.allow[ol_ruleset.allow_count++] = rule;
}

static bool same(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_code(const struct ol_allow_code *a, const struct ol_allow_code *b)
{
    return a->kind == b->kind && same(a->module, b->module) && same(a->function, b->function);
}

static bool same_allow(const struct ol_allow_rule *a, const struct ol_allow_rule *b)
{
    return same(a->rule, b->rule) && same(a->path, b->path) && same(a->caller, b->caller) &&
           same(a->symbol, b->symbol) && same(a->unless, b->unless) && a->frames == b->frames &&
           same_code(&a->code, &b->code) && same_code(&a->under, &b->under);
}

static void no_allow(struct ol_line *line)
{
    struct ol_allow_rule rule = {.rule = line->words[1]};
    bool found = false;
    if (line->count < 2)
        ol_ruleset_line_complain(line, NULL,
                                 "no-allow takes the words of the allow rule that it takes back");
    if (line->count < 2 || !read_allow_keys(line, &rule))
        return;
    for (unsigned i = 0; i < ol_ruleset.allow_count; i++)
        if (same_allow(&rule, &ol_ruleset.allow[i]))
            found = ol_ruleset.allow[i].off = true;
    if (!found)
        ol_ruleset_line_complain(
            line, NULL, "no-allow takes back an allow rule, word by word: there is none like this");
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
    if (!covers_a_rule(line, line->words[1]))
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
    {"allow", allow},
    {"no-allow", no_allow},
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
