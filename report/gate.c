/* The gate. Called by run.c and report.c. */
#include "gate.h"

#include <errno.h>
#include <string.h>

#include "command.h"
#include "exit.h"
#include "phrase.h"
#include "say.h"

#define NAMED_MAX 50 /* sites told one by one */

error_t ol_gate_parse(struct ol_gate *gate, int key, const char *value, struct argp_state *state)
{
    switch (key - OL_GATE_KEY) {
    case 0:
        gate->least = ol_command_severity(state, "fail-on", value);
        return 0;
    case 1:
        gate->path = value;
        return 0;
    case 2:
        gate->update = true;
        return 0;
    case 3:
        gate->update = gate->grow = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

void ol_gate_begin(struct ol_gate *gate, struct obstack *pool)
{
    gate->timed = gate->least >= 0;
    if (gate->least < 0)
        gate->least = gate->path ? OL_SEVERITY_note : OL_SEVERITY_COUNT;
    if (gate->update && !gate->path)
        ol_say_exit(OL_EXIT_USAGE, "--baseline-%s: of which file? --baseline FILE names it",
                    gate->grow ? "grow" : "update");
    if (!gate->path || ol_baseline_read(&gate->baseline, pool, gate->path))
        return;
    if (errno != ENOENT)
        ol_say_exit(OL_EXIT_USAGE, "--baseline: %s: %s", gate->path, strerror(errno));
    if (!gate->grow)
        ol_say_exit(OL_EXIT_USAGE,
                    "--baseline: %s is not there; make it with: offloop baseline RECORD -o %s",
                    gate->path, gate->path);
    ol_baseline_begin(&gate->baseline, pool, gate->path);
}

void ol_gate_apply(struct ol_gate *gate, struct ol_model *model)
{
    if (!gate->path)
        return;
    ol_baseline_apply(&gate->baseline, model);
    model->load_passes = !gate->timed;
}

static bool fails(const struct ol_gate *gate, const struct ol_violation *violation)
{
    return (int)violation->severity >= gate->least && !violation->known &&
           (gate->timed || !ol_baseline_is_timed(violation->rule));
}

static int by_id(const void *a, const void *b)
{
    return strcmp((*(const struct ol_violation *const *)a)->id,
                  (*(const struct ol_violation *const *)b)->id);
}

/* New sites in an order that no measurement changes; returns how many fail. */
static size_t tell_new(const struct ol_gate *gate, struct ol_model *model)
{
    size_t all = model->violation_count + model->hidden, count = 0, failing = 0;
    const struct ol_violation **fresh = ol_pool_array(&model->pool, all + 1, sizeof *fresh);
    for (size_t i = 0; i < all; i++) {
        failing += fails(gate, &model->violations[i]);
        if (!model->violations[i].known)
            fresh[count++] = &model->violations[i];
    }
    if (!gate->path)
        return failing;
    qsort(fresh, count, sizeof *fresh, by_id);
    for (size_t i = 0; i < count && i < NAMED_MAX; i++)
        ol_say_line("new%s: %s: %s at %s in %s (id %s)",
                    gate->timed || !ol_baseline_is_timed(fresh[i]->rule) ? "" : " by load",
                    ol_severity_names[fresh[i]->severity], ol_phrase_call(&model->pool, fresh[i]),
                    ol_phrase_place(model, fresh[i]), ol_phrase_function(&model->pool, fresh[i]),
                    fresh[i]->id);
    if (count > NAMED_MAX)
        ol_say_line("new: and %zu more", count - NAMED_MAX);
    return failing;
}

static void tell_gone(const struct ol_baseline *baseline, bool removed)
{
    size_t told = 0;
    if (!baseline->gone)
        return;
    ol_say_line("%zu site%s of %s %s gone: %s %s%zu line%s", baseline->gone,
                baseline->gone == 1 ? "" : "s", baseline->path, baseline->gone == 1 ? "is" : "are",
                removed ? "removed" : "remove", baseline->gone == 1 ? "this " : "these ",
                baseline->gone, baseline->gone == 1 ? "" : "s");
    for (size_t i = 0; i < baseline->count && told < NAMED_MAX; i++)
        if (baseline->lines[i].gone) {
            ol_say_line("  %zu: %s", baseline->lines[i].number, baseline->lines[i].text);
            told++;
        }
    if (baseline->gone > told)
        ol_say_line("  and %zu more", baseline->gone - told);
}

/* False: the file can't be written, which was said. */
static bool update(const struct ol_gate *gate, struct ol_model *model)
{
    const char *why_not = gate->baseline.doubt;
    if (why_not && gate->baseline.gone)
        ol_say_line("%s keeps its lines: %s", gate->path, why_not);
    else
        tell_gone(&gate->baseline, gate->update);
    bool shrink = gate->update && !why_not && gate->baseline.gone;
    if (!shrink && !gate->grow)
        return true;
    return ol_baseline_write(&gate->baseline, model, shrink, gate->grow);
}

static void tell_reason(const struct ol_gate *gate, size_t failing)
{
    const char *plural = failing == 1 ? "" : "s", *severity = ol_severity_names[gate->least];
    const char *worse = gate->least + 1 < OL_SEVERITY_COUNT ? " or worse" : "";
    if (gate->path)
        ol_say_line("%zu site%s of severity %s%s, not in %s: exit code %d, by --baseline", failing,
                    plural, severity, worse, gate->path, gate->code);
    else
        ol_say_line("%zu site%s of severity %s%s: exit code %d, by --fail-on %s", failing, plural,
                    severity, worse, gate->code, severity);
}

int ol_gate_judge(const struct ol_gate *gate, struct ol_model *model)
{
    size_t failing = tell_new(gate, model);
    if (gate->path && !update(gate, model))
        return OL_EXIT_OWN;
    if (failing && !gate->grow) {
        tell_reason(gate, failing);
        return gate->code;
    }
    if (gate->least < OL_SEVERITY_COUNT && model->unreadable) {
        ol_say_line("--%s can't pass: not every record could be read",
                    gate->path ? "baseline" : "fail-on");
        return OL_EXIT_OWN;
    }
    return OL_EXIT_OK;
}
