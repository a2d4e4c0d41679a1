/* Rules files: split into words in place, one handler a statement. The contract is in ruleset.h. */
#include "ruleset.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

#include "callable.h"
#include "glob.h"
#include "rawio.h"

struct ol_ruleset ol_ruleset;

enum ol_severity ol_ruleset_severity(unsigned rule)
{
    uint8_t said = ol_ruleset.severity[rule];
    return said == OL_RULE_AS_WRITTEN ? ol_rule_row(rule)->severity : (enum ol_severity)said;
}

__asm__(".pushsection .rodata\n"
        ".global ol_ruleset_default\n"
        ".hidden ol_ruleset_default\n"
        "ol_ruleset_default:\n"
        ".incbin \"" OL_DEFAULT_RULES "\"\n"
        ".byte 0\n"
        ".popsection\n");

static const char shipped_name[] = "default.rules";

#define WORDS_MAX 16

/* A line under way: where it stands, its words, whom to tell. */
struct line {
    const char *file;
    unsigned number;
    struct ol_word text;
    char *words[WORDS_MAX];
    unsigned count;
    ol_complain *complain;
    void *context;
};

static void complain_of(const struct line *line, const char *word, const char *reason)
{
    char bytes[512];
    struct ol_text text = OL_TEXT(bytes);
    ol_text_add(&text, line->file);
    ol_text_add_char(&text, ':');
    ol_text_add_unsigned(&text, line->number);
    ol_text_add(&text, ": ");
    if (word)
        ol_word_quote(&text, ol_word_of(word));
    ol_text_add(&text, word ? " " : "");
    ol_text_add(&text, reason);
    line->complain(line->context, bytes);
}

/* Does the glob cover any rule? Says so, and names the nearest, when it does not. */
static bool covers_a_rule(const struct line *line, const char *glob)
{
    struct ol_nearest nearest = {.word = ol_word_of(glob)};
    for (unsigned i = 0; i < ol_rule_count(); i++) {
        if (ol_glob_match(glob, strlen(glob), ol_rule_row(i)->name))
            return true;
        ol_word_consider(&nearest, ol_rule_row(i)->name);
    }
    char where[300];
    char bytes[512];
    struct ol_text place = OL_TEXT(where);
    struct ol_text text = OL_TEXT(bytes);
    ol_text_add(&place, line->file);
    ol_text_add_char(&place, ':');
    ol_text_add_unsigned(&place, line->number);
    ol_word_explain(&text, where, &nearest, "rule", "`offloop rules` lists them");
    line->complain(line->context, bytes);
    return false;
}

/* "python=a.b:c" -> module "a.b", function "c"; without a colon any function. */
static void split_python(struct ol_allow_rule *rule, char *value)
{
    char *colon = strchr(value, ':');
    rule->module = value;
    rule->function = "*";
    if (colon) {
        *colon = '\0';
        rule->function = colon + 1;
    }
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
    else if (length == 6 && strncmp(word, "python", 6) == 0)
        split_python(rule, value);
    else
        return false;
    return true;
}

/* The keys of an allow line; what comes after them, quoted, is the reason, and is for readers. */
static bool read_allow_keys(struct line *line, struct ol_allow_rule *rule)
{
    for (unsigned i = 2; i < line->count; i++) {
        bool last = i + 1 == line->count;
        if (!set_allow_key(rule, line->words[i]) &&
            !(last && i > 2 && !strchr(line->words[i], '='))) {
            complain_of(
                line, line->words[i],
                "is no condition: path=GLOB, caller=GLOB, symbol=GLOB, python=MODULE:FUNCTION");
            return false;
        }
    }
    return true;
}

static void allow(struct line *line)
{
    struct ol_allow_rule rule = {
        .text = line->text, .rule = line->words[1], .shipped = line->file == shipped_name};
    if (line->count < 2)
        complain_of(line, NULL, "allow takes a rule and what to allow: allow RULE KEY=GLOB");
    else if (ol_ruleset.allow_count == OL_ALLOW_MAX)
        complain_of(line, NULL, "too many allow rules: 250 are kept");
    else if (covers_a_rule(line, rule.rule) && read_allow_keys(line, &rule))
        ol_ruleset.allow[ol_ruleset.allow_count++] = rule;
}

static bool same(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_allow(const struct ol_allow_rule *a, const struct ol_allow_rule *b)
{
    return same(a->rule, b->rule) && same(a->path, b->path) && same(a->caller, b->caller) &&
           same(a->symbol, b->symbol) && same(a->module, b->module) &&
           same(a->function, b->function);
}

static void no_allow(struct line *line)
{
    struct ol_allow_rule rule = {.rule = line->words[1]};
    bool found = false;
    if (line->count < 2)
        complain_of(line, NULL, "no-allow takes the words of the allow rule that it takes back");
    if (line->count < 2 || !read_allow_keys(line, &rule))
        return;
    for (unsigned i = 0; i < ol_ruleset.allow_count; i++)
        if (same_allow(&rule, &ol_ruleset.allow[i]))
            found = ol_ruleset.allow[i].off = true;
    if (!found)
        complain_of(line, NULL,
                    "no-allow takes back an allow rule, word by word: there is none like this");
}

static void severity(struct line *line)
{
    int level = line->count == 3
                    ? ol_word_find(ol_word_of(line->words[2]), ol_severity_names, OL_SEVERITY_COUNT)
                    : -1;
    if (level < 0) {
        complain_of(line, NULL, "severity takes a rule and one of note, warning, error");
        return;
    }
    if (!covers_a_rule(line, line->words[1]))
        return;
    for (unsigned i = 0; i < ol_rule_count(); i++)
        if (ol_glob_match(line->words[1], strlen(line->words[1]), ol_rule_row(i)->name))
            ol_ruleset.severity[i] = (uint8_t)level;
}

static void loop(struct line *line)
{
    unsigned room = sizeof ol_ruleset.loop_threads / sizeof *ol_ruleset.loop_threads;
    if (line->count != 2 || strncmp(line->words[1], "thread=", 7) != 0 || !line->words[1][7])
        complain_of(line, NULL, "loop takes thread=GLOB");
    else if (ol_ruleset.loop_thread_count == room)
        complain_of(line, NULL, "too many loop rules: 8 are kept");
    else
        ol_ruleset.loop_threads[ol_ruleset.loop_thread_count++] = line->words[1] + 7;
}

/* For the command: reports name owners by it. */
static void owner(struct line *line)
{
    if (line->count != 3)
        complain_of(line, NULL, "owner takes a path pattern and a name");
}

/* KIND python:MODULE:QUALNAME …: for the CPython bridge. */
static void callable(struct line *line)
{
    enum ol_kind kind = (enum ol_kind)ol_word_find(ol_word_of(line->words[0]), ol_kind_names,
                                                   OL_KIND_COUNT);
    const char *wrong = ol_callable_add(kind, line->words + 1, line->count - 1);
    if (wrong)
        complain_of(line, line->words[0], wrong);
}

static void not_yet(struct line *line)
{
    if (line->count > 1 && ol_callable_is_named_by(line->words[1]))
        callable(line);
    else
        complain_of(line, line->words[0], "rules are not in this version");
}

static const struct {
    const char *word;
    void (*read)(struct line *line);
} statements[] = {
    {"allow", allow}, {"no-allow", no_allow}, {"severity", severity}, {"loop", loop},
    {"owner", owner}, {"blocking", not_yet},  {"loop-only", not_yet}, {"off-loop-only", not_yet},
    {"misuse", callable},
};

static void read_statement(struct line *line)
{
    struct ol_nearest nearest = {.word = ol_word_of(line->words[0])};
    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++) {
        if (strcmp(statements[i].word, line->words[0]) == 0) {
            statements[i].read(line);
            return;
        }
        ol_word_consider(&nearest, statements[i].word);
    }
    char reason[200];
    struct ol_text text = OL_TEXT(reason);
    ol_text_add(&text, "is no rule of a rules file");
    if (nearest.name) {
        ol_text_add(&text, ": did you mean '");
        ol_text_add(&text, nearest.name);
        ol_text_add(&text, "'?");
    }
    complain_of(line, line->words[0], reason);
}

/* Takes the next word off the line, unquoted in place. False at its end, at a comment, or with a
 * quote left open. */
static bool next_word(char **rest, char **word, bool *open)
{
    char *from = *rest + strspn(*rest, " \t\r");
    char *to = from;
    char quote = '\0';
    *word = from;
    if (!*from || *from == '#')
        return false;
    for (; *from && (quote || !strchr(" \t\r", *from)); from++) {
        if (quote ? *from == quote : (*from == '"' || *from == '\''))
            quote = quote ? '\0' : *from;
        else
            *to++ = *from;
    }
    *rest = *from ? from + 1 : from;
    *to = '\0';
    *open = quote != '\0';
    return !*open;
}

/* `original` is the line before it is cut into words. */
static void read_line(struct line *line, char *bytes, const char *original)
{
    bool open = false;
    char *rest = bytes;
    char *word;
    line->count = 0;
    line->text = ol_word_of(original);
    while (line->count < WORDS_MAX && next_word(&rest, &word, &open))
        line->words[line->count++] = word;
    if (open)
        complain_of(line, NULL, "a quote is left open");
    else if (line->count == WORDS_MAX && next_word(&rest, &word, &open))
        complain_of(line, word, "is one word too many");
    else if (line->count)
        read_statement(line);
}

/* Both copies are written: `words` gets NULs, `text` keeps the lines as they are, each ended by
 * NUL. */
static void read_text(const char *file, char *words, char *text, ol_complain *complain,
                      void *context)
{
    struct line line = {.file = file, .complain = complain, .context = context};
    while (*text) {
        size_t length = strcspn(text, "\n");
        bool more = text[length] == '\n';
        words[length] = text[length] = '\0';
        line.number++;
        read_line(&line, words, text);
        words += length + more;
        text += length + more;
    }
}

static void complain_of_file(const char *file, const char *reason, ol_complain *complain,
                             void *context)
{
    char bytes[4400];
    struct ol_text text = OL_TEXT(bytes);
    ol_text_add(&text, "OFFLOOP_RULES: ");
    ol_text_add_escaped(&text, file, strlen(file));
    ol_text_add(&text, reason);
    complain(context, bytes);
}

#define FILE_MAX (1u << 20)

static void read_bytes(const char *name, int fd, const char *bytes, size_t size,
                       ol_complain *complain, void *context)
{
    char *room = ol_raw_mmap(2 * (size + 1), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
                             -1);
    if (!room)
        return;
    if (bytes)
        memcpy(room, bytes, size);
    else if (ol_raw_pread(fd, room, size, 0) != (ssize_t)size || memchr(room, '\0', size)) {
        complain_of_file(name, ": changes while it is read, or has a NUL: not read", complain,
                         context);
        return;
    }
    memcpy(room + size + 1, room, size);
    read_text(name, room, room + size + 1, complain, context);
}

/* `name` is kept: complaints and the words of rules outlive this call. */
static void read_file(const char *name, ol_complain *complain, void *context)
{
    struct stat status;
    int fd = ol_raw_open(name, O_RDONLY | O_NOCTTY | O_NONBLOCK, 0);
    if (fd < 0 || ol_raw_fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
        complain_of_file(name, ": no such file, or not readable", complain, context);
    else if (status.st_size > FILE_MAX)
        complain_of_file(name, ": larger than 1 MiB, not read", complain, context);
    else
        read_bytes(name, fd, NULL, (size_t)status.st_size, complain, context);
    if (fd >= 0)
        ol_raw_close(fd);
}

void ol_ruleset_read(const char *files, ol_complain *complain, void *context)
{
    memset(&ol_ruleset, 0, sizeof ol_ruleset);
    ol_callable_clear();
    for (unsigned i = 0; i < OL_RULE_MAX; i++)
        ol_ruleset.severity[i] = OL_RULE_AS_WRITTEN;
    read_bytes(shipped_name, -1, ol_ruleset_default, strlen(ol_ruleset_default), complain, context);
    struct ol_word file;
    for (const char *rest = files && *files ? files : NULL; ol_word_next(&rest, ':', &file);) {
        char name[4096];
        struct ol_text text = OL_TEXT(name);
        ol_text_add_bytes(&text, file.bytes, file.length);
        if (file.length)
            read_file(name, complain, context);
    }
}
