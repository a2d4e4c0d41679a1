/* SPDX-License-Identifier: MIT */
/* Options from the environment, row by row of options.def. Called once at start, before any
 * other thread can be there; the contract is in option.h. getenv() is not used: the caller says
 * which environment, and a program may have its own. */
#include "option.h"

#include <string.h>

#include "secret.h"
#include "text.h"
#include "word.h"

#define PREFIX "OFFLOOP_"

/* The rows by number: what the parser, the defaults and the list of names have in common. */
enum row {
#define TEXT(field, variable, value, text) ROW_##field,
#define NUMBER(field, variable, value, lowest, highest, text) ROW_##field,
#define SWITCH(field, variable, value, text) ROW_##field,
#include "options.def"
#undef TEXT
#undef NUMBER
#undef SWITCH
    ROW_COUNT
};

static const char *const variables[ROW_COUNT] = {
#define TEXT(field, variable, value, text) [ROW_##field] = variable,
#define NUMBER(field, variable, value, lowest, highest, text) [ROW_##field] = variable,
#define SWITCH(field, variable, value, text) [ROW_##field] = variable,
#include "options.def"
#undef TEXT
#undef NUMBER
#undef SWITCH
};

/* Where complaints go, and about what. */
struct reading {
    ol_complain *complain;
    void *context;
    const char *variable;
    char buffer[256];
    struct ol_text line;
};

static void tell(struct reading *reading)
{
    reading->complain(reading->context, reading->line.bytes);
}

/* Complains of a word that is no `kind`; names the nearest valid one, or else says `otherwise`. */
static void explain(struct reading *reading, const struct ol_nearest *nearest, const char *kind,
                    const char *otherwise)
{
    reading->line = ol_text_in(reading->buffer, sizeof(reading->buffer));
    ol_word_explain(&reading->line, reading->variable, nearest, kind, otherwise);
    tell(reading);
}

/* What a NUMBER row allows, and what it is when nothing valid was said. */
struct range {
    uint32_t lowest;
    uint32_t highest;
    uint32_t standard;
};

/* Says that the word is no number of the range, which one is nearest (NULL: none), and the default.
 */
static void explain_number(struct reading *reading, struct ol_word word, struct range range,
                           const uint32_t *nearest)
{
    struct ol_text *line = &reading->line;
    *line = ol_text_in(reading->buffer, sizeof(reading->buffer));
    ol_text_add(line, reading->variable);
    ol_text_add(line, ": ");
    ol_word_quote(line, word);
    ol_text_add(line, " is not a number from ");
    ol_text_add_unsigned(line, range.lowest);
    ol_text_add(line, " to ");
    ol_text_add_unsigned(line, range.highest);
    if (nearest) {
        ol_text_add(line, ": did you mean '");
        ol_text_add_unsigned(line, *nearest);
        ol_text_add(line, "'?");
    }
    ol_text_add(line, nearest ? " The default is " : "; the default is ");
    ol_text_add_unsigned(line, range.standard);
    tell(reading);
}

/* Reads the digits that the word begins with; returns how many. What is too large for 32 bits
 * stays too large. */
static size_t leading_digits(struct ol_word word, uint64_t *number)
{
    size_t i = 0;
    *number = 0;
    for (; i < word.length && word.bytes[i] >= '0' && word.bytes[i] <= '9'; i++)
        if (*number <= UINT32_MAX)
            *number = *number * 10 + (uint64_t)(word.bytes[i] - '0');
    return i;
}

static void read_number(struct reading *reading, struct ol_word word, struct range range,
                        uint32_t *field)
{
    uint64_t number;
    size_t digits = leading_digits(word, &number);
    if (digits == word.length && number >= range.lowest && number <= range.highest) {
        *field = (uint32_t)number;
        return;
    }
    /* "9ms" means 9, "-1" the lowest; only words without a number fall back to the default. */
    uint32_t nearest = range.standard;
    if (word.bytes[0] == '-' || (digits && number < range.lowest))
        nearest = range.lowest;
    else if (digits)
        nearest = number > range.highest ? range.highest : (uint32_t)number;
    bool any = digits || word.bytes[0] == '-';
    explain_number(reading, word, range, any ? &nearest : NULL);
}

/* 1 and 0 are what the documentation says; the words are what people write all the same. */
static void read_switch(struct reading *reading, struct ol_word word, bool *field)
{
    static const char *const no[] = {"0", "no", "off", "false"};
    static const char *const yes[] = {"1", "yes", "on", "true"};
    bool is_no = ol_word_find(word, no, 4) >= 0;
    if (is_no || ol_word_find(word, yes, 4) >= 0) {
        *field = !is_no;
        return;
    }
    struct ol_nearest nearest = {.word = word};
    ol_word_consider_all(&nearest, no, 4);
    ol_word_consider_all(&nearest, yes, 4);
    explain(reading, &nearest, "value", "write 1 or 0");
}

/* A closed set of words. The field ends up as one of them, so that who asks may compare by
 * strcmp(); the first is the default. */
static void check_words(struct reading *reading, enum row row, const char **field,
                        const char *const *words, size_t count, const char *kind,
                        const char *otherwise)
{
    struct ol_nearest nearest = {.word = ol_word_of(*field)};
    int found = ol_word_find(nearest.word, words, count);
    *field = words[found > 0 ? found : 0];
    if (found >= 0)
        return;
    reading->variable = variables[row];
    ol_word_consider_all(&nearest, words, count);
    explain(reading, &nearest, kind, otherwise);
}

static void check_all_words(struct reading *reading, struct ol_options *options)
{
    static const char *const severities[] = {"never", "error", "warning", "note"};
    check_words(reading, ROW_fail_on, &options->fail_on, severities, 4, "severity",
                "valid are never, error, warning, note");
    check_words(reading, ROW_args, &options->args, ol_secret_words, OL_SECRET_COUNT,
                "amount of arguments", "valid are full, names, none");
}

/* The value of a variable, or NULL; of several the first counts, as with getenv(). */
static const char *value_of(char *const *environment, const char *variable)
{
    size_t length = strlen(variable);
    for (; *environment; environment++)
        if (strncmp(*environment, variable, length) == 0 && (*environment)[length] == '=')
            return *environment + length + 1;
    return NULL;
}

/* With case: OFFLOOP_policy would never be read, so it must not pass as known. */
static bool is_known(const char *entry)
{
    for (int row = 0; row < ROW_COUNT; row++) {
        size_t length = strlen(variables[row]);
        if (strncmp(entry, variables[row], length) == 0 && entry[length] == '=')
            return true;
    }
    return false;
}

/* A misspelt variable has no effect, which nobody notices unless it is named. */
void ol_option_name_unknown(char *const *environment, ol_complain *complain, void *context)
{
    struct reading reading = {.complain = complain, .context = context, .variable = "environment"};
    for (; *environment; environment++) {
        if (strncmp(*environment, PREFIX, strlen(PREFIX)) != 0 || is_known(*environment))
            continue;
        struct ol_nearest nearest = {
            .word = {.bytes = *environment, .length = strcspn(*environment, "=")}};
        ol_word_consider_all(&nearest, variables, ROW_COUNT);
        explain(&reading, &nearest, "variable", "OFFLOOP_POLICY=help lists them");
    }
}

static void set_defaults(struct ol_options *options)
{
    *options = (struct ol_options){
#define TEXT(field, variable, value, text) .field = value,
#define NUMBER(field, variable, value, lowest, highest, text) .field = value,
#define SWITCH(field, variable, value, text) .field = value,
#include "options.def"
#undef TEXT
#undef NUMBER
#undef SWITCH
    };
}

/* One variable that was given; TEXT values keep their blanks, since they may be names of files. */
static void read_row(struct reading *reading, struct ol_options *options, enum row row,
                     const char *value)
{
    struct ol_word word = ol_word_of(value);
    reading->variable = variables[row];
    switch (row) {
#define TEXT(field, variable, standard, text)                                                      \
    case ROW_##field:                                                                              \
        options->field = value;                                                                    \
        break;
#define NUMBER(field, variable, standard, lowest, highest, text)                                   \
    case ROW_##field:                                                                              \
        read_number(reading, word, (struct range){lowest, highest, standard}, &options->field);    \
        break;
#define SWITCH(field, variable, standard, text)                                                    \
    case ROW_##field:                                                                              \
        read_switch(reading, word, &options->field);                                               \
        break;
#include "options.def"
#undef TEXT
#undef NUMBER
#undef SWITCH
    case ROW_COUNT:
        break;
    }
}

void ol_option_read(struct ol_options *options, char *const *environment, ol_complain *complain,
                    void *context)
{
    struct reading reading = {.complain = complain, .context = context};
    set_defaults(options);
    for (int row = 0; row < ROW_COUNT; row++) {
        const char *value = value_of(environment, variables[row]);
        if (value && ol_word_of(value).length)
            read_row(&reading, options, (enum row)row, value);
    }
    check_all_words(&reading, options);
}
