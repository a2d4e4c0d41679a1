/* SPDX-License-Identifier: MIT */
/* Anything at all as a record: read, merged, gated and written in every format. Built and run by
 * scripts/fuzz, with ASan and UBSan. */
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "report/baseline.h"
#include "report/formats/format.h"
#include "report/group.h"
#include "report/load.h"
#include "report/output.h"
#include "report/plain.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static int record = -1;
static char path[64];

static void begin(void)
{
    record = memfd_create("record", MFD_CLOEXEC);
    snprintf(path, sizeof path, "/proc/self/fd/%d", record);
    ol_plain_start();
}

static void write_all_formats(struct ol_model *model)
{
    struct obstack pool;
    ol_pool_begin(&pool);
    for (size_t i = 0; ol_format_at(i); i++) {
        struct ol_output output;
        const char *trouble;
        if (!ol_output_parse(&output, &pool, ol_format_at(i)->name, &trouble))
            __builtin_trap();
        output.path = "/dev/null";
        ol_output_write(&output, model);
    }
    ol_pool_end(&pool);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    /* the same record as two shards: what is merged was freed by neither */
    const char *paths[] = {path, path};
    struct ol_baseline baseline;
    struct ol_model model;
    if (record < 0)
        begin();
    if (ftruncate(record, 0) != 0 || pwrite(record, bytes, size, 0) != (ssize_t)size)
        return -1;
    ol_model_begin(&model);
    ol_load_files(&model, paths, 2);
    ol_group_merge(&model);
    ol_baseline_begin(&baseline, &model.pool, "known");
    if (size % 2) /* else without one */
        ol_baseline_apply(&baseline, &model);
    ol_group_filter(&model, OL_SEVERITY_warning);
    ol_group_sort(&model, OL_GROUP_BY_TIME);
    write_all_formats(&model);
    ol_model_end(&model);
    return 0;
}
