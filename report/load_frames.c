/* SPDX-License-Identifier: MIT */
/* Frames of a record in words. Sites share most of theirs, so what was found once is kept. */
#include <string.h>

#include "compiled.h"
#include "demangle.h"
#include "load_inside.h"
#include "path.h"
#include "perf_map.h"
#include "place.h"
#include "runtime/runtime.h"
#include "say.h"

/* What a frame is found again by: the same address is other code in another process, where code is
 * made at run time. */
struct key {
    struct ol_frame_entry entry;
    int64_t pid; /* 0 for code of modules */
};

static const char *hex_of(struct ol_loading *load, const struct ol_module_entry *module)
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

static enum ol_owner_class class_of(const struct ol_loading *load,
                                    const struct ol_frame_entry *entry, const char *module)
{
    if (entry->owner_class > OL_CODE_user)
        return OL_CODE_unknown;
    if (load->is_runtime && module && load->run->exe && strcmp(module, load->run->exe) == 0)
        return OL_CODE_system;
    return (enum ol_owner_class)entry->owner_class;
}

/* A return address is the instruction after the call, which may be another line or function. */
static uint64_t call_of(const struct ol_frame_entry *entry)
{
    return entry->offset ? entry->offset - 1 : 0;
}

/* What folders of a source file are looked at from. */
static const char *root_of(struct ol_loading *load, const char *file)
{
    const char *root = ol_place_root(load->model), *folder = load->run->cwd;
    bool ours = file && ol_path_below(root, file);
    return ours || !folder || !folder[0] || !folder[1] ? root : folder;
}

/* Names of one address of a module: from its symbols, else the dynamic symbol that was recorded. */
static size_t name_native(struct ol_loading *load, const struct ol_frame_entry *entry,
                          const struct ol_module_entry *module, struct ol_frame *frames)
{
    const char *path = ol_load_text(load, module->path);
    size_t count = 0;
    if (path) {
        struct ol_symbols_module *symbols = ol_symbols_open(load->symbols, path, module->build_id,
                                                            module->build_id_size);
        count = ol_symbols_find(symbols, call_of(entry), frames, OL_INLINED_MAX);
    }
    if (!count || !frames[count - 1].function)
        frames[count ? count - 1 : 0].function = ol_demangle(load->pool,
                                                             ol_load_text(load, entry->function));
    const char *build_id = hex_of(load, module);
    count = count ? count : 1;
    for (size_t i = 0; i < count; i++) {
        frames[i].module = path;
        frames[i].build_id = build_id;
        frames[i].offset = entry->offset;
        frames[i].owner_class = class_of(load, entry, path);
        ol_compiled_classify(&frames[i], root_of(load, frames[i].file));
    }
    return count;
}

/* Code of no module: a JIT's, when a map names it. */
static void name_made(struct ol_loading *load, const struct ol_frame_entry *entry, int pid,
                      struct ol_frame *frame)
{
    const char *name = ol_perf_map_find(load->maps, pid, call_of(entry));
    frame->owner_class = class_of(load, entry, NULL);
    frame->offset = entry->offset;
    if (!name || !ol_runtime_name_made(load->pool, name, frame))
        frame->function = name ? ol_pool_string(load->pool, name)
                               : ol_load_text(load, entry->function);
}

static void name_recorded(struct ol_loading *load, const struct ol_frame_entry *entry,
                          struct ol_frame *frame)
{
    frame->kind = (enum ol_frame_kind)entry->kind;
    frame->owner_class = class_of(load, entry, NULL);
    frame->function = ol_load_text(load, entry->function);
    frame->file = ol_load_text(load, entry->file);
    frame->module = ol_load_text(load, entry->module_name);
    frame->line = entry->line;
    frame->loaded_as = ol_load_text(load, entry->loaded_as);
    frame->owner = ol_load_text(load, entry->owner);
}

static size_t name_frame(struct ol_loading *load, const struct ol_frame_entry *entry, int pid,
                         struct ol_frame *frames)
{
    const struct ol_module_entry *module = entry->module == OL_NO_INDEX
                                               ? NULL
                                               : ol_reader_module(&load->reader, entry->module);
    if (ol_runtime_is_recorded(entry->kind))
        name_recorded(load, entry, &frames[0]);
    else if (module)
        return name_native(load, entry, module, frames);
    else
        name_made(load, entry, pid, &frames[0]);
    return 1;
}

struct ol_known ol_load_frame(struct ol_loading *load, const struct ol_frame_entry *entry, int pid)
{
    bool added, made = !ol_runtime_is_recorded(entry->kind) && entry->module == OL_NO_INDEX;
    struct key key = {*entry, made ? pid : 0};
    uint32_t number = ol_intern_add(&load->entries, &key, sizeof key, &added);
    if (number >= load->known_room) {
        load->known_room = 2 * load->known_room + 256;
        load->known = ol_say_realloc(load->known, load->known_room, sizeof *load->known);
    }
    if (added) {
        struct ol_frame frames[OL_INLINED_MAX] = {0};
        size_t count = name_frame(load, entry, pid, frames);
        struct ol_frame *kept = ol_pool_array(load->pool, count, sizeof *kept);
        memcpy(kept, frames, count * sizeof *kept);
        load->known[number] = (struct ol_known){kept, count};
    }
    return load->known[number];
}

void ol_load_prepare(struct ol_loading *load)
{
    load->is_runtime = load->run->exe && ol_runtime_is_program(load->run->exe);
    load->maps = ol_perf_map_begin(load->reader.path, load->run->started_ns);
    ol_intern_begin(&load->entries, load->pool);
}

void ol_load_forget(struct ol_loading *load)
{
    ol_intern_end(&load->entries);
    ol_perf_map_end(load->maps);
    load->maps = NULL;
}
