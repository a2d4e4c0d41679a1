/* Workflow commands, "::error file=…,line=…,title=…::message". The runner reads lines, and undoes
 * %XX: '%' and line ends are escaped everywhere, ':' and ',' in properties too, so that no name can
 * end its property or begin a command. Called by output.c. */
#include "github.h"

#include <string.h>

#include "phrase.h"
#include "place.h"
#include "plain.h"

static const char *const commands[OL_SEVERITY_COUNT] = {
    [OL_SEVERITY_note] = "notice",
    [OL_SEVERITY_warning] = "warning",
    [OL_SEVERITY_error] = "error",
};

static void put_escaped(FILE *out, const char *text, const char *special)
{
    for (; *text; text++)
        if (strchr(special, *text))
            fprintf(out, "%%%02X", (unsigned char)*text);
        else
            fputc(*text, out);
}

static void put_property(FILE *out, char before, const char *name, const char *text)
{
    fprintf(out, "%c%s=", before, name);
    put_escaped(out, text, "%\r\n:,");
}

static void put_site(struct ol_model *model, FILE *out, const struct ol_violation *violation)
{
    struct obstack *pool = &model->pool;
    const struct ol_frame *culprit = violation->culprit;
    const char *file = culprit ? ol_place_file(model, violation->run, culprit) : NULL;
    char before = ' ';
    fprintf(out, "::%s", commands[violation->severity]);
    if (ol_place_is_inside(file)) {
        put_property(out, before, "file", ol_plain_utf8(pool, file));
        before = ',';
        if (culprit->line)
            fprintf(out, ",line=%u", culprit->line);
    }
    put_property(out, before, "title",
                 ol_pool_format(pool, "offloop %s", ol_plain_text(pool, violation->rule)));
    fputs("::", out);
    put_escaped(out,
                ol_pool_format(pool, "%s in %s (%s): %s.", ol_phrase_call(pool, violation),
                               ol_phrase_function(pool, violation),
                               ol_phrase_place(model, violation), ol_phrase_cost(pool, violation)),
                "%\r\n");
    if (violation->hint)
        put_escaped(out,
                    ol_pool_format(pool, "\nInstead: %s", ol_plain_text(pool, violation->hint)),
                    "%\r\n");
    put_escaped(
        out, ol_pool_format(pool, "\n%s", ol_phrase_help(pool, violation->family, violation->rule)),
        "%\r\n");
    fputc('\n', out);
}

void ol_github_write(struct ol_model *model, FILE *out)
{
    for (size_t i = 0; i < model->violation_count; i++) {
        void *mark = obstack_alloc(&model->pool, 0);
        if (!model->violations[i].known)
            put_site(model, out, &model->violations[i]);
        obstack_free(&model->pool, mark);
    }
}
