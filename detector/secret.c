/* SPDX-License-Identifier: MIT */
/* What is masked of arguments. The contract is in secret.h. A string is read once, from its
 * beginning to its end; what is masked is found ahead of the place. */
#include "secret.h"

#include <string.h>
#include <strings.h>

#define MASK "***"

const char *const ol_secret_words[OL_SECRET_COUNT] = {
    [OL_SECRET_full] = "full", [OL_SECRET_names] = "names", [OL_SECRET_none] = "none"};

static enum ol_secret_keeps keeps;

void ol_secret_keep(enum ol_secret_keeps wanted)
{
    keeps = wanted;
}

enum ol_secret_keeps ol_secret_kept(void)
{
    return keeps;
}

enum { NOT, VALUE, AFTER_COLON, AFTER_PERCENT };

/* Names end like this; '-' is as '_'. */
static const struct name {
    const char *end;
    bool whole;  /* nothing but a '_' or '.' may stand before it */
    bool header; /* its value goes on to the end of the line */
} names[] = {
#define NAME(end, whole, header) {end, whole, header},
#define OPTION(program, option, what, attached, apart)
#include "secrets.def"
#undef NAME
#undef OPTION
};

/* Options that take a secret without a name that says so. */
struct ol_secret_option {
    const char *program; /* its name begins like this */
    const char *option;
    char what;
    bool attached; /* the value may stand right behind the option */
    bool apart;    /* it may be the next word */
};

static const struct ol_secret_option options[] = {
#define NAME(end, whole, header)
#define OPTION(program, option, what, attached, apart) {program, option, what, attached, apart},
#include "secrets.def"
#undef NAME
#undef OPTION
};

#define OPTIONS (sizeof options / sizeof *options)

struct span {
    const char *from, *to;
};

struct reading {
    const char *start;
    struct ol_secret_command command;
    bool word; /* it is one word, though it may have blanks */
};

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_of_name(char c)
{
    return is_letter(c) || (c >= '0' && c <= '9') || (c && strchr("_-.", c));
}

static bool is_quote(char c)
{
    return c == '"' || c == '\'';
}

static bool begins_word(const char *start, const char *at)
{
    return at == start || is_blank(at[-1]) || strchr("\"'`(;|&,=", at[-1]);
}

/* The end of a shell's word, whatever is around it. */
static const char *end_of_word(const char *at)
{
    while (*at && !is_blank(*at) && !strchr("\"'`;|&()<>", *at))
        at++;
    return at;
}

static bool ends_like(struct span word, const struct name *name)
{
    size_t length = strlen(name->end);
    if ((size_t)(word.to - word.from) < length)
        return false;
    const char *at = word.to - length;
    for (size_t i = 0; i < length; i++) {
        char c = at[i] == '-' ? '_' : is_letter(at[i]) ? (char)(at[i] | 0x20) : at[i];
        if (c != name->end[i])
            return false;
    }
    return !name->whole || at == word.from || strchr("_-.", at[-1]);
}

static const struct name *find_name(struct span word)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (ends_like(word, &names[i]))
            return &names[i];
    return NULL;
}

/* Of what begins with that quote or brace: its last byte's end. */
static const char *end_of_quoted(const char *at)
{
    char last = *at == '{' ? '}' : *at;
    for (at++; *at && *at != last; at++)
        if (*at == '\\' && at[1])
            at++;
    return at;
}

static const char *end_of_value(const char *at, bool header)
{
    for (; *at && !strchr(header ? "\"'\n" : "\"'`&;|", *at) && (header || !is_blank(*at)); at++)
        if (*at == '\\' && at[1])
            at++;
    return at;
}

/* Behind NAME: the '=' or ':' that a value follows, NULL without one. */
static const char *separator_of(const struct reading *reading, struct span name, bool *spaced)
{
    bool quoted = name.from > reading->start && is_quote(name.from[-1]) &&
                  *name.to == name.from[-1];
    const char *at = name.to + quoted;
    const char *first = at;
    while (*at == ' ')
        at++;
    *spaced = at > first;
    if (*at == '=')
        return at;
    if (*at != ':' || strncmp(at, "://", 3) == 0)
        return NULL;
    return quoted || is_blank(at[1]) || begins_word(reading->start, name.from) ? at : NULL;
}

/* NAME=VALUE, "NAME": "VALUE", NAME: VALUE. */
static bool find_value(const struct reading *reading, const char *at, struct span *secret)
{
    bool spaced;
    struct span word = {at, at};
    if (!is_of_name(*at) || (at > reading->start && is_of_name(at[-1])))
        return false;
    while (is_of_name(*word.to))
        word.to++;
    const struct name *name = find_name(word);
    const char *separator = name ? separator_of(reading, word, &spaced) : NULL;
    if (!separator)
        return false;
    at = separator + 1;
    if (*separator == ':' || spaced)
        at += strspn(at, " ");
    bool quoted = is_quote(*at) || *at == '{';
    *secret = (struct span){at + quoted,
                            quoted ? end_of_quoted(at) : end_of_value(at, name->header)};
    bool assigns = *word.from >= 'A' && *word.from <= 'Z'; /* before a command: sh -c */
    if (reading->word && word.from == reading->start && !assigns)
        secret->to = secret->from + strlen(secret->from);
    return secret->to > secret->from;
}

/* More than a port stands behind the colon: a password that was not escaped may have '/', '?', '#'.
 */
static bool has_password(struct span authority)
{
    const char *colon = memchr(authority.from, ':', (size_t)(authority.to - authority.from));
    if (!colon || *authority.from == '[')
        return false;
    const char *digits = colon + 1;
    while (digits < authority.to && *digits >= '0' && *digits <= '9')
        digits++;
    return digits < authority.to;
}

static const char *last_at(struct span part)
{
    const char *at = part.to;
    while (at > part.from && *at != '@')
        at--;
    return *at == '@' && at > part.from ? at : NULL;
}

/* SCHEME://USER:PASSWORD@HOST, at the colon. */
static bool find_user_info(const char *at, struct span *secret)
{
    if (strncmp(at, "://", 3) != 0)
        return false;
    struct span authority = {at + 3, at + 3};
    while (*authority.to && !is_blank(*authority.to) && !strchr("/?#\"'`", *authority.to))
        authority.to++;
    const char *end = last_at(authority);
    if (!end && has_password(authority)) {
        while (*authority.to && !is_blank(*authority.to) && !strchr("\"'`", *authority.to))
            authority.to++;
        end = last_at(authority);
    }
    *secret = (struct span){authority.from, end};
    return end;
}

/* USER:PASSWORD@HOST without a scheme; an image of a container has a digest there. */
static bool find_login(const struct reading *reading, const char *at, struct span *secret)
{
    struct span word = {at, at};
    if (!begins_word(reading->start, at))
        return false;
    while (is_of_name(*at) || *at == '%' || *at == '+')
        at++;
    if (at == word.from || *at != ':' || at[1] == '/')
        return false;
    while (*word.to && !is_blank(*word.to) && !is_quote(*word.to))
        word.to++;
    const char *end = last_at((struct span){at + 1, word.to});
    *secret = (struct span){at + 1, end};
    return end && !strchr("'\" \t\n", end[1]) && strncmp(end + 1, "sha256:", 7) != 0;
}

/* --password, where the next word is the value. */
static bool is_secret_option(struct span word)
{
    if (*word.from != '-' || memchr(word.from, '=', (size_t)(word.to - word.from)) ||
        memchr(word.from, ':', (size_t)(word.to - word.from)))
        return false;
    const struct name *name = find_name(word);
    return name && !name->header;
}

static bool is_word(struct span word, const char *text)
{
    size_t length = (size_t)(word.to - word.from);
    return length == strlen(text) && strncasecmp(word.from, text, length) == 0;
}

/* The program's row for that word: the option alone, or with its value behind it. */
static const struct ol_secret_option *find_option(const struct ol_secret_option *first,
                                                  struct span word)
{
    size_t all = (size_t)(word.to - word.from);
    for (const struct ol_secret_option *row = first; row && row < options + OPTIONS; row++) {
        size_t length = strlen(row->option);
        if (strcmp(row->program, first->program) == 0 && all >= length &&
            memcmp(word.from, row->option, length) == 0 &&
            (all == length ? row->apart : row->attached))
            return row;
    }
    return NULL;
}

/* The part of a word that is secret. */
static bool find_part(char what, struct span word, struct span *secret)
{
    char before = what == AFTER_COLON ? ':' : '%';
    const char *part = what == VALUE ? word.from - 1
                                     : memchr(word.from, before, (size_t)(word.to - word.from));
    *secret = (struct span){part ? part + 1 : word.to, word.to};
    return part;
}

/* What stands in a word that itself is no secret; tells of the next one. */
static bool find_in_option(struct ol_secret_command *command, struct span word, struct span *secret)
{
    const struct ol_secret_option *row = find_option(command->options, word);
    if (is_secret_option(word) || is_word(word, "bearer"))
        command->next = VALUE;
    if (!row)
        return false;
    if (row->what == VALUE) /* what follows may be another program with its options */
        command->options = NULL;
    word.from += strlen(row->option);
    if (word.from == word.to)
        command->next = row->what;
    return word.from < word.to && find_part(row->what, word, secret);
}

/* A word that an option before it makes one; an option is none. */
static bool find_announced(char what, struct span word, struct span *secret)
{
    bool option = *word.from == '-' && (word.to - word.from == 2 || word.from[1] == '-');
    return what && !option && find_part(what, word, secret);
}

static void note_program(struct ol_secret_command *command, struct span word)
{
    for (const char *at = word.from; at < word.to; at++)
        if (*at == '/')
            word.from = at + 1;
    for (size_t i = 0; i < OPTIONS && *word.from != '-'; i++) {
        size_t length = strlen(options[i].program);
        if ((size_t)(word.to - word.from) >= length &&
            memcmp(word.from, options[i].program, length) == 0) {
            command->options = &options[i];
            return;
        }
    }
}

static bool find_by_command(struct ol_secret_command *command, struct span word,
                            struct span *secret)
{
    char announced = command->next;
    command->next = NOT;
    if (find_announced(announced, word, secret))
        return true;
    note_program(command, word);
    return find_in_option(command, word, secret);
}

/* At a place inside of a string that is a command, perhaps. */
static bool find_at_word(struct reading *reading, const char *at, struct span *secret)
{
    if (*at && strchr(";|&\n", *at))
        reading->command = (struct ol_secret_command){0};
    if (is_blank(*at) || !(at == reading->start || is_blank(at[-1]) || strchr("(;|&`", at[-1])))
        return false;
    bool quoted = is_quote(*at);
    const char *end = quoted ? end_of_quoted(at) : end_of_word(at);
    return end > at + quoted &&
           find_by_command(&reading->command, (struct span){at + quoted, end}, secret);
}

static void add_masked(struct reading *reading, struct ol_text *text)
{
    for (const char *at = reading->start; *at;) {
        struct span secret;
        bool found = find_value(reading, at, &secret) || find_user_info(at, &secret) ||
                     find_login(reading, at, &secret);
        if (!reading->word && !found)
            found = find_at_word(reading, at, &secret);
        if (found) {
            ol_text_add_bytes(text, at, (size_t)(secret.from - at));
            ol_text_add(text, MASK);
        } else {
            ol_text_add_char(text, *at);
        }
        at = found ? secret.to : at + 1;
    }
}

void ol_secret_add(struct ol_text *text, const char *string)
{
    struct reading reading = {.start = string};
    add_masked(&reading, text);
}

/* A word with blanks is a command of its own: sh -c 'mysql -pVALUE'. */
static void add_inner(struct ol_text *text, const char *word)
{
    struct reading reading = {.start = word, .word = !strpbrk(word, " \t\n")};
    struct span secret;
    if (!reading.word && find_value(&(struct reading){.start = word, .word = true}, word, &secret))
        reading.word = true;
    add_masked(&reading, text);
}

bool ol_secret_add_word(struct ol_secret_command *command, struct ol_text *text, const char *word)
{
    struct span whole = {word, word + strlen(word)}, secret;
    bool first = !command->begun;
    command->begun = true;
    if (keeps == OL_SECRET_none || (keeps == OL_SECRET_names && !first))
        return false;
    if (keeps == OL_SECRET_names) {
        ol_secret_add_name(text, word, true);
    } else if (*word && find_by_command(command, whole, &secret)) {
        ol_text_add_bytes(text, word, (size_t)(secret.from - word));
        ol_text_add(text, MASK);
    } else {
        add_inner(text, word);
    }
    return true;
}

const char *ol_secret_end_of_user_info(const char *colon)
{
    struct span secret;
    return find_user_info(colon, &secret) ? secret.to + 1 : colon + 3;
}
