/* SPDX-License-Identifier: MIT */
/* The SARIF document, written result by result, so that it needs memory for one only. */
#include "sarif.h"

#include <stdlib.h>

#include "../outlet.h"
#include "../place.h"
#include "../plain.h"
#include "../say.h"

#define GITHUB_RESULTS 25000 /* docs.github.com: SARIF support for code scanning */

json_t *ol_sarif_message(const char *plain)
{
    return json_pack("{s:s}", "text", plain);
}

static void write_value(FILE *out, json_t *value)
{
    ol_outlet_json(out, value, JSON_COMPACT | JSON_PRESERVE_ORDER);
}

static json_t *driver_of(struct ol_model *model, json_t *indexes)
{
    json_t *driver = json_pack("{s:s, s:s, s:s}", "name", "offloop", "version", OFFLOOP_VERSION,
                               "semanticVersion", OFFLOOP_VERSION);
    const char *docs = getenv("OFFLOOP_DOCS_URL");
    if (docs && *docs)
        json_object_set_new(driver, "informationUri",
                            json_string(ol_plain_text(&model->pool, docs)));
    json_object_set_new(driver, "rules", ol_sarif_rules(model, indexes));
    return driver;
}

static json_t *roots_of(struct ol_model *model)
{
    const char *root = ol_pool_format(&model->pool, "%s/", ol_places_root(model));
    return json_pack("{s:{s:s}}", "SRCROOT", "uri", ol_sarif_uri(&model->pool, root, false));
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

static void write(struct ol_model *model, FILE *out)
{
    json_t *indexes = json_object();
    fputs("{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",\n"
          "\"version\":\"2.1.0\",\n\"runs\":[{\n\"tool\":{\"driver\":",
          out);
    write_value(out, driver_of(model, indexes));
    fputs("},\n\"originalUriBaseIds\":", out);
    write_value(out, roots_of(model));
    fputs(",\n\"columnKind\":\"utf16CodeUnits\",\n\"invocations\":", out);
    write_value(out, ol_sarif_invocations(model));
    fputs(",\n\"results\":[", out);
    ol_sarif_put_results(model, out, indexes);
    fputs("\n]}]}\n", out);
    tell_size(model);
    json_decref(indexes);
}

const struct ol_format ol_format_sarif = {
    .name = "sarif",
    .suffix = ".sarif",
    .text = "SARIF 2.1.0, for code scanning",
    .write = write,
};
