/* SPDX-License-Identifier: MIT */
/* Which wrapper stands for a real function. Each file that exports one notes it beside the export,
 * so that nothing is asked of the loader, and nothing of ours is called by its exported name. */
#ifndef OFFLOOP_EXPORT_H
#define OFFLOOP_EXPORT_H

#include <stdbool.h>

#include "real.h"

struct ol_export {
    const void *wrapper;
    enum ol_slot slot;
};

/* At file scope; `function` is what is exported as that symbol. */
#define OL_NOTE_EXPORT(symbol, function)                                                           \
    static const struct ol_export export_of_##symbol                                               \
        __attribute__((used, section("ol_exports"))) = {(const void *)(function),                  \
                                                        OL_SLOT_##symbol};

/* At start, before anything is asked. */
void ol_export_start(void);

/* Some wrapper has that name. Callers can't expect its real function to be that of libc. */
bool ol_export_is(const char *symbol);

/* The wrapper that goes on to exactly that function, or `real` itself. So whoever asks for another
 * version, for another copy of libc, or past a library that stands behind us and answers first,
 * gets what they asked for; such a library could otherwise call itself through us for ever. */
void *ol_export_instead(const char *symbol, void *real);

#endif
