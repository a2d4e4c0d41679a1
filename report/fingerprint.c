/* Fingerprints of violations. Called by load.c for each site, and by baseline.c for what they are
 * made of. */
#include "fingerprint.h"

#include <nettle/sha2.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "owner.h"

#define FRAMES_MAX 1024 /* as in a record */
#define RUST_HASH 19    /* "::h" and 16 hex digits */

static bool ends_with(const char *text, size_t length, const char *end)
{
    size_t size = strlen(end);
    return length >= size && memcmp(text + length - size, end, size) == 0;
}

static bool is_comprehension(const struct ol_frame *frame)
{
    static const char *const names[] = {"<listcomp>", "<dictcomp>", "<setcomp>"};
    size_t length = strlen(frame->function);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (frame->kind == OL_FRAME_python && ends_with(frame->function, length, names[i]))
            return true;
    return false;
}

static const char *python_name(const char *name)
{
    const char *locals;
    while ((locals = strstr(name, "<locals>.")))
        name = locals + strlen("<locals>.");
    return name;
}

/* How much of a native name is not the compiler's own. A leading '.' is part of a name. */
static size_t native_length(const char *name)
{
    size_t length = strlen(name);
    if (length > RUST_HASH && memcmp(name + length - RUST_HASH, "::h", 3) == 0 &&
        strspn(name + length - RUST_HASH + 3, "0123456789abcdef") == RUST_HASH - 3)
        return length - RUST_HASH;
    if (strpbrk(name, ":( <")) /* demangled: dots stand in types */
        return length;
    const char *dot = length ? strchr(name + 1, '.') : NULL;
    return dot ? (size_t)(dot - name) : length;
}

/* Rust v0 writes a crate's hash behind its name: "app[3f2a9c01d2e4b567]::handle". */
static char *without_hashes(struct obstack *pool, const char *name, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        size_t digits = name[i] == '[' ? strspn(name + i + 1, "0123456789abcdef") : 0;
        if (digits >= 12 && name[i + 1 + digits] == ']')
            i += digits + 1;
        else
            obstack_1grow(pool, name[i]);
    }
    obstack_1grow(pool, '\0');
    return obstack_finish(pool);
}

static const char *name_of(struct obstack *pool, const struct ol_frame *frame)
{
    if (frame->kind != OL_FRAME_native)
        return python_name(frame->function);
    return without_hashes(pool, frame->function, native_length(frame->function));
}

/* "tmp*.py" of "tmp3k_9x2ab.py", as Python's tempfile makes them; else the name itself. */
static const char *without_chance(struct obstack *pool, const char *base)
{
    size_t random = strspn(base + 3, "abcdefghijklmnopqrstuvwxyz0123456789_");
    if (random == 8 && (base[11] == '\0' || base[11] == '.'))
        return ol_pool_format(pool, "tmp*%s", base + 11);
    return base;
}

const char *ol_fingerprint_place(struct obstack *pool, const struct ol_violation *violation)
{
    const struct ol_frame *culprit = violation->culprit;
    if (!culprit)
        return "?";
    const char *place = culprit->kind == OL_FRAME_native || !culprit->file ? culprit->module
                                                                           : culprit->file;
    place = place ? place : culprit->file;
    if (!place || !*place)
        return "?";
    place = ol_owner_base(place);
    return strncmp(place, "tmp", 3) == 0 ? without_chance(pool, place) : place;
}

const char *ol_fingerprint_function(struct obstack *pool, const struct ol_violation *violation)
{
    const struct ol_frame *culprit = violation->culprit;
    size_t i = 0;
    while (i < violation->frame_count && violation->frames[i] != culprit)
        i++;
    if (!culprit || !culprit->function)
        return "?";
    for (; i < violation->frame_count && violation->frames[i]->function; i++)
        if (!is_comprehension(violation->frames[i]))
            return name_of(pool, violation->frames[i]);
    return name_of(pool, culprit);
}

static size_t frames_in_turn(const struct ol_violation *violation)
{
    for (size_t i = violation->frame_count; i > 0; i--)
        if (violation->frames[i - 1]->owner_class == OL_CODE_framework)
            return i;
    return violation->frame_count;
}

static void add(struct sha256_ctx *hash, const char *part)
{
    sha256_update(hash, strlen(part), (const uint8_t *)part);
    sha256_update(hash, 1, (const uint8_t *)"\n");
}

static void add_users_frames(struct sha256_ctx *hash, struct obstack *pool,
                             const struct ol_violation *violation)
{
    const char *names[FRAMES_MAX];
    size_t count = 0, frames = frames_in_turn(violation);
    for (size_t i = 0; i < frames && count < FRAMES_MAX; i++) {
        const struct ol_frame *frame = violation->frames[i];
        if (frame->owner_class != OL_CODE_user || !frame->function || is_comprehension(frame))
            continue;
        names[count] = name_of(pool, frame);
        size_t known = 0;
        while (strcmp(names[known], names[count]) != 0)
            known++;
        if (known == count)
            add(hash, names[count++]);
    }
}

static const char *known(const char *word)
{
    return strcmp(word, "?") == 0 ? "" : word;
}

static const char *digits(struct obstack *pool, struct sha256_ctx *hash)
{
    uint8_t digest[OL_FINGERPRINT_DIGITS / 2];
    char text[OL_FINGERPRINT_DIGITS + 1];
    sha256_digest(hash, sizeof digest, digest);
    for (size_t i = 0; i < sizeof digest; i++)
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
    return ol_pool_string(pool, text);
}

const char *ol_fingerprint_make(struct obstack *pool, const struct ol_violation *violation)
{
    struct sha256_ctx hash;
    void *mark = obstack_alloc(pool, 0);
    sha256_init(&hash);
    add(&hash, violation->rule);
    add(&hash, violation->api);
    if (strcmp(violation->rule, "import") == 0) /* a module's name is what was called */
        add(&hash, violation->argument ? violation->argument : "");
    add(&hash, known(ol_fingerprint_place(pool, violation)));
    add(&hash, known(ol_fingerprint_function(pool, violation)));
    add_users_frames(&hash, pool, violation);
    obstack_free(pool, mark);
    return digits(pool, &hash);
}
