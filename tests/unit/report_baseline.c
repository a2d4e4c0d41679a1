/* SPDX-License-Identifier: MIT */
/* Baselines: what is written can be read again, whatever else stood in the file. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "report/baseline.h"

static char path[] = "/tmp/offloop-baseline-XXXXXX";
static struct obstack pool;
static struct ol_model model;
static struct ol_baseline baseline;

static void begin(void)
{
    close(mkstemp(path));
    ol_pool_begin(&pool);
    ol_model_begin(&model);
}

static void end(void)
{
    ol_model_end(&model);
    ol_pool_end(&pool);
    unlink(path);
}

TestSuite(report_baseline, .init = begin, .fini = end);

static bool read_bytes(const char *bytes, size_t size)
{
    FILE *file = fopen(path, "w");
    fwrite(bytes, 1, size, file);
    fclose(file);
    return ol_baseline_read(&baseline, &pool, path);
}

static bool read_text(const char *text)
{
    return read_bytes(text, strlen(text));
}

static const char *file_text(void)
{
    static char text[4096];
    FILE *file = fopen(path, "r");
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    return text;
}

/* No violation has any id: each line of a site goes. */
static void shrink(void)
{
    ol_baseline_apply(&baseline, &model);
    cr_assert(ol_baseline_write(&baseline, &model, true, true));
}

#define ID "adec178f32430289"
#define MARKER "<<<<<<< ours\n"

Test(report_baseline, what_lost_its_last_site_is_still_one_beside_lines_that_are_none)
{
    cr_assert(read_text(MARKER ID "#\x1f\n"));
    shrink();
    cr_assert_null(strstr(file_text(), ID));
    cr_assert(strstr(file_text(), MARKER));
    cr_assert(ol_baseline_read(&baseline, &pool, path));
}

Test(report_baseline, its_title_alone_makes_it_one)
{
    cr_assert(read_text("# Baseline of offloop, format 2: ...\n" MARKER));
    shrink();
    cr_assert_str_eq(file_text(), "# Baseline of offloop, format 2: ...\n" MARKER);
}

Test(report_baseline, a_file_of_good_lines_is_kept_without_a_title)
{
    cr_assert(read_text("# ours\n" ID "\n"));
    cr_assert(ol_baseline_write(&baseline, &model, false, true));
    cr_assert_str_eq(file_text(), "# ours\n" ID "\n");
}

Test(report_baseline, neither_title_nor_site_is_no_baseline)
{
    cr_assert_not(read_text("print('# Baseline of offloop')\n"));
    cr_assert_eq(errno, EINVAL);
}

Test(report_baseline, what_follows_a_zero_byte_is_not_lost)
{
    cr_assert_not(read_bytes(ID "\n\0" ID "\n", 2 * strlen(ID "\n") + 1));
    cr_assert_eq(errno, EINVAL);
}
