/* Results of a SARIF report. Called by sarif.c. */
#include <string.h>

#include "json.h"
#include "moment.h"
#include "owner.h"
#include "phrase.h"
#include "place.h"
#include "plain.h"
#include "sarif.h"

#define FLAGS (JSON_COMPACT | JSON_PRESERVE_ORDER)

/* Bytes of a path that a URI takes as they are; all others become %XX, invalid UTF-8 too. */
static char *uri_of(struct obstack *pool, const char *path, const char *scheme)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                "-._~/";
    obstack_grow(pool, scheme, strlen(scheme));
    for (; *path; path++)
        if (strchr(plain, *path)) {
            obstack_1grow(pool, *path);
        } else {
            char escape[4];
            obstack_grow(pool, escape,
                         (size_t)snprintf(escape, sizeof escape, "%%%02X", (unsigned char)*path));
        }
    obstack_1grow(pool, '\0');
    return obstack_finish(pool);
}

json_t *ol_sarif_artifact(struct ol_model *model, const char *path, bool inside)
{
    json_t *artifact = json_pack("{s:s}", "uri",
                                 uri_of(&model->pool, path, inside ? "" : "file://"));
    if (inside)
        json_object_set_new(artifact, "uriBaseId", json_string("SRCROOT"));
    return artifact;
}

static json_t *physical_of(struct ol_model *model, const struct ol_run *run,
                           const struct ol_frame *frame)
{
    const char *file = ol_place_file(model, run, frame);
    bool is_path = file && *file != '<';
    if (!is_path)
        return NULL;
    json_t *physical = json_pack("{s:o}", "artifactLocation",
                                 ol_sarif_artifact(model, file, ol_place_is_inside(file)));
    if (frame->line)
        json_object_set_new(physical, "region",
                            json_pack("{s:I}", "startLine", (json_int_t)frame->line));
    return physical;
}

static json_t *logical_of(struct ol_model *model, const struct ol_frame *frame)
{
    struct obstack *pool = &model->pool;
    const char *function = ol_plain_text(pool, frame->function);
    json_t *logical = json_pack("{s:s, s:s}", "name", function, "kind", "function");
    if (frame->module)
        json_object_set_new(logical, "fullyQualifiedName",
                            json_string(ol_pool_format(
                                pool, "%s%s%s", ol_plain_text(pool, ol_owner_base(frame->module)),
                                frame->kind == OL_FRAME_native ? "!" : ".", function)));
    return json_pack("[o]", logical);
}

static json_t *location_of(struct ol_model *model, const struct ol_run *run,
                           const struct ol_frame *frame)
{
    json_t *location = json_object(), *physical = physical_of(model, run, frame);
    if (physical)
        json_object_set_new(location, "physicalLocation", physical);
    if (frame->function)
        json_object_set_new(location, "logicalLocations", logical_of(model, frame));
    return location;
}

/* Code scanning refuses a report in which one result has no file: the program stands in. */
static json_t *locations_of(struct ol_model *model, const struct ol_violation *violation)
{
    const struct ol_frame *culprit = violation->culprit;
    const struct ol_run *run = violation->run;
    json_t *location = culprit ? location_of(model, run, culprit) : json_object();
    if (!json_object_get(location, "physicalLocation")) {
        const char *module = culprit && culprit->kind == OL_FRAME_native ? culprit->module : NULL;
        module = module && *module == '/' ? module : run->exe;
        module = module && *module == '/' ? module : run->path;
        json_object_set_new(location, "physicalLocation",
                            json_pack("{s:o}", "artifactLocation",
                                      ol_sarif_artifact(model, module, *module != '/')));
    }
    return json_pack("[o]", location);
}

static json_t *number(uint64_t value)
{
    return json_integer((json_int_t)(value < INT64_MAX ? value : INT64_MAX));
}

static json_t *counters_of(struct ol_model *model, const struct ol_violation *violation)
{
    struct obstack *pool = &model->pool;
    json_t *counters = json_object();
    json_object_set_new(counters, "id", json_string(violation->id));
    json_object_set_new(counters, "count", number(violation->count));
    json_object_set_new(counters, "totalNs", number(violation->total_ns));
    json_object_set_new(counters, "maxNs", number(violation->max_ns));
    json_object_set_new(counters, "blocked", number(violation->blocked));
    json_object_set_new(counters, "phase", json_string(ol_phase_names[violation->phase]));
    if (violation->owner)
        json_object_set_new(counters, "owner", json_string(ol_plain_text(pool, violation->owner)));
    return counters;
}

static json_t *result_of(struct ol_model *model, const struct ol_violation *violation,
                         const json_t *indexes)
{
    struct obstack *pool = &model->pool;
    const char *rule = ol_plain_text(pool, violation->rule);
    const char *words = ol_pool_format(
        pool, "%s %s the loop in %s: %s.%s%s", ol_phrase_call(pool, violation),
        violation->on_loop ? "on" : "off", ol_phrase_function(pool, violation),
        ol_phrase_cost(pool, violation), violation->hint ? " Instead: " : "",
        violation->hint ? ol_plain_text(pool, violation->hint) : "");
    json_t *result = json_object();
    json_object_set_new(result, "ruleId", json_string(rule));
    json_object_set(result, "ruleIndex", json_object_get(indexes, rule));
    json_object_set_new(result, "level", json_string(ol_sarif_level(violation->severity)));
    json_object_set_new(result, "message", ol_sarif_message(words));
    json_object_set_new(result, "locations", locations_of(model, violation));
    json_object_set_new(result, "occurrenceCount", number(violation->count ? violation->count : 1));
    json_object_set_new(result, "partialFingerprints",
                        json_pack("{s:s, s:s}", "offloopSite/v1", violation->id,
                                  /* what GitHub tells alerts apart by; else it takes the line */
                                  "primaryLocationLineHash",
                                  ol_pool_format(pool, "%s:1", violation->id)));
    if (model->baseline)
        json_object_set_new(result, "baselineState",
                            json_string(violation->known ? "unchanged" : "new"));
    json_object_set_new(result, "properties", counters_of(model, violation));
    return result;
}

/* The message names the function; a logical location too would make large reports half as large
 * again. */
static char *step_text(struct ol_model *model, const struct ol_run *run,
                       const struct ol_frame *frame)
{
    json_t *location = json_object(), *physical = physical_of(model, run, frame);
    if (physical)
        json_object_set_new(location, "physicalLocation", physical);
    json_object_set_new(location, "message", ol_sarif_message(ol_phrase_frame(model, run, frame)));
    json_t *step = json_pack("{s:o}", "location", location);
    if (frame->owner_class == OL_CODE_user)
        json_object_set_new(step, "importance", json_string("essential"));
    char *text = json_dumps(step, FLAGS);
    json_decref(step);
    return text;
}

static const char *step_of(struct ol_model *model, struct ol_memo *steps, const struct ol_run *run,
                           const struct ol_frame *frame)
{
    const char *known = ol_memo_find(steps, frame);
    return known ? known : ol_memo_keep(steps, frame, step_text(model, run, frame));
}

void ol_sarif_put_result(struct ol_model *model, FILE *out, const struct ol_violation *violation,
                         const json_t *indexes, struct ol_memo *steps)
{
    json_t *result = result_of(model, violation, indexes);
    size_t count = violation->frame_count;
    putc('{', out);
    json_dump_callback(result, ol_json_put, out, FLAGS | JSON_EMBED);
    json_decref(result);
    /* in the order of execution: outermost first; the frames stand ready as text */
    for (size_t i = count; i > 0; i--) {
        fputs(i == count ? ",\"codeFlows\":[{\"threadFlows\":[{\"locations\":[" : ",", out);
        fputs(step_of(model, steps, violation->run, violation->frames[i - 1]), out);
    }
    fputs(count ? "]}]}]}" : "}", out);
}
