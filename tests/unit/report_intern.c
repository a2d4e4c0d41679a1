/* SPDX-License-Identifier: MIT */
/* Numbers for equal bytes. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "report/intern.h"
#include "report/pool.h"

static struct obstack pool;
static struct ol_intern table;

static void begin(void)
{
    ol_pool_begin(&pool);
    ol_intern_begin(&table, &pool);
}

static void end(void)
{
    ol_intern_end(&table);
    ol_pool_end(&pool);
}

TestSuite(report_intern, .init = begin, .fini = end);

Test(report_intern, equal_bytes_have_one_number_and_others_the_next)
{
    bool added;
    cr_assert_eq(ol_intern_add(&table, "one", 3, &added), 0);
    cr_assert(added);
    cr_assert_eq(ol_intern_add(&table, "two", 3, NULL), 1);
    cr_assert_eq(ol_intern_add(&table, "one", 3, &added), 0);
    cr_assert_not(added);
    cr_assert_eq(ol_intern_add(&table, "one", 2, NULL), 2);
    cr_assert_eq(ol_intern_add(&table, "", 0, NULL), 3);
    cr_assert_str_eq(table.entries[1].bytes, "two");
}

Test(report_intern, numbers_stay_when_the_table_grows)
{
    char text[32];
    for (uint32_t i = 0; i < 100000; i++) {
        snprintf(text, sizeof text, "string number %u", i);
        cr_assert_eq(ol_intern_add(&table, text, strlen(text), NULL), i);
    }
    cr_assert_eq(ol_intern_add(&table, "string number 7", 15, NULL), 7);
    cr_assert_eq(table.count, 100000);
}
