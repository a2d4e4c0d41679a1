/* SPDX-License-Identifier: MIT */
/* `offloop clean`: old runs are removed. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "command.h"
#include "detector/record.h"
#include "exit.h"
#include "number.h"
#include "plain.h"
#include "pool.h"
#include "runs.h"
#include "say.h"

enum { KEY_KEEP = 0x100, KEY_OLDER };

#define MOST 1000000

struct request {
    struct obstack pool;
    const char **folders; /* as many as argc at most */
    size_t folder_count;
    long keep;   /* so many of the newest stay; -1: not said */
    int64_t age; /* seconds; -1: not said */
    bool dry;    /* nothing is removed */
    bool failed;
};

static const struct argp_option options[] = {
    {"keep", KEY_KEEP, "N", 0,
     "keep the N newest runs (default: 1, which offloop report reads; 0 with --older-than)", 0},
    {"older-than", KEY_OLDER, "AGE", 0,
     "remove only runs that were written to last longer ago than AGE: 90m, 12h, 7d, 2w", 0},
    {"dry-run", 'n', NULL, 0, "say what would be removed, and remove nothing", 0},
    {0},
};

static long number_of(const char *value, const char **rest)
{
    char *end;
    errno = 0;
    long number = strtol(value, &end, 10);
    *rest = end;
    return *value < '0' || *value > '9' || errno || number > MOST ? -1 : number;
}

static int64_t age_of(const char *value)
{
    static const char units[] = "smhdw";
    static const int seconds[] = {1, 60, 3600, 86400, 604800};
    const char *rest;
    long number = number_of(value, &rest);
    const char *unit = number >= 0 && *rest && !rest[1] ? strchr(units, *rest) : NULL;
    if (!unit)
        ol_say_exit(OL_EXIT_USAGE,
                    "--older-than: '%s' is not an age: a number and s, m, h, d or w, as in 7d",
                    value);
    return (int64_t)number * seconds[unit - units];
}

static long keep_of(const char *value)
{
    const char *rest;
    long number = number_of(value, &rest);
    if (number < 0 || *rest)
        ol_say_exit(OL_EXIT_USAGE, "--keep: '%s' is not a number from 0 to %d", value, MOST);
    return number;
}

static error_t parse(int key, char *value, struct argp_state *state)
{
    struct request *request = state->input;
    switch (key) {
    case KEY_KEEP:
        request->keep = keep_of(value);
        return 0;
    case KEY_OLDER:
        request->age = age_of(value);
        return 0;
    case 'n':
        request->dry = true;
        return 0;
    case ARGP_KEY_ARG:
        request->folders[request->folder_count++] = value;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp argp = {
    .options = options,
    .parser = parse,
    .args_doc = "[FOLDER...]",
    .doc =
        "Removes old runs from $OFFLOOP_OUT or offloop-out, or from the folders given: all but the "
        "newest. Runs that still go on stay, and so does all that is not offloop's.",
};

/* "1.2 MB" */
static const char *size_of(struct obstack *pool, uint64_t bytes)
{
    if (bytes < 1000000)
        return ol_pool_format(pool, "%llu KB", (unsigned long long)((bytes + 999) / 1000));
    return ol_pool_format(pool, "%.1f %s", (double)bytes / (bytes < 1000000000 ? 1e6 : 1e9),
                          bytes < 1000000000 ? "MB" : "GB");
}

static const char *counted(struct obstack *pool, size_t count, const char *what)
{
    return ol_pool_format(pool, "%s %s%s", ol_number_count(pool, count), what,
                          count == 1 ? "" : "s");
}

struct sum {
    size_t runs, records, kept, going_on;
    uint64_t bytes;
};

static bool is_old(const struct request *request, const struct ol_kept_run *run, size_t newer)
{
    long keep = request->keep >= 0 ? request->keep : request->age >= 0 ? 0 : 1;
    return !run->goes_on && newer >= (size_t)keep &&
           (request->age < 0 || time(NULL) - run->last > request->age);
}

static void remove_run(struct request *request, const char *folder, const struct ol_kept_run *run,
                       struct sum *sum)
{
    struct obstack *pool = &request->pool;
    const char *path = ol_pool_format(pool, "%s/%s", folder, run->name);
    if (!request->dry && !ol_runs_remove(pool, folder, run)) {
        ol_say_line("%s: %s", path, strerror(errno));
        request->failed = true;
        return;
    }
    printf("%s %s: %s, %s\n", request->dry ? "would remove" : "removed", ol_plain_text(pool, path),
           counted(pool, run->records, "record"), size_of(pool, run->bytes));
    sum->runs++;
    sum->records += run->records;
    sum->bytes += run->bytes;
}

static void clean(struct request *request, const char *folder, struct sum *sum)
{
    struct ol_kept_run *runs;
    size_t count;
    if (ol_runs_list(&request->pool, folder, &runs, &count) != 0) {
        if (request->folder_count || errno != ENOENT)
            ol_say_exit(request->folder_count ? OL_EXIT_USAGE : OL_EXIT_OWN, "%s: %s", folder,
                        strerror(errno));
        return;
    }
    size_t before = sum->runs;
    for (size_t i = 0; i < count; i++) {
        sum->going_on += runs[i].goes_on;
        if (is_old(request, &runs[i], i))
            remove_run(request, folder, &runs[i], sum);
        else
            sum->kept++;
    }
    if (!request->dry && count && sum->runs - before == count)
        ol_runs_remove_empty(&request->pool, folder);
    free(runs);
}

static void say(struct request *request, const struct sum *sum)
{
    struct obstack *pool = &request->pool;
    const char *kept = sum->going_on
                           ? ol_pool_format(pool, "%s kept, %zu of them still going on",
                                            counted(pool, sum->kept, "run"), sum->going_on)
                           : ol_pool_format(pool, "%s kept", counted(pool, sum->kept, "run"));
    if (sum->runs)
        printf("%s%s with %s, %s; %s\n", request->dry ? "would remove " : "removed ",
               counted(pool, sum->runs, "run"), counted(pool, sum->records, "record"),
               size_of(pool, sum->bytes), kept);
    else
        printf("nothing to remove; %s\n", kept);
}

int ol_clean_main(int argc, char **argv)
{
    struct request request = {.keep = -1, .age = -1};
    struct sum sum = {0};
    ol_plain_start();
    ol_pool_begin(&request.pool);
    request.folders = ol_pool_array(&request.pool, (size_t)argc, sizeof *request.folders);
    ol_command_parse(&argp, argc, argv, 0, &request);
    const char *base = getenv("OFFLOOP_OUT");
    if (!request.folder_count)
        clean(&request, base && *base ? base : OL_RECORD_FOLDER, &sum);
    for (size_t i = 0; i < request.folder_count; i++)
        clean(&request, request.folders[i], &sum);
    say(&request, &sum);
    ol_pool_end(&request.pool);
    return ol_say_end(request.failed ? OL_EXIT_OWN : OL_EXIT_OK);
}
