/* SPDX-License-Identifier: MIT */
/* OFFLOOP_LOOP in words. Called once at start, asked when a thread first waits; the contract is
 * in loop_choice.h. */
#include "loop_choice.h"

#include <strings.h>

#include "glob.h"

#define WHERE "OFFLOOP_LOOP"

_Static_assert(OL_LOOP_CHOICE_GLOBS == 8, "a message below says 8");

static const char *const words[] = {"auto",      "main",          "api",    "thread=GLOB",
                                    "wait=poll", "wait=io_uring", "workers"};

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

static bool speaks_of_rings(struct ol_word word)
{
    return word.length >= 4 && strncasecmp(word.bytes + word.length - 4, "ring", 4) == 0;
}

/* Words with a value are near by what stands before it: "thred=worker" means thread=GLOB. */
static void complain_unknown(struct ol_word word, ol_complain *complain, void *context)
{
    struct ol_nearest nearest = {.word = word};
    struct ol_word name;
    struct ol_word value;
    ol_word_consider_all(&nearest, words, sizeof(words) / sizeof(*words));
    if (!nearest.name && ol_word_split(word, '=', &name, &value)) {
        struct ol_nearest by_name = {.word = name};
        ol_word_consider(&by_name, "thread");
        nearest.name = by_name.name ? "thread=GLOB" : NULL;
        if (ol_word_is(name, "wait"))
            nearest.name = speaks_of_rings(value) ? "wait=io_uring" : "wait=poll";
    }
    char buffer[256];
    struct ol_text line = OL_TEXT(buffer);
    ol_word_explain(&line, WHERE, &nearest, "way to find loops",
                    "valid are auto, main, thread=GLOB, api, wait=poll, wait=io_uring, workers");
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

static void read_word(struct ol_loop_choice *choice, struct ol_word word, ol_complain *complain,
                      void *context)
{
    struct ol_word name;
    struct ol_word value;
    if (!word.length)
        complain(context, WHERE ": a part is empty: one comma too many");
    else if (ol_word_is(word, "auto"))
        choice->automatic = true;
    else if (ol_word_is(word, "main"))
        choice->main_only = true;
    else if (ol_word_is(word, "api"))
        choice->api_only = true;
    else if (ol_word_is(word, "workers"))
        choice->workers = true;
    else if (!ol_word_split(word, '=', &name, &value))
        complain_unknown(word, complain, context);
    else if (ol_word_is(name, "thread"))
        add_glob(choice, word, value, complain, context);
    else if (ol_word_is(name, "wait") && ol_word_is(value, "poll"))
        choice->wait_poll = true;
    else if (ol_word_is(name, "wait") && ol_word_is(value, "io_uring"))
        choice->wait_io_uring = true;
    else
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
