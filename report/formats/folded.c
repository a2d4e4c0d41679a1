/* SPDX-License-Identifier: MIT */
/* Folded stacks: one line a violation, "outermost;…;innermost VALUE". The value is the time lost in
 * nanoseconds. The outermost word is the program and its thread, the innermost the call. Frames end
 * at ';' and stacks at the last blank. */
#include "format.h"

#include "../outlet.h"
#include "../path.h"
#include "../phrase.h"

static void put(FILE *out, const char *text)
{
    ol_outlet_put(out, OL_OUTLET_folded, text);
}

static void put_site(struct ol_model *model, FILE *out, const struct ol_violation *violation)
{
    const char *exe = violation->run->exe ? ol_path_base(violation->run->exe) : "?";
    put(out, exe);
    fputc('/', out);
    put(out, violation->thread);
    for (size_t i = violation->frame_count; i > 0; i--) {
        fputc(';', out);
        put(out, ol_phrase_frame(model, violation->run, violation->frames[i - 1]));
    }
    fputc(';', out);
    put(out, violation->api);
    fprintf(out, " %llu\n", (unsigned long long)violation->total_ns);
}

static void write(struct ol_model *model, FILE *out)
{
    for (size_t i = 0; i < model->violation_count; i++) {
        void *mark = obstack_alloc(&model->pool, 0);
        put_site(model, out, &model->violations[i]);
        obstack_free(&model->pool, mark);
    }
}

const struct ol_format ol_format_folded = {
    .name = "folded",
    .suffix = ".folded",
    .text = "folded stacks, for flamegraph.pl and speedscope",
    .write = write,
};
