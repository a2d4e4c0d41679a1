/* SPDX-License-Identifier: MIT */
/* detector/site.c: sites found and made, the cache of stacks. */
#include "detector/site.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "detector/hash.h"
#include "detector/process.h"
#include "detector/recorder.h"
#include "detector/ruleset.h"

#define THREADS 4
#define PLACES 200

static void make_record(void)
{
    ol_process.pid = getpid(); /* no folder: a private mapping */
    ol_ruleset_read(NULL, NULL, NULL);
    cr_assert(ol_recorder_open());
    cr_assert(ol_site_prepare());
}

TestSuite(site, .init = make_record);

static struct ol_site_ref site_at(uint64_t place, unsigned rule, bool *made)
{
    static __thread struct ol_stack_words words;
    words.key = ol_hash_mix(OL_HASH_START, place);
    words.count = 1;
    words.culprit = 0;
    struct ol_site_facts facts = {.function = "open",
                                  .rule = rule,
                                  .argument = "/etc/hosts",
                                  .action = OL_ACTION_report,
                                  .words = &words};
    return ol_site_of(&facts, made);
}

Test(site, the_same_place_is_the_same_site)
{
    bool made;
    struct ol_site_ref first = site_at(1, OL_RULE_open, &made);
    cr_assert(made);
    struct ol_site_ref again = site_at(1, OL_RULE_open, &made);
    cr_assert(!made);
    cr_assert_eq(first.index, again.index);
}

Test(site, another_rule_or_place_is_another)
{
    bool made;
    uint32_t first = site_at(1, OL_RULE_open, &made).index;
    cr_assert_neq(site_at(1, OL_RULE_stat, &made).index, first);
    cr_assert_neq(site_at(2, OL_RULE_open, &made).index, first);
}

Test(site, its_entry_says_what_it_is)
{
    bool made;
    const struct ol_site_entry *site = ol_site_entry_of(site_at(1, OL_RULE_open, &made));
    cr_assert_eq(site->state, OL_ENTRY_ready);
    cr_assert_str_eq(ol_recorder_string_at(site->rule), "open");
    cr_assert_str_eq(ol_recorder_string_at(site->family), "file");
    cr_assert_str_eq(ol_recorder_string_at(site->argument), "/etc/hosts");
    cr_assert_eq(site->severity, OL_SEVERITY_warning);
    cr_assert_eq(site->frame_count, 1);
}

Test(site, deep_stacks_leave_room_for_those_of_later_sites)
{
    static struct ol_stack_words words = {.count = OL_STACK_MAX, .culprit = 40};
    struct ol_site_facts facts = {.function = "open", .rule = OL_RULE_open, .words = &words};
    bool made;
    for (uint64_t place = 1; place <= 700; place++) {
        words.key = ol_hash_mix(OL_HASH_START, place);
        const struct ol_site_entry *site = ol_site_entry_of(ol_site_of(&facts, &made));
        cr_assert(made);
        cr_assert_gt(site->frame_count, site->culprit, "site %lu", (unsigned long)place);
        cr_assert_eq(site->culprit, 40);
    }
    cr_assert_eq(ol_recorder->sections[OL_SECTION_frames].lost, 0);
}

Test(site, a_full_table_loses_visibly)
{
    bool made;
    uint32_t capacity = ol_recorder->sections[OL_SECTION_sites].capacity;
    for (uint64_t place = 1; place <= capacity; place++)
        cr_assert_neq(site_at(place, OL_RULE_open, &made).index, OL_SITE_LOST, "%lu of %u",
                      (unsigned long)place, capacity);
    cr_assert_eq(site_at(capacity + 1, OL_RULE_open, &made).index, OL_SITE_LOST);
    cr_assert(!made);
    cr_assert_eq(ol_recorder->sections[OL_SECTION_sites].lost, 1);
    cr_assert_neq(site_at(7, OL_RULE_open, &made).index, OL_SITE_LOST, "old ones are still found");
}

Test(site, a_child_finds_its_parents_sites)
{
    bool made;
    uint32_t index = site_at(1, OL_RULE_open, &made).index;
    pid_t child = fork();
    if (!child) {
        bool same = site_at(1, OL_RULE_open, &made).index == index && !made;
        site_at(2, OL_RULE_open, &made);
        _exit(same && made ? 0 : 1);
    }
    int status;
    waitpid(child, &status, 0);
    cr_assert_eq(status, 0);
    site_at(2, OL_RULE_open, &made);
    cr_assert(!made, "and the parent its child's");
}

static uint32_t seen[THREADS][PLACES];
static _Atomic unsigned made_in_all;
static pthread_barrier_t start;

static void *make_all(void *number)
{
    uint32_t *mine = seen[(uintptr_t)number];
    pthread_barrier_wait(&start);
    for (uint64_t place = 0; place < PLACES; place++) {
        bool made;
        mine[place] = site_at(place + 1, OL_RULE_open, &made).index;
        made_in_all += made;
    }
    return NULL;
}

Test(site, threads_that_make_the_same_agree)
{
    pthread_t threads[THREADS];
    pthread_barrier_init(&start, NULL, THREADS);
    for (uintptr_t i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, make_all, (void *)i);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    cr_assert_eq(made_in_all, PLACES, "each was first once");
    for (int i = 1; i < THREADS; i++)
        cr_assert_arr_eq(seen[0], seen[i], sizeof seen[0]);
}

Test(site_cache, what_is_remembered_is_recalled)
{
    struct ol_site_ref ref;
    uint64_t hash = 0x1234567890abcdefu;
    cr_assert(!ol_site_recall(hash, &ref));
    ol_site_remember(hash, (struct ol_site_ref){.index = 0, .rule = OL_RULE_COUNT - 1});
    cr_assert(ol_site_recall(hash, &ref));
    cr_assert_eq(ref.index, 0);
    cr_assert_eq(ref.rule, OL_RULE_COUNT - 1);
    cr_assert(!ol_site_recall(hash ^ UINT64_C(1) << 60, &ref), "same slot, another stack");
}

Test(site_cache, lost_and_allowed_ones_too)
{
    struct ol_site_ref ref;
    ol_site_remember(77, (struct ol_site_ref){.index = OL_SITE_LOST, .rule = 3});
    cr_assert(ol_site_recall(77, &ref));
    cr_assert_eq(ref.index, OL_SITE_LOST);
    ol_site_remember(77, (struct ol_site_ref){.index = OL_SITE_ALLOWED, .rule = OL_ALLOW_MAX});
    cr_assert(ol_site_recall(77, &ref));
    cr_assert_eq(ref.index, OL_SITE_ALLOWED);
    cr_assert_eq(ref.rule, OL_ALLOW_MAX);
}
