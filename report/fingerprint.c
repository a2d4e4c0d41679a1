/* SPDX-License-Identifier: MIT */
/* Fingerprints of violations. */
#include "fingerprint.h"

#include <nettle/sha2.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "identity.h"
#include "runtime/runtime.h"

#define RUST_HASH 19 /* "::h" and 16 hex digits */

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

static const char *name_of(struct ol_model *model, const struct ol_violation *violation,
                           const struct ol_frame *frame)
{
    if (frame->kind != OL_FRAME_native)
        return ol_runtime_function(model, violation->run, frame);
    return without_hashes(&model->pool, frame->function, native_length(frame->function));
}

static size_t index_of(const struct ol_violation *violation)
{
    size_t i = 0;
    while (i < violation->frame_count && violation->frames[i] != violation->culprit)
        i++;
    return i;
}

static size_t place_of(const struct ol_violation *violation)
{
    return ol_runtime_stands_at(violation, index_of(violation));
}

const char *ol_fingerprint_place(struct ol_model *model, const struct ol_violation *violation)
{
    if (!violation->culprit)
        return "?";
    size_t i = place_of(violation);
    const struct ol_frame *frame = i < violation->frame_count ? violation->frames[i]
                                                              : violation->culprit;
    return ol_identity_place(model, violation->run, frame);
}

const char *ol_fingerprint_function(struct ol_model *model, const struct ol_violation *violation)
{
    if (!violation->culprit || !violation->culprit->function)
        return "?";
    for (size_t i = place_of(violation);
         i < violation->frame_count && violation->frames[i]->function; i++)
        if (!ol_runtime_is_part(violation->frames[i]))
            return name_of(model, violation, violation->frames[i]);
    return name_of(model, violation, violation->culprit);
}

static void add(struct sha256_ctx *hash, const char *part)
{
    sha256_update(hash, strlen(part), (const uint8_t *)part);
    sha256_update(hash, 1, (const uint8_t *)"\n");
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

const char *ol_fingerprint_make(struct ol_model *model, const struct ol_violation *violation)
{
    struct sha256_ctx hash;
    sha256_init(&hash);
    add(&hash, violation->rule);
    add(&hash, violation->api);
    if (strcmp(violation->rule, "import") == 0) /* a module's name is what was called */
        add(&hash, violation->argument ? violation->argument : "");
    add(&hash, known(ol_fingerprint_place(model, violation)));
    add(&hash, known(ol_fingerprint_function(model, violation)));
    return digits(&model->pool, &hash);
}
