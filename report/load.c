/* SPDX-License-Identifier: MIT */
/* From record files to the model: copies what the reader vouches for, in words and with names. */
#include "load.h"

#include <string.h>

#include "compiled.h"
#include "fingerprint.h"
#include "load_inside.h"
#include "owner.h"
#include "runtime/runtime.h"
#include "say.h"
#include "source.h"
#include "symbols.h"

static const char *fixed_text(struct ol_loading *load, const char *bytes, size_t size)
{
    return ol_pool_copy(load->pool, bytes, strnlen(bytes, size));
}

/* A moment of the record's monotonic clock as UTC. Wraps where the record lies. */
static int64_t moment(const struct ol_loading *load, int64_t ns)
{
    const struct ol_record *header = &load->reader.header;
    return (int64_t)((uint64_t)header->started_realtime_ns + (uint64_t)ns -
                     (uint64_t)header->started_ns);
}

/* The turn length that `percent` of the turns do not exceed, as far as the histogram tells: a
 * quarter of an octave. */
static uint64_t quantile(const struct ol_loop_entry *entry, unsigned percent)
{
    uint64_t all = 0, below = 0, longest = entry->longest_turn_ns;
    for (unsigned i = 0; i < OL_TURN_BUCKETS; i++)
        all += entry->histogram[i];
    for (unsigned i = 0; i < OL_TURN_BUCKETS; i++) {
        below += entry->histogram[i];
        if (all && below * 100 >= all * percent) {
            uint64_t high = i + 1 < OL_TURN_BUCKETS ? ol_turn_bucket_low(i + 1) - 1 : longest;
            return high < longest ? high : longest;
        }
    }
    return 0;
}

static void load_processes(struct ol_loading *load)
{
    struct ol_run *run = load->run;
    uint32_t count = load->reader.sections[OL_SECTION_processes].count;
    run->processes = ol_pool_array(load->pool, count, sizeof *run->processes);
    for (uint32_t i = 0; i < count; i++) {
        const struct ol_process_entry *entry = ol_reader_process(&load->reader, i);
        if (entry)
            run->processes[run->process_count++] = (struct ol_process){
                .pid = entry->pid,
                .parent = entry->parent,
                .exit_status = entry->exit_status,
                .ended = entry->ended_ns != 0};
    }
    run->pid = run->process_count ? run->processes[0].pid : 0;
}

static const uint32_t *histogram_of(struct ol_loading *load, const struct ol_loop_entry *entry)
{
    uint32_t *histogram = ol_pool_array(load->pool, OL_TURN_BUCKETS, sizeof *histogram);
    for (unsigned i = 0; i < OL_TURN_BUCKETS; i++)
        histogram[i] = entry->histogram[i];
    return histogram;
}

static struct ol_loop loop_of(struct ol_loading *load, const struct ol_loop_entry *entry)
{
    return (struct ol_loop){
        .pid = entry->pid,
        .tid = entry->tid,
        .running = entry->ended_ns == 0,
        .judged = entry->turns || entry->turn_began_ns,
        .worker = entry->worker != 0,
        .loops = entry->loops ? entry->loops : 1,
        .threads = entry->threads ? entry->threads : 1,
        .name = fixed_text(load, entry->name, sizeof entry->name),
        .wait = ol_load_text(load, entry->wait),
        .turns = entry->turns,
        .busy_ns = entry->busy_ns,
        .longest_turn_ns = entry->longest_turn_ns,
        .p50_ns = quantile(entry, 50),
        .p99_ns = quantile(entry, 99),
        .stalls = entry->stalls,
        .histogram = histogram_of(load, entry),
    };
}

static void load_loops(struct ol_loading *load)
{
    struct ol_run *run = load->run;
    uint32_t count = load->reader.sections[OL_SECTION_loops].count;
    run->loops = ol_pool_array(load->pool, count, sizeof *run->loops);
    load->loops = ol_pool_array(load->pool, count, sizeof *load->loops);
    load->loop_count = count;
    for (uint32_t i = 0; i < count; i++) {
        const struct ol_loop_entry *entry = ol_reader_loop(&load->reader, i);
        if (!entry)
            continue;
        load->loops[i] = &run->loops[run->loop_count++];
        *load->loops[i] = loop_of(load, entry);
    }
}

static void load_notes(struct ol_loading *load)
{
    struct ol_run *run = load->run;
    uint32_t spots = load->reader.sections[OL_SECTION_blind_spots].count;
    uint32_t rules = load->reader.sections[OL_SECTION_suppressed].count;
    run->blind_spots = ol_pool_array(load->pool, spots, sizeof *run->blind_spots);
    for (uint32_t i = 0; i < spots; i++) {
        const struct ol_blind_spot_entry *entry = ol_reader_blind_spot(&load->reader, i);
        if (entry)
            run->blind_spots[run->blind_spot_count++] = (struct ol_blind_spot){
                ol_load_text(load, entry->what), ol_load_text(load, entry->why)};
    }
    run->suppressed = ol_pool_array(load->pool, rules, sizeof *run->suppressed);
    for (uint32_t i = 0; i < rules; i++) {
        const struct ol_suppressed_entry *entry = ol_reader_suppressed(&load->reader, i);
        /* a rule of the built-in pack that had nothing to do is no news */
        if (entry && (entry->hits || !entry->shipped))
            run->suppressed[run->suppressed_count++] = (struct ol_suppressed){
                ol_load_text(load, entry->rule), entry->hits};
    }
}

static void load_header(struct ol_loading *load)
{
    const struct ol_record *header = &load->reader.header;
    struct ol_run *run = load->run;
    run->path = ol_pool_string(load->pool, load->reader.path);
    run->exe = ol_load_text(load, header->exe);
    run->argv = ol_load_text(load, header->argv);
    run->cwd = ol_load_text(load, header->cwd);
    run->language = ol_load_text(load, header->language);
    run->version = fixed_text(load, header->offloop_version, sizeof header->offloop_version);
    run->started_ns = header->started_realtime_ns;
    run->hits_lost = header->hits_lost;
    run->time_lost_ns = header->time_lost_ns;
    for (int id = 0; id < OL_SECTION_COUNT; id++)
        run->lost[id] = ol_reader_lost(&load->reader, (enum ol_section_id)id);
}

const char *ol_load_text(struct ol_loading *load, ol_string index)
{
    const char *string = ol_reader_string(&load->reader, index);
    return string ? load->strings +
                        (string - (const char *)load->reader.sections[OL_SECTION_strings].bytes)
                  : NULL;
}

/* Of the frames that the culprit stands for: the innermost that is not from a system header. */
static const struct ol_frame *choose(const struct ol_known *known)
{
    for (size_t i = 0; i < known->count; i++)
        if (!known->frames[i].file || strncmp(known->frames[i].file, "/usr/include/", 13) != 0)
            return &known->frames[i];
    return &known->frames[known->count - 1];
}

static void load_stack(struct ol_loading *load, const struct ol_reader_shown *site,
                       struct ol_violation *violation)
{
    size_t recorded, count = 0;
    const struct ol_frame_entry *entries = ol_reader_frames(&load->reader, site, &recorded);
    for (size_t i = 0; i < recorded; i++) {
        struct ol_known known = ol_load_frame(load, &entries[i], site->pid);
        if (count + known.count > load->stack_room) {
            load->stack_room = 2 * (count + known.count);
            load->stack = ol_say_realloc(load->stack, load->stack_room, sizeof *load->stack);
        }
        for (size_t j = 0; j < known.count; j++)
            load->stack[count++] = &known.frames[j];
        if (i == site->culprit)
            violation->culprit = choose(&known);
    }
    void *kept = ol_pool_array(load->pool, count, sizeof *load->stack);
    if (count)
        memcpy(kept, load->stack, count * sizeof *load->stack);
    violation->frames = kept;
    violation->frame_count = count;
}

static const char *word(const char *text)
{
    return text ? text : "?";
}

static void load_counters(struct ol_loading *load, const struct ol_site_entry *site,
                          struct ol_violation *violation)
{
    violation->count = site->count;
    violation->blocked = site->blocked;
    violation->total_ns = site->total_ns;
    violation->max_ns = site->max_ns;
    violation->waits = site->waits;
    violation->major_faults = site->major_faults;
    violation->first_ns = moment(load, site->first_ns);
    violation->last_ns = moment(load, site->last_ns);
}

static void load_site(struct ol_loading *load, const struct ol_site_entry *site,
                      struct ol_violation *violation)
{
    struct ol_reader_shown shown = ol_reader_shown(&load->reader, site);
    *violation = (struct ol_violation){
        .rule = word(ol_load_text(load, site->rule)),
        .kind = ol_kind_names[site->kind],
        .family = word(ol_load_text(load, site->family)),
        .severity = site->severity,
        .action = (enum ol_action)ol_tables_action(site->action),
        .phase = site->phase,
        .function = word(ol_load_text(load, shown.function)),
        .api = ol_load_text(load, site->api),
        .argument = ol_load_text(load, shown.argument),
        .hint = ol_load_text(load, site->hint),
        .allowed_by = ol_load_text(load, site->allowed_by),
        .run = load->run,
        .pid = shown.pid,
        .tid = site->tid,
        .thread = fixed_text(load, site->thread, sizeof site->thread),
        .on_loop = site->on_loop != OL_OFF_LOOP,
        .worker = site->on_loop == OL_ON_WORKER,
    };
    if (!violation->api)
        violation->api = violation->function;
    load_counters(load, site, violation);
    if (site->loop < load->loop_count && load->loops[site->loop])
        load->loops[site->loop]->lost_ns += site->total_ns;
    load_stack(load, &shown, violation);
    ol_compiled_judge(violation);
    ol_runtime_judge(load->pool, violation);
    violation->owner = violation->culprit ? ol_owner_name(load->pool, violation->culprit) : NULL;
    violation->id = ol_fingerprint_make(load->model, violation);
}

static void load_sites(struct ol_loading *load)
{
    struct ol_model *model = load->model;
    uint32_t count = load->reader.sections[OL_SECTION_sites].count;
    size_t before = model->violation_count;
    model->violations = ol_say_realloc(model->violations, before + count,
                                       sizeof *model->violations);
    for (uint32_t i = 0; i < count; i++) {
        const struct ol_site_entry *site = ol_reader_site(&load->reader, i);
        ol_progress_step(&load->progress, load->file, i, count);
        if (site && site->count) /* without hits: only a place that was noted */
            load_site(load, site, &model->violations[model->violation_count++]);
    }
    load->run->empty = load->run->loop_count == 0 && model->violation_count == before;
}

static void load_record(struct ol_loading *load)
{
    const struct ol_reader_section *strings = &load->reader.sections[OL_SECTION_strings];
    load->strings = strings->count
                        ? ol_pool_copy(load->pool, (const char *)strings->bytes, strings->count)
                        : NULL;
    load->run = ol_pool_array(load->pool, 1, sizeof *load->run);
    load->run->index = load->model->run_count;
    load_header(load);
    load_processes(load);
    load_loops(load);
    load_notes(load);
    ol_load_prepare(load);
    load_sites(load);
    ol_load_forget(load);
    *load->model->last_run = load->run;
    load->model->last_run = &load->run->next;
    load->model->run_count++;
}

static void load_file(struct ol_loading *load, const char *path)
{
    struct ol_reader *reader = &load->reader;
    if (!ol_reader_open(reader, path)) {
        ol_progress_clear(&load->progress);
        ol_say_line("%s: %s", path, reader->damage);
        load->model->unreadable++;
        return;
    }
    load_record(load);
    if (reader->damage_count) {
        ol_progress_clear(&load->progress);
        load->run->damage = ol_pool_string(load->pool, reader->damage);
        if (reader->damage_count > 1)
            ol_say_line("%s: damaged: %s (and %u more); what is intact is shown", path,
                        reader->damage, reader->damage_count - 1);
        else
            ol_say_line("%s: damaged: %s; what is intact is shown", path, reader->damage);
    }
    ol_reader_close(reader);
}

void ol_load_files(struct ol_model *model, const char *const *paths, size_t count)
{
    struct ol_loading load = {.model = model,
                              .pool = &model->pool,
                              .symbols = ol_symbols_begin(&model->pool, &model->lookup)};
    if (!model->sources)
        ol_source_open(model, model->lookup.sysroot);
    ol_progress_begin(&load.progress, "reading records", count);
    for (load.file = 0; load.file < count; load.file++)
        load_file(&load, paths[load.file]);
    ol_progress_clear(&load.progress);
    ol_symbols_end(load.symbols);
    free(load.known);
    free(load.stack);
}
