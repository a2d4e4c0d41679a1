/* SPDX-License-Identifier: MIT */
/* Reading and writing baselines. */
#include "baseline.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "fingerprint.h"
#include "judged.h"
#include "plain.h"
#include "say.h"

#define WORD_COLUMNS 80
#define LARGEST (64u << 20) /* of a file: a million sites */

/* The format is raised when ids are made of something else: then no old line is true any more. */
#define NAMED_MAX 5 /* lines that are none */
#define TITLE "# Baseline of offloop"
#define FORMAT_1 TITLE ": "
#define FIRST_LINE                                                                                 \
    TITLE ", format 2: violations that are known, one a line. Only the id counts; lines"
static const char heading[] = FIRST_LINE
    "\n# and comments (behind \" #\") may be edited, moved and removed.\n"
    "# id  file  function  rule  call\n\n";

static char *read_all(struct obstack *pool, const char *path)
{
    char part[65536];
    size_t got, size = 0;
    FILE *file = fopen(path, "re");
    if (!file)
        return NULL;
    while ((got = fread(part, 1, sizeof part, file)) > 0 && (size += got) < LARGEST)
        obstack_grow(pool, part, got);
    int error = ferror(file) ? errno : size >= LARGEST ? EFBIG : 0;
    fclose(file);
    obstack_1grow(pool, '\0');
    char *text = obstack_finish(pool);
    if (!error && strlen(text) != size) /* no text: what follows would be lost when it is written */
        error = EINVAL;
    errno = error;
    return error ? NULL : text;
}

static bool is_id(const char *word, size_t length)
{
    return length == OL_FINGERPRINT_DIGITS &&
           strspn(word, "0123456789abcdef") >= OL_FINGERPRINT_DIGITS;
}

/* Where a comment begins: at a '#' behind a blank. */
static const char *end_of_words(const char *text)
{
    const char *end = text;
    for (; *end; end++)
        if (*end == '#' && (end == text || end[-1] == ' ' || end[-1] == '\t'))
            break;
    while (end > text && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\r'))
        end--;
    return end;
}

static bool begins_format_1(const char *text)
{
    return strncmp(text, FORMAT_1, strlen(FORMAT_1)) == 0;
}

static void parse_line(struct ol_baseline *baseline, struct ol_baseline_line *line)
{
    baseline->titled |= strncmp(line->text, TITLE, strlen(TITLE)) == 0;
    baseline->outdated |= begins_format_1(line->text);
    const char *word = line->text + strspn(line->text, " \t"), *end = end_of_words(word);
    size_t length = strcspn(word, " \t\r#");
    if (end == word)
        return;
    line->bad = !is_id(word, length);
    if (line->bad)
        return;
    const char *rest = word + length + strspn(word + length, " \t");
    line->id = ol_pool_copy(baseline->pool, word, length);
    line->words = rest < end ? ol_pool_copy(baseline->pool, rest, (size_t)(end - rest)) : "";
}

static size_t count_lines(const char *text)
{
    size_t count = 0;
    while ((text = strchr(text, '\n')))
        count++, text++;
    return count + 1;
}

void ol_baseline_begin(struct ol_baseline *baseline, struct obstack *pool, const char *path)
{
    *baseline = (struct ol_baseline){.pool = pool, .path = path};
}

static size_t bad_lines(const struct ol_baseline *baseline)
{
    size_t bad = 0;
    for (size_t i = 0; i < baseline->count; i++)
        bad += baseline->lines[i].bad;
    return bad;
}

/* False: no line is one of a baseline. */
static bool look_at_lines(const struct ol_baseline *baseline)
{
    size_t bad = bad_lines(baseline), good = 0;
    for (size_t i = 0; i < baseline->count; i++)
        good += baseline->lines[i].id != NULL;
    if (bad && !good && !baseline->titled)
        return false;
    for (size_t i = 0, named = 0; i < baseline->count && named < NAMED_MAX; i++)
        if (baseline->lines[i].bad && ++named)
            ol_say_line("%s:%zu: begins with no id of %d hex digits; the line is not used",
                        baseline->path, baseline->lines[i].number, OL_FINGERPRINT_DIGITS);
    if (bad > NAMED_MAX)
        ol_say_line("%s: and %zu more lines like that", baseline->path, bad - NAMED_MAX);
    return true;
}

bool ol_baseline_read(struct ol_baseline *baseline, struct obstack *pool, const char *path)
{
    ol_baseline_begin(baseline, pool, path);
    char *text = read_all(pool, path);
    if (!text)
        return false;
    baseline->lines = ol_pool_array(pool, count_lines(text), sizeof *baseline->lines);
    while (*text) {
        struct ol_baseline_line *line = &baseline->lines[baseline->count++];
        char *end = strchrnul(text, '\n');
        *line = (struct ol_baseline_line){.text = text, .number = baseline->count};
        text = *end ? end + 1 : end;
        *end = '\0';
        parse_line(baseline, line);
    }
    if (!look_at_lines(baseline)) {
        errno = EINVAL;
        return false;
    }
    if (baseline->outdated)
        ol_say_line(
            "%s: was written by an older offloop, whose ids were made otherwise: all violations "
            "are new to it; write it again: offloop baseline -o %s",
            path, path);
    return true;
}

static int by_id(const void *a, const void *b)
{
    return strcmp((*(struct ol_baseline_line *const *)a)->id,
                  (*(struct ol_baseline_line *const *)b)->id);
}

/* The lines with an id, ordered by it. */
static struct ol_baseline_line **index_of(struct ol_baseline *baseline, size_t *count)
{
    struct ol_baseline_line **index = ol_pool_array(baseline->pool, baseline->count + 1,
                                                    sizeof *index);
    *count = 0;
    for (size_t i = 0; i < baseline->count; i++)
        if (baseline->lines[i].id)
            index[(*count)++] = &baseline->lines[i];
    qsort(index, *count, sizeof *index, by_id);
    return index;
}

bool ol_baseline_is_timed(const char *rule)
{
    int id = ol_tables_rule(rule);
    return id >= 0 && (ol_rules[id].slow_only || ol_rules[id].kind == OL_KIND_stall);
}

bool ol_baseline_is_by_load(const struct ol_violation *violation)
{
    return violation->allowed_by || ol_baseline_is_timed(violation->rule);
}

/* The third word: words are parted by two blanks. */
static bool names_timed_rule(struct obstack *pool, const struct ol_baseline_line *line)
{
    const char *rule = strstr(line->words, "  ");
    rule = rule ? strstr(rule + 2, "  ") : NULL;
    return rule && ol_baseline_is_timed(ol_pool_copy(pool, rule + 2, strcspn(rule + 2, " \t")));
}

/* After a merge the same id can stand in several lines. */
static void keep_all(struct ol_baseline_line **index, size_t count, struct ol_baseline_line **found)
{
    while (found > index && strcmp(found[-1]->id, (*found)->id) == 0)
        found--;
    for (const char *id = (*found)->id; found < index + count && !strcmp((*found)->id, id); found++)
        (*found)->gone = false;
}

static const char *doubt(struct obstack *pool, const struct ol_model *model)
{
    const char *why;
    if (ol_judged_of(pool, model, &why) != OL_JUDGED_all)
        return why;
    return model->totals.dropped ? "the records are incomplete" : NULL;
}

size_t ol_baseline_gone(const struct ol_baseline *baseline)
{
    return baseline->doubt ? 0 : baseline->gone;
}

void ol_baseline_apply(struct ol_baseline *baseline, struct ol_model *model)
{
    size_t count;
    baseline->known = baseline->added = baseline->gone = 0;
    struct ol_baseline_line **index = index_of(baseline, &count);
    for (size_t i = 0; i < count; i++)
        index[i]->gone = baseline->outdated || !names_timed_rule(baseline->pool, index[i]);
    for (size_t i = 0; i < model->violation_count + model->hidden; i++) {
        struct ol_violation *violation = &model->violations[i];
        struct ol_baseline_line wanted = {.id = violation->id}, *key = &wanted;
        struct ol_baseline_line **found = bsearch(&key, index, count, sizeof *index, by_id);
        violation->known = found != NULL;
        baseline->known += violation->known;
        baseline->added += !violation->known && !violation->worker;
        if (found)
            keep_all(index, count, found);
    }
    model->baseline = baseline;
    baseline->doubt = doubt(baseline->pool, model);
    for (size_t i = 0; i < count; i++)
        baseline->gone += index[i]->gone;
}

/* A word that neither begins a comment nor is too long to read. */
static const char *word_of(struct obstack *pool, const char *raw)
{
    const char *plain = ol_plain_cut(pool, ol_plain_text(pool, raw), WORD_COLUMNS, false, "...");
    for (; *plain; plain++)
        if (*plain == '#')
            obstack_grow(pool, "\\x23", 4);
        else
            obstack_1grow(pool, *plain);
    obstack_1grow(pool, '\0');
    return obstack_finish(pool);
}

struct ol_baseline_line ol_baseline_line_of(struct ol_model *model,
                                            const struct ol_violation *violation)
{
    struct obstack *pool = &model->pool;
    struct ol_baseline_line line = {.id = violation->id};
    const char *function = word_of(pool, ol_fingerprint_function(model, violation));
    line.words = ol_pool_format(pool, "%s  %s  %s  %s",
                                word_of(pool, ol_fingerprint_place(model, violation)), function,
                                word_of(pool, violation->rule), word_of(pool, violation->api));
    line.text = ol_pool_format(pool, "%s  %s", line.id, line.words);
    return line;
}

static int by_words(const void *a, const void *b)
{
    const struct ol_baseline_line *x = a, *y = b;
    int order = strcmp(x->words, y->words);
    return order ? order : strcmp(x->id, y->id);
}

static struct ol_baseline_line *new_lines(const struct ol_baseline *baseline,
                                          struct ol_model *model, size_t *count)
{
    struct ol_baseline_line *lines = ol_pool_array(baseline->pool, model->violation_count + 1,
                                                   sizeof *lines);
    *count = 0;
    for (size_t i = 0; i < model->violation_count; i++)
        if (!model->violations[i].known &&
            !model->violations[i].worker) /* no verdict counts those */
            lines[(*count)++] = ol_baseline_line_of(model, &model->violations[i]);
    qsort(lines, *count, sizeof *lines, by_words);
    size_t kept = 0; /* two lines of one function have one id, and one line here */
    for (size_t i = 0; i < *count; i++)
        if (!kept || strcmp(lines[kept - 1].id, lines[i].id) != 0)
            lines[kept++] = lines[i];
    *count = kept;
    return lines;
}

/* The comments that stand over the file, not over its first site: those above the last empty line
 * before it, or all where there is none. */
static size_t head_of(const struct ol_baseline *baseline)
{
    size_t first = 0, head = 0;
    for (; first < baseline->count && !baseline->lines[first].id; first++)
        if (!baseline->lines[first].text[strspn(baseline->lines[first].text, " \t\r")])
            head = first + 1;
    return head ? head : first;
}

/* The lines of the file, and each added one before the first that is greater, above the comments
 * that stand over that one. */
static void put_lines(const struct ol_baseline *baseline, FILE *out, bool shrink,
                      const struct ol_baseline_line *added, size_t count)
{
    size_t held = 0, next = 0, head = head_of(baseline);
    const struct ol_baseline_line *lines = baseline->lines;
    for (; held < head; held++)
        fprintf(out, "%s\n", begins_format_1(lines[held].text) ? FIRST_LINE : lines[held].text);
    for (size_t i = held; i < baseline->count; i++) {
        if (!lines[i].id)
            continue;
        for (; next < count && by_words(&added[next], &lines[i]) < 0; next++)
            fprintf(out, "%s\n", added[next].text);
        for (; held <= i; held++)
            if (!(shrink && lines[held].gone))
                fprintf(out, "%s\n", lines[held].text);
    }
    for (; next < count; next++)
        fprintf(out, "%s\n", added[next].text);
    for (; held < baseline->count; held++)
        fprintf(out, "%s\n", lines[held].text);
}

static bool write_all(const char *path, const char *bytes, size_t size)
{
    FILE *file = fopen(path, "we");
    bool written = file && fwrite(bytes, 1, size, file) == size;
    int error = errno;
    if (file && fclose(file) != 0 && written) {
        written = false;
        error = errno;
    }
    if (!written)
        ol_say_line("%s: %s", path, strerror(error));
    return written;
}

bool ol_baseline_write(const struct ol_baseline *baseline, struct ol_model *model, bool shrink,
                       bool grow)
{
    char *bytes = NULL;
    size_t size, count = 0;
    const struct ol_baseline_line *added = grow ? new_lines(baseline, model, &count) : NULL;
    FILE *out = open_memstream(&bytes, &size);
    if (!out)
        ol_say_realloc(NULL, SIZE_MAX, 2); /* out of memory, said there */
    if (!baseline->count)
        fputs(heading, out);
    else if (!baseline->titled && bad_lines(baseline)) /* its last id may go: the title stays */
        fputs(FIRST_LINE "\n", out);
    put_lines(baseline, out, shrink, added, count);
    fclose(out);
    bool written = write_all(baseline->path, bytes, size);
    free(bytes);
    return written;
}

const char *ol_baseline_words(struct obstack *pool, const struct ol_baseline *baseline)
{
    return ol_pool_format(pool, "%zu new, %zu known, %zu gone", baseline->added, baseline->known,
                          ol_baseline_gone(baseline));
}
