/* Fingerprints of violations. Called by load.c for each site. */
#include "fingerprint.h"

#include <nettle/sha2.h>
#include <stdio.h>
#include <string.h>

#include "owner.h"

static void add(struct sha256_ctx *hash, const char *part)
{
    if (part)
        sha256_update(hash, strlen(part), (const uint8_t *)part);
    sha256_update(hash, 1, (const uint8_t *)"\n");
}

static void add_users_frames(struct sha256_ctx *hash, const struct ol_violation *violation)
{
    const char *before = "";
    for (size_t i = 0; i < violation->frame_count; i++) {
        const struct ol_frame *frame = violation->frames[i];
        if (frame->owner_class != OL_CODE_user || !frame->function ||
            strcmp(frame->function, before) == 0)
            continue;
        add(hash, frame->function);
        before = frame->function;
    }
}

const char *ol_fingerprint_make(struct obstack *pool, const struct ol_violation *violation)
{
    const struct ol_frame *culprit = violation->culprit;
    const char *place = culprit ? (culprit->file ? culprit->file : culprit->module) : NULL;
    struct sha256_ctx hash;
    uint8_t digest[OL_FINGERPRINT_DIGITS / 2];
    sha256_init(&hash);
    add(&hash, violation->rule);
    add(&hash, violation->function);
    add(&hash, violation->api);
    add(&hash, place ? ol_owner_base(place) : NULL);
    add(&hash, culprit ? culprit->function : NULL);
    add_users_frames(&hash, violation);
    sha256_digest(&hash, sizeof digest, digest);
    char text[OL_FINGERPRINT_DIGITS + 1];
    for (size_t i = 0; i < sizeof digest; i++)
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
    return ol_pool_string(pool, text);
}
