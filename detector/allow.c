/* SPDX-License-Identifier: MIT */
/* Allow rules against stacks. The contract is in allow.h. */
#include "allow.h"

#include <string.h>

#include "glob.h"
#include "module.h"
#include "rawio.h"
#include "recorder.h"

static bool covers(const char *glob, const char *text)
{
    return ol_glob_match(glob, strlen(glob), text);
}

static bool native_fits(const struct ol_allow_rule *rule, const struct ol_frame_entry *frame)
{
    if (frame->kind != OL_FRAME_native || frame->module == OL_NO_INDEX)
        return false;
    const struct ol_module_entry *module = ol_recorder_entry(OL_SECTION_modules, frame->module);
    const char *file = ol_module_base_name(ol_recorder_string_at(module->path));
    return (!rule->caller || covers(rule->caller, file)) &&
           (!rule->symbol || covers(rule->symbol, ol_recorder_string_at(frame->function)));
}

static bool code_fits(const struct ol_allow_code *code, const struct ol_frame_entry *frame)
{
    return (code->kind == OL_FRAME_native ? frame->kind != OL_FRAME_native
                                          : frame->kind == code->kind) &&
           covers(code->module, ol_recorder_string_at(frame->module_name)) &&
           covers(code->function, ol_recorder_string_at(frame->function));
}

/* Code that calls back, or is called back: not a library of the language's, or of a loop's, that is
 * blamed for want of anybody else. */
static bool is_somebodys(const struct ol_frame_entry *frame)
{
    return frame->owner_class == OL_CODE_user || frame->owner_class == OL_CODE_library ||
           frame->owner_class == OL_CODE_unknown;
}

/* How far out stands the code whose own doing a call is: up to the culprit, which is not whatever
 * runs the loop. Where a program is one file, as Node is, its innermost frame is the culprit: there
 * the file's further frames belong to it, as far as no other code has called it. */
static unsigned own_frames(const struct ol_stack_words *words)
{
    if (words->culprit >= words->turn || !is_somebodys(&words->frames[words->culprit]))
        return words->turn;
    const struct ol_frame_entry *culprit = &words->frames[words->culprit];
    unsigned own = words->culprit + 1u;
    if (culprit->kind == OL_FRAME_native && culprit->module != OL_NO_INDEX)
        while (own < words->turn && words->frames[own].module == culprit->module)
            own++;
    return own;
}

static bool any_native_fits(const struct ol_allow_rule *rule, const struct ol_stack_words *words,
                            unsigned count)
{
    unsigned fit = 0, least = rule->frames ? rule->frames : 1;
    for (unsigned i = 0; i < count && fit < least; i++)
        fit += native_fits(rule, &words->frames[i]);
    return fit == least;
}

/* A function stands there that makes the call the program's own wish. */
static bool is_excepted(const struct ol_allow_rule *rule, const struct ol_stack_words *words,
                        unsigned count)
{
    for (unsigned i = 0; rule->unless && i < count; i++)
        if (words->frames[i].kind == OL_FRAME_native &&
            covers(rule->unless, ol_recorder_string_at(words->frames[i].function)))
            return true;
    return false;
}

static bool any_code_fits(const struct ol_allow_code *code, const struct ol_stack_words *words,
                          unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (code_fits(code, &words->frames[i]))
            return true;
    return false;
}

static bool stack_fits(const struct ol_allow_rule *rule, const struct ol_stack_words *words)
{
    unsigned own = own_frames(words);
    return (!(rule->caller || rule->symbol || rule->frames) || any_native_fits(rule, words, own)) &&
           !is_excepted(rule, words, own) &&
           (!rule->code.module || any_code_fits(&rule->code, words, own)) &&
           (!rule->under.module || any_code_fits(&rule->under, words, words->turn));
}

int ol_allow_find(unsigned rule, const char *argument, const struct ol_stack_words *words)
{
    for (unsigned i = 0; i < ol_ruleset.allow_count; i++) {
        const struct ol_allow_rule *allow = &ol_ruleset.allow[i];
        if (!allow->off && covers(allow->rule, ol_rule_row(rule)->name) &&
            (!allow->path || covers(allow->path, argument)) && stack_fits(allow, words))
            return (int)i;
    }
    return -1;
}

/* The rules of a path alone, in their order: asked about at each call with a path. */
static uint8_t paths[OL_ALLOW_MAX];
static unsigned path_count;

static bool begins(const char *path, const struct ol_allow_rule *allow)
{
    for (unsigned i = 0; i < allow->prefix; i++)
        if (path[i] != allow->path[i])
            return false;
    return true;
}

#define PAGE 4096u
#define LONGEST 1024 /* bytes of a path that are looked at */

/* A path that goes on in the next page may end in one that is not there. */
static __attribute__((noinline)) bool fits_copy(const char *path, const struct ol_allow_rule *allow)
{
    char copy[LONGEST];
    return ol_raw_peek_string(path, copy, sizeof copy) && covers(allow->path, copy);
}

static bool fits(const char *path, const struct ol_allow_rule *allow)
{
    if (allow->prefix)
        return begins(path, allow);
    bool ends_in_page = memchr(path, '\0', PAGE - (uintptr_t)path % PAGE);
    return ends_in_page ? covers(allow->path, path) : fits_copy(path, allow);
}

int ol_allow_by_path(unsigned rule, const char *path)
{
    for (unsigned i = 0; i < path_count; i++) {
        const struct ol_allow_rule *allow = &ol_ruleset.allow[paths[i]];
        if (allow->rules[rule / 64] >> rule % 64 & 1 && fits(path, allow))
            return paths[i];
    }
    return -1;
}

/* "/proc/STAR" is known by its first bytes. */
static void prepare_path(unsigned index)
{
    struct ol_allow_rule *allow = &ol_ruleset.allow[index];
    if (allow->off || !allow->path || allow->caller || allow->symbol || allow->unless ||
        allow->frames || allow->code.module || allow->under.module)
        return;
    size_t plain = strcspn(allow->path, "*?[");
    if (plain <= UINT16_MAX && strcmp(allow->path + plain, "*") == 0)
        allow->prefix = (uint16_t)plain;
    allow->path_alone = true;
    paths[path_count++] = (uint8_t)index;
    for (unsigned rule = 0; rule < ol_rule_count(); rule++)
        if (covers(allow->rule, ol_rule_row(rule)->name))
            allow->rules[rule / 64] |= UINT64_C(1) << rule % 64;
}

bool ol_allow_depends_on_argument(unsigned rule, bool asked)
{
    for (unsigned i = 0; i < ol_ruleset.allow_count; i++) {
        const struct ol_allow_rule *allow = &ol_ruleset.allow[i];
        if (!allow->off && allow->path && !(allow->path_alone && (asked || allow->prefix)) &&
            covers(allow->rule, ol_rule_row(rule)->name))
            return true;
    }
    return false;
}

_Static_assert(OL_ALLOW_MAX <= UINT8_MAX, "a byte of `paths` holds an index");

/* The first entries of a record: a rule's index is its entry's. */
void ol_allow_note_all(void)
{
    path_count = 0;
    for (unsigned i = 0; i < ol_ruleset.allow_count; i++) {
        prepare_path(i);
        if (ol_recorder_used(OL_SECTION_suppressed) > i) /* by who made the record */
            continue;
        int64_t index = ol_recorder_claim(OL_SECTION_suppressed, 1);
        if (index < 0)
            return;
        struct ol_suppressed_entry *entry = ol_recorder_entry(OL_SECTION_suppressed,
                                                              (uint32_t)index);
        static char line[OL_STRING_MAX]; /* one thread comes here, perhaps on a small stack */
        struct ol_text text = OL_TEXT(line);
        ol_text_add_bytes(&text, ol_ruleset.allow[i].text.bytes, ol_ruleset.allow[i].text.length);
        entry->rule = ol_recorder_string(line);
        entry->shipped = ol_ruleset.allow[i].shipped;
        atomic_store(&entry->state, ol_ruleset.allow[i].off ? OL_ENTRY_free : OL_ENTRY_ready);
    }
}

static void add(unsigned index, uint64_t hits)
{
    struct ol_suppressed_entry *entry = ol_recorder_entry(OL_SECTION_suppressed, index);
    atomic_fetch_add_explicit(&entry->hits, hits, memory_order_relaxed);
}

void ol_allow_count(unsigned index)
{
    add(index, 1);
}

void ol_allow_take_back(unsigned index)
{
    add(index, UINT64_MAX);
}

ol_string ol_allow_text(unsigned index)
{
    const struct ol_suppressed_entry *entry = ol_recorder_entry(OL_SECTION_suppressed, index);
    return entry->rule;
}
