/* SPDX-License-Identifier: MIT */
/* Functions of rules files: found by name, by pattern, or not. */
#include <criterion/criterion.h>

#include "detector/function.h"
#include "detector/pack.h"
#include "detector/rule.h"
#include "detector/ruleset.h"
#include "listener.h"

static struct ol_function named(const char *name)
{
    return (struct ol_function){.name = name, .judged = true};
}

static void add(const char *name)
{
    struct ol_function function = named(name);
    cr_assert(ol_function_add(&function));
}

TestSuite(function, .init = ol_function_reset);

Test(function, none_without_a_rule)
{
    cr_assert_null(ol_function_find("uv_timer_start"));
    cr_assert_null(ol_function_find(""));
}

Test(function, found_by_its_name)
{
    add("uv_timer_start");
    cr_assert_str_eq(ol_function_find("uv_timer_start")->name, "uv_timer_start");
    cr_assert_null(ol_function_find("uv_timer_starts"));
    cr_assert_null(ol_function_find("uv_timer"));
}

Test(function, the_later_rule_wins)
{
    struct ol_function later = named("f");
    add("f");
    later.kind = OL_KIND_loop_only;
    cr_assert(ol_function_add(&later));
    cr_assert_eq(ol_function_count(), 1);
    cr_assert_eq(ol_function_find("f")->kind, OL_KIND_loop_only);
}

Test(function, found_by_a_pattern)
{
    add("gtk_*");
    cr_assert_str_eq(ol_function_find("gtk_label_new")->name, "gtk_*");
    cr_assert(ol_function_is_glob(ol_function_find("gtk_label_new")));
    cr_assert_null(ol_function_find("gdk_label_new"));
}

Test(function, a_pattern_that_begins_with_a_star_covers_all)
{
    add("*_s");
    cr_assert_not_null(ol_function_find("ldap_search_s"));
    cr_assert_not_null(ol_function_find("x_s"));
}

Test(function, its_own_rule_comes_before_a_pattern)
{
    add("gtk_*");
    add("gtk_main");
    cr_assert_str_eq(ol_function_find("gtk_main")->name, "gtk_main");
}

Test(function, what_is_safe_is_in_no_pattern)
{
    add("gtk_*");
    add("gtk_init");
    cr_assert(ol_function_keep_safe("gtk_init*"));
    cr_assert_null(ol_function_find("gtk_init_check"));
    cr_assert_not_null(ol_function_find("gtk_init"));
}

Test(function, a_learner_is_no_rule_and_takes_none_away)
{
    add("uv_loop_close");
    cr_assert(ol_function_add_learner("uv_loop_close", 2));
    cr_assert(ol_function_add_learner("uv_run", 1));
    cr_assert(ol_function_find("uv_loop_close")->judged);
    cr_assert_eq(ol_function_find("uv_loop_close")->learner, 2);
    cr_assert_not(ol_function_find("uv_run")->judged);
}

Test(function, no_room_is_said)
{
    static char names[OL_FUNCTION_MAX + 1][8];
    for (int i = 0; i <= OL_FUNCTION_MAX; i++) {
        struct ol_function function = named(names[i]);
        snprintf(names[i], sizeof names[i], "f%d", i);
        cr_assert_eq(ol_function_add(&function), i < OL_FUNCTION_MAX);
    }
}

Test(function, the_packs_are_read_without_a_complaint)
{
    struct listener listener = {.count = 0};
    ol_ruleset_read("libuv:libevent:libev:gtk:blocking-clients", hear, &listener);
    cr_assert_eq(listener.count, 0, "%s", listener.last);
    const struct ol_function *write = ol_function_find("uv_write");
    cr_assert_eq(write->belongs, OL_BELONGS_argument);
    cr_assert_eq(write->argument, 1);
    cr_assert(write->indirect);
    cr_assert_eq(write->offset, 8);
    cr_assert_eq(write->descriptor, 64);
    cr_assert_eq(write->failure, -1);
    cr_assert_null(ol_function_find("uv_async_send"));
    cr_assert_null(ol_function_find("ev_async_send"));
    cr_assert_null(ol_function_find("gtk_label_get_type"));
    cr_assert(ol_function_find("libssh2_channel_open_ex")->slow_only);
    cr_assert_eq(ol_ruleset_severity((unsigned)ol_rule_named("sqlite3_exec")), OL_SEVERITY_warning);
    cr_assert_eq(ol_ruleset_severity((unsigned)ol_rule_named("PQexec")), OL_SEVERITY_error);
}

Test(function, clients_are_read_by_name_only)
{
    struct listener listener = {.count = 0};
    ol_ruleset_read("", hear, &listener);
    cr_assert_null(ol_function_find("PQexec"));
}

Test(function, packs_of_loops_are_read_when_they_are_needed)
{
    struct listener listener = {.count = 0};
    ol_ruleset_read("", hear, &listener);
    cr_assert_null(ol_function_find("uv_timer_start"));
    int pack = ol_pack_of_symbol("uv_timer_start");
    cr_assert_geq(pack, 0);
    cr_assert_not(ol_ruleset_has_pack(pack));
    cr_assert(ol_ruleset_read_pack(pack));
    cr_assert_not(ol_ruleset_read_pack(pack));
    cr_assert_not_null(ol_function_find("uv_timer_start"));
    cr_assert_null(ol_function_find("event_add"));
    cr_assert(ol_ruleset_read_rest());
    cr_assert_not(ol_ruleset_read_rest());
    cr_assert_not_null(ol_function_find("event_add"));
}

Test(function, a_pack_is_known_by_the_names_of_its_functions)
{
    static const char *const others[] = {"",           "u",     "uv",    "open",
                                         "g_idle_add", "event", "hello", "SSL_read"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        cr_assert_lt(ol_pack_of_symbol(others[i]), 0, "%s", others[i]);
    for (int pack = 0; pack < OL_PACK_COUNT; pack++) {
        ol_ruleset_read(NULL, NULL, NULL);
        if (ol_packs[pack].when != OL_PACK_WHEN_imported)
            continue;
        ol_ruleset_read_pack(pack);
        cr_assert_gt(ol_function_count(), 0);
        for (unsigned i = 0; i < ol_function_count(); i++)
            cr_assert_eq(ol_pack_of_symbol(ol_function_at(i)->name), pack, "%s",
                         ol_function_at(i)->name);
    }
}

Test(function, a_users_rule_wins_over_a_packs)
{
    struct ol_function own = named("uv_timer_start");
    struct listener listener = {.count = 0};
    ol_ruleset_read("", hear, &listener);
    own.kind = OL_KIND_blocking;
    cr_assert(ol_function_add(&own));
    ol_ruleset_read_rest();
    cr_assert_eq(ol_function_find("uv_timer_start")->kind, OL_KIND_blocking);
}

Test(function, getters_lead_to_a_loop)
{
    struct listener listener = {.count = 0};
    ol_ruleset_read("libevent", hear, &listener);
    const struct ol_function *reply = ol_function_find("evhttp_send_reply");
    cr_assert_str_eq(reply->getters[0], "evhttp_request_get_connection");
    cr_assert_str_eq(reply->getters[1], "evhttp_connection_get_base");
    cr_assert_eq(reply->argument, 0);
}
