/* SPDX-License-Identifier: MIT */
/* Records by command line. */
#include "records.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "command.h"
#include "detector/tables.h"
#include "exit.h"
#include "intern.h"
#include "say.h"

static void add(struct ol_records *records, struct argp_state *state, const char *path)
{
    struct stat status;
    struct ol_paths *paths = &records->paths;
    records->named = true;
    if (stat(path, &status) != 0)
        ol_say_exit(OL_EXIT_USAGE, "%s: %s: neither a record nor a folder of records", path,
                    strerror(errno));
    if (!S_ISDIR(status.st_mode)) {
        paths->items = ol_say_realloc(paths->items, paths->count + 1, sizeof(char *));
        paths->items[paths->count++] = path;
    } else if (!ol_folder_list(paths, records->pool, path)) {
        ol_say_exit(OL_EXIT_OWN, "%s: %s", path, strerror(errno));
    }
}

static int least_of(struct argp_state *state, const char *value)
{
    int severity = ol_command_severity(state, "min-severity", value);
    if (severity == OL_SEVERITY_COUNT)
        ol_say_exit(OL_EXIT_USAGE,
                    "--min-severity: 'never' would show nothing: error, warning or note");
    return severity;
}

error_t ol_records_parse(struct ol_records *records, int key, const char *value,
                         struct argp_state *state)
{
    if (key == ARGP_KEY_ARG)
        add(records, state, value);
    else if (key == OL_RECORDS_KEY)
        records->least = least_of(state, value);
    else if (key == OL_RECORDS_KEY + 1)
        records->source_root = value; /* need not be here: a container's may not */
    else
        return ARGP_ERR_UNKNOWN;
    return 0;
}

/* A record that was named and is in a folder too, or is there by another name, counts once. */
static void drop_repeated(struct ol_records *records)
{
    struct ol_intern known;
    struct ol_paths *paths = &records->paths;
    size_t kept = 0;
    ol_intern_begin(&known, records->pool);
    for (size_t i = 0; i < paths->count; i++) {
        char *real = realpath(paths->items[i], NULL);
        const char *name = real ? real : paths->items[i];
        bool added;
        ol_intern_add(&known, name, strlen(name), &added);
        if (added)
            paths->items[kept++] = paths->items[i];
        free(real);
    }
    paths->count = kept;
    ol_intern_end(&known);
}

void ol_records_find(struct ol_records *records)
{
    const char *base = getenv("OFFLOOP_OUT");
    base = base && *base ? base : OL_RECORD_FOLDER;
    if (!records->named)
        ol_folder_newest(&records->paths, records->pool, base);
    drop_repeated(records);
    if (!records->paths.count)
        ol_say_exit(OL_EXIT_USAGE, "no record in %s: start a program with: offloop run -- PROG",
                    records->named ? "the folders given" : base);
}
