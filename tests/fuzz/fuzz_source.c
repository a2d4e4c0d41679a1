/* SPDX-License-Identifier: MIT */
/* Anything at all as a source file, in Python and in JavaScript: what is around a line of it. The
 * first line of the input is the function's name; its first byte chooses the line. */
#include <string.h>

#include "fuzz.h"
#include "report/model.h"
#include "report/runtime/javascript_scope.h"
#include "report/runtime/python_scope.h"
#include "report/source.h"

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), size = strlen(end);
    return length >= size && strcmp(text + length - size, end) == 0;
}

/* Its last part is the function's own name. */
static void look(const char *path, const char *function, uint32_t line)
{
    struct ol_model model;
    struct ol_run run = {.cwd = "/"};
    const struct ol_frame frame = {.function = function, .file = path, .line = line};
    ol_model_begin(&model);
    ol_source_open(&model, NULL);
    const char *text = ol_source_line(&model, &run, &frame);
    DEMAND(!text || (*text && strlen(text) <= OL_SOURCE_LONGEST));
    DEMAND(ends_with(ol_javascript_scope_name(&model, &run, &frame), function));
    DEMAND(*ol_python_scope_name(&model, &run, &frame) || !*function);
    ol_model_end(&model);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const uint8_t *end = size ? memchr(bytes, '\n', size) : NULL;
    if (!end)
        return -1;
    const char *function = fuzz_string(bytes + 1, end == bytes ? 0 : (size_t)(end - bytes) - 1);
    size_t rest = size - (size_t)(end - bytes) - 1;
    look(fuzz_named_file("file.js", end + 1, rest), function, *bytes);
    fuzz_forget();
    return 0;
}
