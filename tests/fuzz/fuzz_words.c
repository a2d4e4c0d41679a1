/* SPDX-License-Identifier: MIT */
/* Anything at all as an environment: one variable a line. What was understood of the policy and of
 * the ways to find loops, written in words, is understood as the same. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "detector/debug.h"
#include "detector/loop_choice.h"
#include "detector/option.h"
#include "detector/policy.h"
#include "detector/ruleset.h"
#include "fuzz.h"
#include "report/choice.h"
#include "report/output.h"
#include "report/plain.h"
#include "report/profile.h"
#include "report/setting.h"

#define ENTRIES 64

static struct ol_policy policy, again;

static void check_options(const struct ol_options *options)
{
#define TEXT(field, variable, value, text) DEMAND(*options->field || !*value);
#define NUMBER(field, variable, value, lowest, highest, text)                                      \
    DEMAND((int64_t)options->field >= lowest && options->field <= highest);
#define SWITCH(field, variable, value, text)
#include "detector/options.def"
#undef TEXT
#undef NUMBER
#undef SWITCH
    DEMAND(ol_choice_severity(options->fail_on) >= 0);
}

static void check_same_policy(void)
{
    for (unsigned i = 0; i < ol_rule_count(); i++)
        DEMAND(policy.action[i] == again.action[i] && policy.action[i] < OL_ACTION_COUNT);
}

/* The action of each rule by its name. */
static void write_policy(void)
{
    char *words;
    size_t size;
    unsigned complaints = 0;
    FILE *out = open_memstream(&words, &size);
    for (unsigned i = 0; i < ol_rule_count(); i++)
        fprintf(out, "%srule:%s=%s", i ? ", " : "", ol_rule_row(i)->name,
                ol_actions[policy.action[i]].name);
    fclose(out);
    ol_policy_parse(&again, words, fuzz_hear, &complaints);
    DEMAND(!complaints);
    check_same_policy();
    free(words);
}

/* It does not matter whether the packs were read before the policy or after it. */
static void check_policy(const char *words)
{
    unsigned early = 0, late = 0;
    ol_ruleset_read(NULL, fuzz_hear, &early);
    ol_policy_parse(&policy, words, fuzz_hear, &early);
    unsigned first = ol_rule_count();
    ol_ruleset_read_rest();
    ol_policy_extend(&policy, first);
    ol_policy_parse(&again, words, fuzz_hear, &late);
    DEMAND(early == late);
    check_same_policy();
    write_policy();
}

static void write_loops(FILE *out, const struct ol_loop_choice *choice)
{
    fputs(choice->automatic ? "auto," : "", out);
    fputs(choice->main_only ? "MAIN," : "", out);
    fputs(choice->api_only ? "api," : "", out);
    fputs(ol_loop_choice_waits(choice, OL_WAIT_poll) ? "wait=poll," : "", out);
    fputs(ol_loop_choice_waits(choice, OL_WAIT_ring) ? "wait = io_uring," : "", out);
    fputs(choice->workers ? "workers," : "", out);
    for (unsigned i = 0; i < choice->glob_count; i++)
        fprintf(out, " thread=%.*s,", (int)choice->globs[i].length, choice->globs[i].bytes);
}

static void check_loops(const char *words)
{
    struct ol_loop_choice choice, same;
    unsigned complaints = 0;
    char *text;
    size_t size;
    ol_loop_choice_parse(&choice, words, fuzz_hear, &complaints);
    ol_loop_choice_names(&choice, "worker-1");
    FILE *out = open_memstream(&text, &size);
    write_loops(out, &choice);
    fclose(out);
    DEMAND(size); /* some way there always is */
    text[size - 1] = '\0';
    complaints = 0;
    ol_loop_choice_parse(&same, text, fuzz_hear, &complaints);
    DEMAND(!complaints && same.automatic == choice.automatic &&
           same.main_only == choice.main_only && same.api_only == choice.api_only &&
           same.waits == choice.waits && same.workers == choice.workers &&
           same.glob_count == choice.glob_count);
    for (unsigned i = 0; i < same.glob_count; i++)
        DEMAND(same.globs[i].length == choice.globs[i].length &&
               memcmp(same.globs[i].bytes, choice.globs[i].bytes, same.globs[i].length) == 0);
    free(text);
}

/* What was understood of OFFLOOP_DEBUG, written in words, is understood as the same. */
static void check_debug(const char *words)
{
    static const char *const names[OL_DEBUG_COUNT] = {
#define DEBUG(id, text) [OL_DEBUG_##id] = #id ", ",
#include "detector/debug.def"
#undef DEBUG
    };
    char text[200] = "";
    unsigned complaints = 0;
    uint32_t set = ol_debug_parse(words, fuzz_hear, &complaints);
    DEMAND(set < UINT32_C(1) << OL_DEBUG_COUNT);
    for (int i = 0; i < OL_DEBUG_COUNT; i++)
        if (set >> i & 1)
            strcat(text, names[i]);
    complaints = 0;
    DEMAND(ol_debug_parse(text, fuzz_hear, &complaints) == set && !complaints);
}

/* What the options of the command take. */
static void check_option_words(const char *words)
{
    struct obstack pool;
    struct ol_output output;
    const char *trouble = NULL;
    ol_pool_begin(&pool);
    if (!ol_output_parse(&output, &pool, words, &trouble))
        DEMAND(trouble && *trouble);
    if (!ol_profile_policy(&pool, words))
        DEMAND(!ol_profile_rules(words) && *ol_profile_guess(&pool, words));
    ol_choice_severity(words);
    ol_policy_covers(words);
    DEMAND(strcmp(ol_setting_name_option(&pool, words), words) == 0); /* none was given */
    ol_pool_end(&pool);
}

/* Cut at the ends of lines. */
static void make_environment(char **environment, const char *bytes, size_t size)
{
    size_t count = 0;
    for (const char *end = bytes + size; bytes < end && count < ENTRIES; count++) {
        const char *stop = memchr(bytes, '\n', (size_t)(end - bytes));
        stop = stop ? stop : end;
        environment[count] = fuzz_string(bytes, (size_t)(stop - bytes));
        bytes = stop + 1;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *environment[ENTRIES + 1] = {NULL};
    struct ol_options options;
    unsigned complaints = 0;
    ol_plain_start();
    make_environment(environment, (const char *)bytes, size);
    ol_option_read(&options, environment, fuzz_hear, &complaints);
    ol_option_name_unknown(environment, fuzz_hear, &complaints);
    check_options(&options);
    check_policy(options.policy);
    check_loops(options.loop);
    check_debug(options.debug);
    for (char **entry = environment; *entry; entry++) {
        check_option_words(*entry);
        check_debug(*entry);
    }
    fuzz_forget();
    return 0;
}
