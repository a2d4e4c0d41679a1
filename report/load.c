/* From record files to the model: copies what the reader vouches for, in words and with names. */
#include "load.h"

#include <search.h>
#include <string.h>

#include "fingerprint.h"
#include "owner.h"
#include "say.h"
#include "source.h"
#include "symbols.h"

#define INLINED_MAX 32 /* frames that one address stands for */

/* A record's frame and the frames that it stands for. */
struct known {
    struct ol_frame_entry entry; /* first: it is what the tree is ordered by */
    const struct ol_frame *frames;
    size_t count;
};

struct load {
    struct ol_model *model;
    struct obstack *pool;
    struct ol_symbols *symbols;
    struct ol_reader reader;
    struct ol_run *run;
    char *strings;          /* copy of the record's strings, at the same indexes */
    struct ol_loop **loops; /* by index in the record; NULL for those that are not whole */
    uint32_t loop_count;
    void *known;                   /* tree of struct known: sites share most of their frames */
    const struct ol_frame **stack; /* under way */
    size_t stack_room;
};

static const char *text_at(struct load *load, ol_string index)
{
    const char *string = ol_reader_string(&load->reader, index);
    return string ? load->strings +
                        (string - (const char *)load->reader.sections[OL_SECTION_strings].bytes)
                  : NULL;
}

static const char *fixed_text(struct load *load, const char *bytes, size_t size)
{
    return ol_pool_copy(load->pool, bytes, strnlen(bytes, size));
}

/* A moment of the record's monotonic clock as UTC. Wraps where the record lies. */
static int64_t moment(const struct load *load, int64_t ns)
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

static void load_processes(struct load *load)
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

static const uint32_t *histogram_of(struct load *load, const struct ol_loop_entry *entry)
{
    uint32_t *histogram = ol_pool_array(load->pool, OL_TURN_BUCKETS, sizeof *histogram);
    for (unsigned i = 0; i < OL_TURN_BUCKETS; i++)
        histogram[i] = entry->histogram[i];
    return histogram;
}

static struct ol_loop loop_of(struct load *load, const struct ol_loop_entry *entry)
{
    return (struct ol_loop){
        .pid = entry->pid,
        .tid = entry->tid,
        .running = entry->ended_ns == 0,
        .name = fixed_text(load, entry->name, sizeof entry->name),
        .wait = text_at(load, entry->wait),
        .turns = entry->turns,
        .busy_ns = entry->busy_ns,
        .longest_turn_ns = entry->longest_turn_ns,
        .p50_ns = quantile(entry, 50),
        .p99_ns = quantile(entry, 99),
        .stalls = entry->stalls,
        .histogram = histogram_of(load, entry),
    };
}

static void load_loops(struct load *load)
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

static void load_notes(struct load *load)
{
    struct ol_run *run = load->run;
    uint32_t spots = load->reader.sections[OL_SECTION_blind_spots].count;
    uint32_t rules = load->reader.sections[OL_SECTION_suppressed].count;
    run->blind_spots = ol_pool_array(load->pool, spots, sizeof *run->blind_spots);
    for (uint32_t i = 0; i < spots; i++) {
        const struct ol_blind_spot_entry *entry = ol_reader_blind_spot(&load->reader, i);
        if (entry)
            run->blind_spots[run->blind_spot_count++] = (struct ol_blind_spot){
                text_at(load, entry->what), text_at(load, entry->why)};
    }
    run->suppressed = ol_pool_array(load->pool, rules, sizeof *run->suppressed);
    for (uint32_t i = 0; i < rules; i++) {
        const struct ol_suppressed_entry *entry = ol_reader_suppressed(&load->reader, i);
        if (entry)
            run->suppressed[run->suppressed_count++] = (struct ol_suppressed){
                text_at(load, entry->rule), entry->hits};
    }
}

static void load_header(struct load *load)
{
    const struct ol_record *header = &load->reader.header;
    struct ol_run *run = load->run;
    run->path = ol_pool_string(load->pool, load->reader.path);
    run->exe = text_at(load, header->exe);
    run->argv = text_at(load, header->argv);
    run->cwd = text_at(load, header->cwd);
    run->language = text_at(load, header->language);
    run->version = fixed_text(load, header->offloop_version, sizeof header->offloop_version);
    run->started_ns = header->started_realtime_ns;
    run->hits_lost = header->hits_lost;
    run->time_lost_ns = header->time_lost_ns;
    for (int id = 0; id < OL_SECTION_COUNT; id++)
        run->lost[id] = ol_reader_lost(&load->reader, (enum ol_section_id)id);
}

static const char *hex_of(struct load *load, const struct ol_module_entry *module)
{
    size_t size = module->build_id_size < sizeof module->build_id ? module->build_id_size
                                                                  : sizeof module->build_id;
    for (size_t i = 0; i < size; i++) {
        obstack_1grow(load->pool, "0123456789abcdef"[module->build_id[i] >> 4]);
        obstack_1grow(load->pool, "0123456789abcdef"[module->build_id[i] & 15]);
    }
    obstack_1grow(load->pool, '\0');
    char *hex = obstack_finish(load->pool);
    return *hex ? hex : NULL;
}

/* Names of one native address: from the module's symbols, else the dynamic symbol that was
 * recorded. */
static size_t name_native(struct load *load, const struct ol_frame_entry *entry,
                          struct ol_frame *frames)
{
    const struct ol_module_entry *module = entry->module == OL_NO_INDEX
                                               ? NULL
                                               : ol_reader_module(&load->reader, entry->module);
    const char *path = module ? text_at(load, module->path) : NULL;
    size_t count = 0;
    if (path) {
        struct ol_symbols_module *symbols = ol_symbols_open(load->symbols, path, module->build_id,
                                                            module->build_id_size);
        /* a return address is the instruction after the call, which may be another line or function
         */
        count = ol_symbols_find(symbols, entry->offset ? entry->offset - 1 : 0, frames,
                                INLINED_MAX);
    }
    if (!count || !frames[count - 1].function)
        frames[count ? count - 1 : 0].function = text_at(load, entry->function);
    const char *build_id = module ? hex_of(load, module) : NULL;
    count = count ? count : 1;
    for (size_t i = 0; i < count; i++) {
        frames[i].module = path;
        frames[i].build_id = build_id;
        frames[i].offset = entry->offset;
    }
    return count;
}

static size_t name_frame(struct load *load, const struct ol_frame_entry *entry,
                         struct ol_frame *frames)
{
    size_t count = 1;
    memset(frames, 0, INLINED_MAX * sizeof *frames);
    if (entry->kind == OL_FRAME_python) {
        frames[0].function = text_at(load, entry->function);
        frames[0].file = text_at(load, entry->file);
        frames[0].module = text_at(load, entry->module_name);
        frames[0].line = entry->line;
    } else {
        count = name_native(load, entry, frames);
    }
    for (size_t i = 0; i < count; i++) {
        frames[i].kind = entry->kind == OL_FRAME_python ? OL_FRAME_python : OL_FRAME_native;
        frames[i].owner_class = entry->owner_class <= OL_CODE_user ? entry->owner_class
                                                                   : OL_CODE_unknown;
    }
    return count;
}

static int compare_entries(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct ol_frame_entry));
}

static const struct known *know_frame(struct load *load, const struct ol_frame_entry *entry)
{
    void **found = tfind(entry, &load->known, compare_entries);
    if (found)
        return *found;
    struct ol_frame frames[INLINED_MAX];
    struct known *known = ol_say_realloc(NULL, 1, sizeof *known);
    known->entry = *entry;
    known->count = name_frame(load, entry, frames);
    known->frames = memcpy(ol_pool_array(load->pool, known->count, sizeof *frames), frames,
                           known->count * sizeof *frames);
    if (!tsearch(known, &load->known, compare_entries))
        ol_say_realloc(NULL, SIZE_MAX, 2); /* out of memory, said there */
    return known;
}

/* Of the frames that the culprit stands for: the innermost that is not from a system header. */
static const struct ol_frame *choose(const struct known *known)
{
    for (size_t i = 0; i < known->count; i++)
        if (!known->frames[i].file || strncmp(known->frames[i].file, "/usr/include/", 13) != 0)
            return &known->frames[i];
    return &known->frames[known->count - 1];
}

static void load_stack(struct load *load, const struct ol_site_entry *site,
                       struct ol_violation *violation)
{
    size_t recorded, count = 0;
    const struct ol_frame_entry *entries = ol_reader_frames(&load->reader, site, &recorded);
    for (size_t i = 0; i < recorded; i++) {
        const struct known *known = know_frame(load, &entries[i]);
        if (count + known->count > load->stack_room) {
            load->stack_room = 2 * (count + known->count);
            load->stack = ol_say_realloc(load->stack, load->stack_room, sizeof *load->stack);
        }
        for (size_t j = 0; j < known->count; j++)
            load->stack[count++] = &known->frames[j];
        if (i == site->culprit)
            violation->culprit = choose(known);
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

static void load_counters(struct load *load, const struct ol_site_entry *site,
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

static void load_site(struct load *load, const struct ol_site_entry *site,
                      struct ol_violation *violation)
{
    *violation = (struct ol_violation){
        .rule = word(text_at(load, site->rule)),
        .kind = ol_kind_names[site->kind],
        .family = word(text_at(load, site->family)),
        .severity = site->severity,
        .action = site->action,
        .phase = site->phase,
        .function = word(text_at(load, site->function)),
        .api = text_at(load, site->api),
        .argument = text_at(load, site->argument),
        .hint = text_at(load, site->hint),
        .run = load->run,
        .pid = site->pid,
        .tid = site->tid,
        .thread = fixed_text(load, site->thread, sizeof site->thread),
        .on_loop = site->on_loop != 0,
    };
    if (!violation->api)
        violation->api = violation->function;
    load_counters(load, site, violation);
    if (site->loop < load->loop_count && load->loops[site->loop])
        load->loops[site->loop]->lost_ns += site->total_ns;
    load_stack(load, site, violation);
    violation->owner = violation->culprit ? ol_owner_name(load->pool, violation->culprit) : NULL;
    violation->id = ol_fingerprint_make(load->pool, violation);
}

static void load_sites(struct load *load)
{
    struct ol_model *model = load->model;
    uint32_t count = load->reader.sections[OL_SECTION_sites].count;
    size_t before = model->violation_count;
    model->violations = ol_say_realloc(model->violations, before + count,
                                       sizeof *model->violations);
    for (uint32_t i = 0; i < count; i++) {
        const struct ol_site_entry *site = ol_reader_site(&load->reader, i);
        if (site)
            load_site(load, site, &model->violations[model->violation_count++]);
    }
    load->run->empty = load->run->loop_count == 0 && model->violation_count == before;
}

static void load_record(struct load *load)
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
    load_sites(load);
    tdestroy(load->known, free);
    load->known = NULL;
    *load->model->last_run = load->run;
    load->model->last_run = &load->run->next;
    load->model->run_count++;
}

static void load_file(struct load *load, const char *path)
{
    struct ol_reader *reader = &load->reader;
    if (!ol_reader_open(reader, path)) {
        ol_say_line("%s: %s", path, reader->damage);
        load->model->unreadable++;
        return;
    }
    load_record(load);
    if (reader->damage_count) {
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
    struct load load = {
        .model = model, .pool = &model->pool, .symbols = ol_symbols_begin(&model->pool)};
    if (!model->sources)
        model->sources = ol_sources_begin(NULL);
    for (size_t i = 0; i < count; i++)
        load_file(&load, paths[i]);
    ol_symbols_end(load.symbols);
    free(load.stack);
}
