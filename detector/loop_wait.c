/* SPDX-License-Identifier: MIT */
/* The ways in which loops wait. The contract is in loop_wait.h. */
#include "loop_wait.h"

#include <string.h>

#include "module.h"

const struct ol_loop_wait_row ol_loop_wait_rows[OL_WAIT_COUNT] = {
#define LOOP_WAIT(kind, word, descriptor, set, trusted) {word, OL_LOOPS_BY_##trusted},
#include "loop_waits.def"
#undef LOOP_WAIT
};

const char *ol_loop_wait_word(unsigned kind)
{
    const char *word = ol_loop_wait_rows[kind].word;
    for (unsigned before = 0; word && before < kind; before++)
        if (ol_loop_wait_rows[before].word && strcmp(ol_loop_wait_rows[before].word, word) == 0)
            return NULL;
    return word;
}
