/* SPDX-License-Identifier: MIT */
/* Live lines. The contract is in live.h. */
#include "live.h"

#include <string.h>

#include "log.h"
#include "module.h"
#include "process.h"
#include "rawio.h"
#include "recorder.h"
#include "scratch.h"
#include "utf8.h"
#include "worst.h"

static _Atomic uint32_t lines_told;

/* The last byte of the scratch line is for the newline of a line that was cut. */
static struct ol_text line_in(struct ol_scratch *scratch)
{
    return ol_text_in(scratch->line, sizeof scratch->line - 1);
}

static void write_out(struct ol_text *text)
{
    if (text->cut)
        text->bytes[text->length++] = '\n';
    ol_log_write(&(struct iovec){text->bytes, text->length}, 1);
}

/* The record may say anything. */
#define WORD(words, index) ((index) < sizeof(words) / sizeof *(words) ? (words)[index] : (words)[0])

static void add_kept(struct ol_text *text, ol_string kept)
{
    const char *string = ol_recorder_string_at(kept);
    ol_text_add_escaped(text, string, strlen(string));
}

/* A path as the user writes it: relative to the working folder where it lies below. */
static void add_path(struct ol_text *text, ol_string kept)
{
    const char *path = ol_recorder_string_at(kept);
    size_t length = strlen(ol_process.cwd);
    if (length > 1 && strncmp(path, ol_process.cwd, length) == 0 && path[length] == '/')
        path += length + 1;
    ol_text_add_escaped(text, path, strlen(path));
}

static const struct ol_module_entry *module_of(const struct ol_frame_entry *frame)
{
    return frame->module == OL_NO_INDEX ? NULL
                                        : ol_recorder_entry(OL_SECTION_modules, frame->module);
}

/* The executable by the name that it was started by. */
static const char *name_of(const struct ol_module_entry *module)
{
    const char *path = ol_recorder_string_at(module->path);
    return strcmp(path, ol_module_program()) == 0 ? ol_process.program : ol_module_base_name(path);
}

static void add_native(struct ol_text *text, const struct ol_frame_entry *frame)
{
    const struct ol_module_entry *module = module_of(frame);
    ol_text_add(text, module ? name_of(module) : "jit");
    ol_text_add_char(text, '+');
    ol_text_add_hex(text, frame->offset);
}

/* "app.py:42 in handle" */
static void add_place(struct ol_text *text, const struct ol_frame_entry *frame)
{
    if (frame->kind != OL_FRAME_native && !frame->file) {
        add_kept(text, frame->module_name);
    } else if (frame->kind != OL_FRAME_native) {
        add_path(text, frame->file);
        ol_text_add_char(text, ':');
        ol_text_add_unsigned(text, frame->line);
    } else {
        add_native(text, frame);
    }
    if (frame->function) {
        ol_text_add(text, " in ");
        add_kept(text, frame->function);
    }
}

/* " [app]": the module, the installed package, the program. */
static void add_owner(struct ol_text *text, const struct ol_frame_entry *frame)
{
    const struct ol_module_entry *module = module_of(frame);
    const char *name = ol_recorder_string_at(frame->module_name);
    size_t length = frame->owner_class == OL_CODE_library ? strcspn(name, ".") : strlen(name);
    if (frame->kind == OL_FRAME_native) {
        name = module ? name_of(module) : "";
        length = strlen(name);
    }
    if (frame->kind != OL_FRAME_native && frame->owner) {
        name = ol_recorder_string_at(frame->owner);
        length = strlen(name);
    }
    if (!length)
        return;
    ol_text_add(text, " [");
    ol_text_add_escaped(text, name, length);
    ol_text_add_char(text, ']');
}

static const struct ol_frame_entry *frame_at(const struct ol_worst_shown *shown, unsigned index)
{
    return ol_recorder_entry(OL_SECTION_frames, shown->first_frame + index);
}

static bool is_node(const char *path)
{
    const char *name = ol_module_base_name(path);
    return strcmp(name, "node") == 0 || strcmp(name, "nodejs") == 0;
}

/* Node's own functions are nobody's place, and JavaScript has no names while it runs: the report
 * finds them. */
static bool is_script(const struct ol_worst_shown *shown)
{
    if (!is_node(ol_module_program()))
        return false;
    for (unsigned i = 0; i < shown->frame_count; i++)
        if (frame_at(shown, i)->kind == OL_FRAME_native &&
            frame_at(shown, i)->module == OL_NO_INDEX)
            return true;
    return false;
}

static void add_script(struct ol_text *text)
{
    ol_text_add(text, "JavaScript");
    if (ol_process.script[0]) {
        ol_text_add(text, " of ");
        ol_text_add_escaped(text, ol_process.script, strlen(ol_process.script));
    }
    ol_text_add(text, " [node]");
}

static void add_culprit(struct ol_text *text, const struct ol_worst_shown *shown)
{
    bool script = is_script(shown);
    if (shown->culprit == OL_NO_INDEX && !script)
        return;
    ol_text_add(text, ", at ");
    if (script) {
        add_script(text);
    } else {
        add_place(text, frame_at(shown, shown->culprit));
        add_owner(text, frame_at(shown, shown->culprit));
    }
}

static void add_thread(struct ol_text *text, const struct ol_site_entry *site)
{
    static const char *const threads[] = {[OL_OFF_LOOP] = " on thread ",
                                          [OL_ON_LOOP] = " on loop thread ",
                                          [OL_ON_WORKER] = " on worker's loop thread "};
    ol_text_add(text, WORD(threads, site->on_loop));
    ol_text_add_signed(text, site->tid);
    ol_text_add(text, " (");
    ol_text_add_escaped(text, site->thread, sizeof site->thread);
    ol_text_add_char(text, ')');
}

/* Strings in quotes; durations and what is said about threads without. */
static void add_argument(struct ol_text *text, const struct ol_site_entry *site, ol_string argument)
{
    bool words = ol_tables_is_in_words(ol_recorder_string_at(site->family),
                                       WORD(ol_kind_names, site->kind),
                                       ol_recorder_string_at(argument));
    const char *quote = argument && !words ? "\"" : "";
    ol_text_add_char(text, '(');
    ol_text_add(text, quote);
    add_kept(text, argument);
    ol_text_add(text, quote);
    ol_text_add_char(text, ')');
}

/* The rule without its reason, and without the blanks that put lines of a file in order. */
static void add_allowed_by(struct ol_text *text, const struct ol_site_entry *site)
{
    ol_text_add(text, ", too long to be suppressed by: ");
    for (const char *at = ol_recorder_string_at(site->allowed_by); *at;) {
        size_t word = strcspn(at, " \t");
        size_t blanks = strspn(at + word, " \t");
        ol_text_add_escaped(text, at, word);
        at += word + blanks;
        if (*at == '"' || *at == '\'')
            break;
        ol_text_add(text, *at ? " " : "");
    }
}

static void add_site(struct ol_text *text, const struct ol_site_entry *site, uint64_t ns,
                     const char *instead)
{
    struct ol_worst_shown shown = ol_worst_shown(site);
    ol_text_add(text, "offloop: ");
    ol_text_add(text, WORD(ol_severity_names, site->severity));
    ol_text_add(text, ": ");
    add_kept(text, site->api ? site->api : shown.function);
    add_argument(text, site, shown.argument);
    add_thread(text, site);
    ol_text_add(text, ", ");
    if (instead)
        ol_text_add(text, instead);
    else
        ol_text_add_duration(text, ns);
    add_culprit(text, &shown);
    ol_text_add(text, " (offloop explain ");
    add_kept(text, site->rule);
    ol_text_add_char(text, ')');
    if (site->allowed_by)
        add_allowed_by(text, site);
    ol_text_add_char(text, '\n');
}

#define NO_TIME UINT32_MAX

static uint32_t microseconds(uint64_t ns)
{
    return ns / 1000 < NO_TIME ? (uint32_t)(ns / 1000) : NO_TIME - 1;
}

void ol_live_tell(struct ol_site_ref ref, uint64_t ns, const char *instead)
{
    struct ol_scratch *scratch = ol_scratch_get();
    if (!scratch)
        return;
    struct ol_text text = line_in(scratch);
    uint32_t told = atomic_fetch_add(&lines_told, 1);
    if (ref.index == OL_SITE_LOST || told > ol_process.options.log_max)
        return;
    if (told == ol_process.options.log_max)
        ol_text_add(
            &text,
            "offloop: that was the last line (OFFLOOP_LOG_MAX): further violations are in the record only\n");
    else
        add_site(&text, ol_site_entry_of(ref), ns, instead);
    ol_site_entry_of(ref)->told_us = instead ? NO_TIME : microseconds(ns);
    write_out(&text);
}

void ol_live_stack(struct ol_site_ref ref)
{
    if (ref.index == OL_SITE_LOST || atomic_load(&lines_told) > ol_process.options.log_max)
        return;
    struct ol_worst_shown shown = ol_worst_shown(ol_site_entry_of(ref));
    struct ol_scratch *scratch = ol_scratch_get();
    if (!scratch)
        return;
    struct ol_text text = line_in(scratch);
    for (unsigned i = 0; i < shown.frame_count; i++) {
        ol_text_add(&text, i == shown.culprit ? "offloop:   > " : "offloop:     ");
        add_place(&text, frame_at(&shown, i));
        ol_text_add_char(&text, '\n');
        if (text.length > sizeof scratch->line - 1400) {
            write_out(&text);
            text = line_in(scratch);
        }
    }
    write_out(&text);
}

void ol_live_hit(struct ol_site_ref site, uint64_t ns)
{
    enum ol_action action = ol_process.policy.action[site.rule];
    ol_live_tell(site, ns, NULL);
    if (action == OL_ACTION_backtrace || action == OL_ACTION_block)
        ol_live_stack(site);
}

void ol_live_again(struct ol_site_ref site, uint64_t ns)
{
    if (site.index == OL_SITE_LOST)
        return;
    _Atomic uint32_t *told_us = &ol_site_entry_of(site)->told_us;
    uint32_t slow_us = (uint32_t)ol_process.options.slow_ms * 1000;
    uint32_t told = atomic_load_explicit(told_us, memory_order_relaxed);
    uint32_t us = microseconds(ns);
    bool blocks = us >= slow_us && us >= 1000;
    bool worse = told < slow_us || us / 10 >= told;
    if (blocks && worse && told != NO_TIME && us > told &&
        atomic_compare_exchange_strong(told_us, &told, us))
        ol_live_hit(site, ns);
}
