/* SPDX-License-Identifier: MIT */
/* What was started without the library. */
#include "unwatched.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "detector/filters.h"
#include "detector/unwatched.h"
#include "intern.h"
#include "pool.h"
#include "say.h"

#define SAID_MAX 5
#define KEPT_MAX 1000
#define LONGEST 1024 /* of a line; the library writes 600 bytes at most */

static void read_lines(struct ol_unwatched *unwatched, struct obstack *pool, FILE *file)
{
    struct ol_intern known;
    char line[LONGEST];
    ol_intern_begin(&known, pool);
    while (unwatched->count < KEPT_MAX && fgets(line, sizeof line, file)) {
        bool added;
        size_t length = strcspn(line, "\n");
        if (line[length] != '\n') /* its writer was ended, or had no room; or it is not ours */
            break;
        ol_intern_add(&known, line, length, &added);
        if (added)
            unwatched->lines[unwatched->count++] = ol_pool_copy(pool, line, length);
    }
    ol_intern_end(&known);
}

void ol_unwatched_fetch(struct ol_unwatched *unwatched, struct obstack *pool, const char *folder,
                        const char *program)
{
    const char *path = ol_pool_format(pool, "%s/" OL_UNWATCHED_FILE, folder);
    FILE *file = fopen(path, "re");
    *unwatched = (struct ol_unwatched){
        .lines = ol_pool_array(pool, KEPT_MAX, sizeof *unwatched->lines)};
    if (ol_filters_are_inherited())
        unwatched->lines[unwatched->count++] = ol_pool_format(pool, "%s: " OL_UNWATCHED_FILTERED,
                                                              program);
    if (!file)
        return;
    read_lines(unwatched, pool, file);
    fclose(file);
    unlink(path);
}

void ol_unwatched_say(const struct ol_unwatched *unwatched)
{
    for (size_t i = 0; i < unwatched->count && i < SAID_MAX; i++)
        ol_say_line("not watched: %s", unwatched->lines[i]);
    if (unwatched->count > SAID_MAX)
        ol_say_line("not watched: and %zu more", unwatched->count - SAID_MAX);
}
