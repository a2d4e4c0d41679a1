/* SPDX-License-Identifier: MIT */
/* OFFLOOP_LOOP in words. Called once at start, asked when a thread first waits; the contract is
 * in loop_choice.h. */
#include "loop_choice.h"

#include <string.h>
#include <strings.h>

#include "glob.h"

#define WHERE "OFFLOOP_LOOP"

_Static_assert(OL_LOOP_CHOICE_GLOBS == 8, "a message below says 8");

#define FLAG(member) offsetof(struct ol_loop_choice, member)
#define NO_FLAG SIZE_MAX

/* The words, but for those of loop_waits.def: `flag` is what one sets that stands alone. */
static const struct {
    const char *word;
    size_t flag;
} words[] = {{"auto", FLAG(automatic)},
             {"main", FLAG(main_only)},
             {"thread=GLOB", NO_FLAG},
             {"api", FLAG(api_only)},
             {"workers", FLAG(workers)}};
#define WORDS (sizeof words / sizeof *words)

/* One line: the word, and what is wrong with it. */
static void complain_of(struct ol_word word, const char *problem, ol_complain *complain,
                        void *context)
{
    char buffer[256];
    struct ol_text line = OL_TEXT(buffer);
    ol_text_add(&line, WHERE ": ");
    ol_word_quote(&line, word);
    ol_text_add(&line, problem);
    complain(context, line.bytes);
}

/* Of the waits' words the first that ends as this one does ("wait=uring"), or else the first. */
static const char *nearest_wait(struct ol_word word)
{
    const char *first = NULL;
    for (unsigned kind = 0; kind < OL_WAIT_COUNT; kind++) {
        const char *name = ol_loop_wait_word(kind);
        first = first ? first : name;
        if (name && word.length >= 4 &&
            strncasecmp(word.bytes + word.length - 4, name + strlen(name) - 4, 4) == 0)
            return name;
    }
    return first;
}

/* Words with a value are near by what stands before it: "thred=worker" means thread=GLOB. */
static const char *near_by_name(struct ol_word word)
{
    struct ol_word name;
    struct ol_word value;
    if (!ol_word_split(word, '=', &name, &value))
        return NULL;
    if (ol_word_is(name, "wait"))
        return nearest_wait(value);
    struct ol_nearest by_name = {.word = name};
    ol_word_consider(&by_name, "thread");
    return by_name.name ? "thread=GLOB" : NULL;
}

static void add_valid(struct ol_text *text, const char *word)
{
    ol_text_add(text, text->length ? ", " : "valid are ");
    ol_text_add(text, word);
}

static void complain_unknown(struct ol_word word, ol_complain *complain, void *context)
{
    struct ol_nearest nearest = {.word = word};
    char valid_bytes[128];
    struct ol_text valid = OL_TEXT(valid_bytes);
    for (size_t i = 0; i < WORDS; i++) {
        ol_word_consider(&nearest, words[i].word);
        add_valid(&valid, words[i].word);
    }
    for (unsigned kind = 0; kind < OL_WAIT_COUNT; kind++)
        if (ol_loop_wait_word(kind)) {
            ol_word_consider(&nearest, ol_loop_wait_word(kind));
            add_valid(&valid, ol_loop_wait_word(kind));
        }
    if (!nearest.name)
        nearest.name = near_by_name(word);
    char buffer[256];
    struct ol_text line = OL_TEXT(buffer);
    ol_word_explain(&line, WHERE, &nearest, "way to find loops", valid.bytes);
    complain(context, line.bytes);
}

static void add_glob(struct ol_loop_choice *choice, struct ol_word word, struct ol_word glob,
                     ol_complain *complain, void *context)
{
    if (!glob.length)
        complain_of(word, " names no thread: write 'thread=GLOB', as in 'thread=worker-*'",
                    complain, context);
    else if (choice->glob_count == OL_LOOP_CHOICE_GLOBS)
        complain_of(word, " is one too many: at most 8 names of threads", complain, context);
    else
        choice->globs[choice->glob_count++] = glob;
}

/* One that stands alone. */
static bool set_flag(struct ol_loop_choice *choice, struct ol_word word)
{
    for (size_t i = 0; i < WORDS; i++)
        if (words[i].flag != NO_FLAG && ol_word_is(word, words[i].word)) {
            *(bool *)((char *)choice + words[i].flag) = true;
            return true;
        }
    return false;
}

/* Blanks may stand around '='. */
static bool is_wait_word(struct ol_word name, struct ol_word value, const char *wait)
{
    struct ol_word wanted = ol_word_of(wait);
    struct ol_word kind;
    return ol_word_split(wanted, '=', &wanted, &kind) && wanted.length == name.length &&
           kind.length == value.length && strncasecmp(wanted.bytes, name.bytes, name.length) == 0 &&
           strncasecmp(kind.bytes, value.bytes, value.length) == 0;
}

static bool add_waits(struct ol_loop_choice *choice, struct ol_word name, struct ol_word value)
{
    unsigned waits = 0;
    for (unsigned kind = 0; kind < OL_WAIT_COUNT; kind++)
        if (ol_loop_wait_rows[kind].word && is_wait_word(name, value, ol_loop_wait_rows[kind].word))
            waits |= 1u << kind;
    choice->waits |= waits;
    return waits;
}

static void read_word(struct ol_loop_choice *choice, struct ol_word word, ol_complain *complain,
                      void *context)
{
    struct ol_word name;
    struct ol_word value;
    if (!word.length)
        complain(context, WHERE ": a part is empty: one comma too many");
    else if (set_flag(choice, word))
        return;
    else if (!ol_word_split(word, '=', &name, &value))
        complain_unknown(word, complain, context);
    else if (ol_word_is(name, "thread"))
        add_glob(choice, word, value, complain, context);
    else if (!add_waits(choice, name, value))
        complain_unknown(word, complain, context);
}

void ol_loop_choice_parse(struct ol_loop_choice *choice, const char *text, ol_complain *complain,
                          void *context)
{
    *choice = (struct ol_loop_choice){.automatic = false};
    struct ol_word word;
    bool blank = !ol_word_of(text).length;
    for (const char *rest = blank ? NULL : text; ol_word_next(&rest, ',', &word);)
        read_word(choice, word, complain, context);
    /* Only wrong words, or none at all: better every loop is found than none. */
    bool some = choice->main_only || choice->glob_count > 0;
    choice->automatic |= !some && !choice->api_only;
    choice->api_only &= !some && !choice->automatic;
}

bool ol_loop_choice_names(const struct ol_loop_choice *choice, const char *thread_name)
{
    for (unsigned i = 0; i < choice->glob_count; i++)
        if (ol_glob_match(choice->globs[i].bytes, choice->globs[i].length, thread_name))
            return true;
    return false;
}
