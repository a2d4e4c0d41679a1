/* SPDX-License-Identifier: MIT */
/* Workflow commands, "::error file=…,line=…,title=…::message". No name can end its property or
 * begin a command (outlet.h). */
#include "format.h"

#include "../outlet.h"
#include "../phrase.h"
#include "../place.h"

static const char *const commands[OL_SEVERITY_COUNT] = {
    [OL_SEVERITY_note] = "notice",
    [OL_SEVERITY_warning] = "warning",
    [OL_SEVERITY_error] = "error",
};

static void put_property(FILE *out, char before, const char *name, const char *text)
{
    fprintf(out, "%c%s=", before, name);
    ol_outlet_put(out, OL_OUTLET_github_property, text);
}

/* A line of the message. */
static void put_line(FILE *out, const char *label, const char *text)
{
    fprintf(out, "%%0A%s", label);
    ol_outlet_put(out, OL_OUTLET_github_message, text);
}

static void put_site(struct ol_model *model, FILE *out, const struct ol_violation *violation)
{
    struct obstack *pool = &model->pool;
    const struct ol_frame *culprit = violation->culprit;
    const char *file = culprit ? ol_place_file(model, violation->run, culprit) : NULL;
    char before = ' ';
    fprintf(out, "::%s", commands[violation->severity]);
    if (ol_place_is_inside(file)) {
        put_property(out, before, "file", file);
        before = ',';
        if (culprit->line)
            fprintf(out, ",line=%u", culprit->line);
    }
    put_property(out, before, "title", ol_pool_format(pool, "offloop %s", violation->rule));
    fputs("::", out);
    ol_outlet_put(out, OL_OUTLET_github_message,
                  ol_pool_format(pool, "%s in %s (%s): %s.", ol_phrase_call(pool, violation),
                                 ol_phrase_function(pool, violation),
                                 ol_phrase_place(model, violation),
                                 ol_phrase_cost(pool, violation)));
    if (violation->hint)
        put_line(out, "Instead: ", violation->hint);
    put_line(out, "", ol_phrase_help(pool, violation->family, violation->rule));
    fputc('\n', out);
}

static void write(struct ol_model *model, FILE *out)
{
    for (size_t i = 0; i < model->violation_count; i++) {
        void *mark = obstack_alloc(&model->pool, 0);
        if (!model->violations[i].known)
            put_site(model, out, &model->violations[i]);
        obstack_free(&model->pool, mark);
    }
}

const struct ol_format ol_format_github = {
    .name = "github",
    .text = "annotations of a GitHub workflow",
    .write = write,
};
