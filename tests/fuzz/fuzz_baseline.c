/* SPDX-License-Identifier: MIT */
/* Anything at all as a baseline: read, and written again. What was written must read as the same.
 * Built and run by scripts/fuzz. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "report/baseline.h"
#include "report/plain.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static size_t ids_of(const struct ol_baseline *baseline)
{
    size_t ids = 0;
    for (size_t i = 0; i < baseline->count; i++)
        ids += baseline->lines[i].id != NULL;
    return ids;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static char path[64];
    static int file = -1;
    struct ol_baseline before, after;
    struct obstack pool;
    struct ol_model model;
    if (file < 0) {
        file = memfd_create("baseline", MFD_CLOEXEC);
        snprintf(path, sizeof path, "/proc/self/fd/%d", file);
        ol_plain_start();
    }
    if (ftruncate(file, 0) != 0 || pwrite(file, bytes, size, 0) != (ssize_t)size)
        return -1;
    ol_pool_begin(&pool);
    ol_model_begin(&model);
    if (ol_baseline_read(&before, &pool, path)) {
        ol_baseline_write(&before, &model, false, true);
        if (!ol_baseline_read(&after, &pool, path) || ids_of(&before) != ids_of(&after))
            __builtin_trap();
        ol_baseline_apply(&after, &model);
        ol_baseline_write(&after, &model, true, true);
        size_t left = ids_of(&after) - after.gone;
        if (!ol_baseline_read(&after, &pool, path) || ids_of(&after) != left)
            __builtin_trap();
    }
    ol_model_end(&model);
    ol_pool_end(&pool);
    return 0;
}
