/* SPDX-License-Identifier: MIT */
/* The SARIF document, written result by result, so that it needs memory for one only. */
#include "sarif.h"

#include <stdlib.h>

#include "../place.h"
#include "../plain.h"
#include "../say.h"

#define GITHUB_RESULTS 25000 /* docs.github.com: SARIF support for code scanning */

void ol_sarif_put_message(struct ol_stream *stream, const char *name, const char *plain)
{
    ol_stream_open(stream, name, '{');
    ol_stream_text(stream, "text", plain);
    ol_stream_close(stream, '}');
}

static void put_tool(struct ol_model *model, struct ol_stream *stream, struct ol_intern *rules)
{
    const char *docs = getenv("OFFLOOP_DOCS_URL");
    ol_stream_open(stream, "tool", '{');
    ol_stream_open(stream, "driver", '{');
    ol_stream_text(stream, "name", "offloop");
    ol_stream_text(stream, "version", OFFLOOP_VERSION);
    ol_stream_text(stream, "semanticVersion", OFFLOOP_VERSION);
    if (docs && *docs)
        ol_stream_text(stream, "informationUri", ol_plain_text(&model->pool, docs));
    ol_sarif_put_rules(model, stream, rules);
    ol_stream_close(stream, '}');
    ol_stream_close(stream, '}');
}

static void put_roots(struct ol_model *model, struct ol_stream *stream)
{
    const char *root = ol_pool_format(&model->pool, "%s/", ol_place_root(model));
    ol_stream_open(stream, "originalUriBaseIds", '{');
    ol_stream_open(stream, "SRCROOT", '{');
    ol_stream_text(stream, "uri", ol_sarif_uri(&model->pool, root, false));
    ol_stream_close(stream, '}');
    ol_stream_close(stream, '}');
}

/* GitHub refuses a whole file for one result too many, and says so in a place that few look at.
 * Other readers have no such bound, so nothing is left out. */
static void tell_size(const struct ol_model *model)
{
    if (model->violation_count > GITHUB_RESULTS)
        ol_say_line("%zu results: GitHub's code scanning takes %d of a file; "
                    "offloop report --min-severity leaves fewer",
                    model->violation_count, GITHUB_RESULTS);
}

static void put_run(struct ol_model *model, struct ol_stream *stream, FILE *out)
{
    struct ol_intern rules; /* names; their numbers are their indexes */
    ol_intern_begin(&rules, &model->pool);
    ol_stream_open(stream, NULL, '{');
    ol_stream_line(stream);
    put_tool(model, stream, &rules);
    ol_stream_line(stream);
    put_roots(model, stream);
    ol_stream_line(stream);
    ol_stream_text(stream, "columnKind", "utf16CodeUnits");
    ol_sarif_put_invocations(model, stream, out);
    ol_stream_line(stream);
    ol_sarif_put_results(model, stream, out, &rules);
    ol_stream_close(stream, '}');
    ol_intern_end(&rules);
}

static void write(struct ol_model *model, FILE *out)
{
    struct ol_stream stream;
    ol_stream_begin(&stream);
    ol_stream_open(&stream, NULL, '{');
    ol_stream_text(&stream, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
    ol_stream_line(&stream);
    ol_stream_text(&stream, "version", "2.1.0");
    ol_stream_line(&stream);
    ol_stream_open(&stream, "runs", '[');
    put_run(model, &stream, out);
    ol_stream_close(&stream, ']');
    ol_stream_close(&stream, '}');
    ol_stream_flush(&stream, out);
    fputc('\n', out);
    ol_stream_end(&stream);
    tell_size(model);
}

const struct ol_format ol_format_sarif = {
    .name = "sarif",
    .suffix = ".sarif",
    .text = "SARIF 2.1.0, for code scanning",
    .write = write,
};
