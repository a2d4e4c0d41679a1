/* SPDX-License-Identifier: MIT */
/* Ruby's objects, and what frames are called by them: for first hits only. The contract is in
 * inside.h.
 *
 * Two things are found by looking, once: the table of symbols, by which method names are numbers,
 * and where classes keep their names, which each version keeps elsewhere. */
#include <stdatomic.h>
#include <string.h>

#include "../detector/rawio.h"
#include "../detector/symbol.h"
#include "inside.h"

uintptr_t ol_rbread(uintptr_t object, size_t offset)
{
    uintptr_t word;
    return ol_raw_peek((const void *)(object + offset), &word, sizeof word) ? word : 0;
}

bool ol_rbread_is(uintptr_t object, unsigned type)
{
    return object > 4096 && object % 8 == 0 && (ol_rbread(object, 0) & OL_RBTYPE_MASK) == type;
}

bool ol_rbread_string(uintptr_t object, char *bytes, size_t size)
{
    const struct ol_rblayout *layout = &ol_rbruntime.layout;
    if (!ol_rbread_is(object, OL_RBTYPE_STRING))
        return false;
    uintptr_t flags = ol_rbread(object, 0);
    bool elsewhere = flags & OL_RBFLAG_ELSEWHERE;
    size_t length = !elsewhere && layout->short_length ? flags >> 14 & 31
                                                       : ol_rbread(object, OL_RBSTRING_LENGTH);
    uintptr_t start = elsewhere ? ol_rbread(object, OL_RBSTRING_POINTER)
                                : object + layout->string_inside;
    length = length < size ? length : size - 1;
    if (!ol_raw_peek((const void *)start, bytes, length))
        return false;
    bytes[length] = '\0';
    return true;
}

static uintptr_t element(uintptr_t array, size_t index)
{
    if (!ol_rbread_is(array, OL_RBTYPE_ARRAY))
        return 0;
    uintptr_t start = ol_rbread(array, 0) & OL_RBFLAG_EMBEDDED
                          ? array + OL_RBARRAY_EMBEDDED
                          : ol_rbread(array, OL_RBARRAY_POINTER);
    return ol_rbread(start, index * sizeof start);
}

/* --- files and lines --- */

static uintptr_t body_of(const struct ol_runtime_frame *frame)
{
    return ol_rbread((uintptr_t)frame->code, OL_RBISEQ_BODY);
}

/* One path, or that and the absolute one. */
uintptr_t ol_rbread_given_path(const struct ol_runtime_frame *frame)
{
    uintptr_t path = ol_rbread(body_of(frame), OL_RBBODY_PATH);
    return ol_rbread_is(path, OL_RBTYPE_ARRAY) ? element(path, 0) : path;
}

bool ol_rbread_path(const struct ol_runtime_frame *frame, char *path, size_t size)
{
    uintptr_t both = ol_rbread(body_of(frame), OL_RBBODY_PATH);
    return (ol_rbread_is(both, OL_RBTYPE_ARRAY) &&
            ol_rbread_string(element(both, 1), path, size)) ||
           ol_rbread_string(ol_rbread_given_path(frame), path, size);
}

uint32_t ol_rbframe_line(const struct ol_runtime_frame *frame)
{
    if (!frame->where)
        return 0;
    uintptr_t code = ol_rbread(body_of(frame), OL_RBBODY_CODE);
    size_t position = (frame->where - code) / sizeof(uintptr_t);
    return ol_rbruntime.line_of(frame->code, position ? position - 1 : 0);
}

/* --- symbols --- */

enum { UNIT = 512 }; /* symbols of one part of the table, two words each */

/* struct rb_symbols: how many there are, a hash table, and the parts. */
static bool is_symbols(const uintptr_t *words)
{
    uintptr_t last = words[0], parts = words[2];
    return last > 1000 && last < 1u << 24 && ol_rbread_is(parts, OL_RBTYPE_ARRAY) &&
           ol_rbread_is(element(parts, 0), OL_RBTYPE_ARRAY) &&
           ol_rbread_is(element(parts, last / UNIT), OL_RBTYPE_ARRAY) &&
           !element(parts, last / UNIT + 2) &&
           ol_rbread_is(element(element(parts, 0), 300 * 2), OL_RBTYPE_STRING);
}

/* It has no symbol of its own, but lies in the same memory as one that has. */
static uintptr_t find_symbols(void)
{
    enum { REACH = 256 * 1024, PIECE = 4096, WORDS = PIECE / sizeof(uintptr_t) };
    uintptr_t near = (uintptr_t)ol_symbol_address("ruby_current_vm_ptr") / PIECE * PIECE;
    if (!near)
        return 0;
    for (uintptr_t at = near - REACH; at < near + REACH; at += PIECE) {
        uintptr_t words[WORDS];
        if (!ol_raw_peek((const void *)at, words, sizeof words))
            continue;
        for (size_t i = 0; i + 2 < WORDS; i++)
            if (words[i] > 1000 && words[i] < 1u << 24 && is_symbols(&words[i]))
                return at + i * sizeof *words;
    }
    return 0;
}

/* The name of a method: operators are numbers of their own, all else has marks in the low bits. */
static bool symbol_name(uintptr_t id, char *name, size_t size)
{
    static _Atomic uintptr_t symbols; /* 1: there are none to be found; twice does no harm */
    enum { OPERATORS = 170 };
    if (!symbols) {
        uintptr_t found = find_symbols();
        symbols = found ? found : 1;
    }
    uintptr_t serial = id < OPERATORS ? id : id >> 4;
    uintptr_t parts = symbols > 1 ? ol_rbread(symbols, 2 * sizeof(uintptr_t)) : 0;
    return parts && serial < 1u << 24 &&
           ol_rbread_string(element(element(parts, serial / UNIT), serial % UNIT * 2), name, size);
}

/* --- classes --- */

/* Where a class has its name: so many bytes behind it, or behind what it points to; or (3.1) in a
 * table of variables there, under the number `key`. */
struct class_names {
    uint16_t first, second; /* `second`: none */
    uint16_t table;
    uintptr_t key;
};

enum { NONE = UINT16_MAX, TABLE_COUNT = 16, TABLE_ENTRIES = 48, ENTRY_WORDS = 3 };

static bool is_string(uintptr_t object, const char *wanted)
{
    char name[32];
    return ol_rbread_string(object, name, sizeof name) && strcmp(name, wanted) == 0;
}

/* The value of `key` in a table of variables; without a key of the first that is that string. */
static uintptr_t in_table(uintptr_t table, uintptr_t *key, const char *wanted)
{
    uintptr_t entries = ol_rbread(table, TABLE_ENTRIES);
    uintptr_t count = ol_rbread(table, TABLE_COUNT);
    for (uintptr_t i = 0; entries && i < count && i < 64; i++) {
        uintptr_t entry[ENTRY_WORDS]; /* hash, key, value */
        if (!ol_raw_peek((const void *)(entries + i * sizeof entry), entry, sizeof entry))
            return 0;
        if (*key ? entry[1] == *key : is_string(entry[2], wanted)) {
            *key = entry[1];
            return entry[2];
        }
    }
    return 0;
}

static uintptr_t name_by(struct class_names names, uintptr_t class)
{
    uintptr_t at = ol_rbread(class, names.first);
    if (names.second != NONE)
        at = ol_rbread(at, names.second);
    return names.key ? in_table(at, &names.key, NULL) : at;
}

static uintptr_t class_of_ruby(const char *symbol)
{
    const void *variable = ol_symbol_address(symbol);
    return variable ? ol_rbread((uintptr_t)variable, 0) : 0;
}

/* Learnt from two classes whose names are known. */
static bool learn(struct class_names *names)
{
    enum { INSIDE_FIRST = 32, INSIDE_LAST = 320, BEHIND_LAST = 200 };
    uintptr_t io = class_of_ruby("rb_cIO"), file = class_of_ruby("rb_cFile");
    *names = (struct class_names){.first = OL_RBCLASS_EXTENSION, .second = 8};
    if (in_table(ol_rbread(ol_rbread(io, OL_RBCLASS_EXTENSION), 8), &names->key, "IO") &&
        is_string(name_by(*names, file), "File"))
        return true;
    for (unsigned i = INSIDE_FIRST; i < INSIDE_LAST; i += 8) {
        *names = (struct class_names){.first = (uint16_t)i, .second = NONE};
        if (is_string(name_by(*names, io), "IO") && is_string(name_by(*names, file), "File"))
            return true;
    }
    for (unsigned i = 0; i < BEHIND_LAST; i += 8) {
        *names = (struct class_names){.first = OL_RBCLASS_EXTENSION, .second = (uint16_t)i};
        if (is_string(name_by(*names, io), "IO") && is_string(name_by(*names, file), "File"))
            return true;
    }
    return false;
}

static bool class_name(uintptr_t class, char *name, size_t size)
{
    static _Atomic int known; /* 1: learnt, -1: not to be had */
    static struct class_names names;
    if (!known) {
        struct class_names learnt;
        bool found = learn(&learnt);
        names = learnt; /* two threads write the same */
        atomic_store_explicit(&known, found ? 1 : -1, memory_order_release);
    }
    return atomic_load_explicit(&known, memory_order_acquire) > 0 &&
           ol_rbread_string(name_by(names, class), name, size);
}

/* --- what frames are called --- */

static bool is_class(uintptr_t object)
{
    return ol_rbread_is(object, OL_RBTYPE_CLASS) || ol_rbread_is(object, OL_RBTYPE_MODULE);
}

/* The method that a frame runs, or that the block around it belongs to; 0: none. */
static uintptr_t method_of(const struct ol_runtime_frame *frame)
{
    uintptr_t environment = ol_rbread((uintptr_t)frame->frame, OL_RBFRAME_EP);
    for (unsigned i = 0; i < 32 && environment; i++) {
        if (ol_rbread(environment, 0) & OL_RBENV_LOCAL) {
            uintptr_t method = ol_rbread(environment - 2 * sizeof environment, 0);
            bool is_method = ol_rbread_is(method, OL_RBTYPE_INTERNAL) &&
                             (ol_rbread(method, 0) >> 12 & 15) == OL_RBINTERNAL_METHOD;
            return is_method ? method : 0;
        }
        environment = ol_rbread(environment - sizeof environment, 0) & ~(uintptr_t)3;
    }
    return 0;
}

/* "File." of a method that a class has itself, "IO#" of one that its objects have; nothing at the
 * top of a program. */
static void add_class(struct ol_text *text, const struct ol_runtime_frame *frame, uintptr_t method)
{
    char name[128];
    uintptr_t owner = ol_rbread(method, OL_RBMETHOD_OWNER);
    uintptr_t self = ol_rbread((uintptr_t)frame->frame, OL_RBFRAME_SELF);
    if (class_name(owner, name, sizeof name)) {
        bool of_class = strcmp(name, "Class") == 0 && is_class(self) &&
                        class_name(self, name, sizeof name);
        if (strcmp(name, "Object") != 0) {
            ol_text_add(text, name);
            ol_text_add_char(text, of_class ? '.' : '#');
        }
    } else if (is_class(self) && class_name(self, name, sizeof name)) {
        ol_text_add(text, name);
        ol_text_add_char(text, '.');
    }
}

/* "block in serve": the class belongs before the last word. From 3.4 on it is there. */
static void add_label(struct ol_text *text, const struct ol_runtime_frame *frame)
{
    char label[200];
    if (!ol_rbread_string(ol_rbread(body_of(frame), OL_RBBODY_LABEL), label, sizeof label))
        return;
    const char *last = strstr(label, " in ");
    last = last ? last + 4 : label;
    ol_text_add_bytes(text, label, (size_t)(last - label));
    bool qualified = strpbrk(last, "#.") || *last == '<';
    uintptr_t method = qualified ? 0 : method_of(frame);
    if (method)
        add_class(text, frame, method);
    ol_text_add(text, strncmp(last, "Object#", 7) == 0 ? last + 7 : last);
}

void ol_rbname_frame(struct ol_text *name, const struct ol_runtime_frame *frame)
{
    char method[128];
    if (frame->where) {
        add_label(name, frame);
    } else if (symbol_name(ol_rbread((uintptr_t)frame->code, OL_RBMETHOD_CALLED), method,
                           sizeof method)) {
        add_class(name, frame, (uintptr_t)frame->code);
        ol_text_add(name, method);
    }
}

bool ol_ruby_describe(const struct ol_runtime_frame *frame, struct ol_frame_words *words)
{
    struct ol_text name = OL_TEXT(words->function);
    *words = (struct ol_frame_words){.owner_class = OL_CODE_system};
    ol_rbname_frame(&name, frame);
    if (!frame->where)
        return true;
    if (!ol_rbread_path(frame, words->file, sizeof words->file))
        return false;
    words->owner_class = ol_rbpath_classify(words->file, words->module, sizeof words->module);
    words->line = ol_rbframe_line(frame);
    return true;
}
