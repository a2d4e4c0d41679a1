/* SPDX-License-Identifier: MIT */
/* Words of users. They are checked before anything is started or read. The library
 * itself names a wrong word and goes on with the default: a program in production must start. A run
 * in CI that did so would look for something else than it was told to. */
#include "words.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "detector/debug.h"
#include "detector/loop_choice.h"
#include "detector/loop_rule.h"
#include "detector/policy.h"
#include "detector/ruleset.h"
#include "detector/trust.h"
#include "exit.h"
#include "pool.h"
#include "say.h"
#include "setting.h"

static void refuse(void *context, const char *line)
{
    ol_say_exit(OL_EXIT_USAGE, "%s", ol_setting_name_option(context, line));
}

static void check_log(const char *log)
{
    struct stat status;
    if (strcmp(log, "off") == 0 || strcmp(log, "stderr") == 0 || ol_trust_descriptor(log) >= 0)
        return;
    ol_words_check_file("log", log);
    const char *why = lstat(log, &status) == 0 ? ol_trust_log(&status) : NULL;
    if (why)
        ol_say_exit(OL_EXIT_USAGE, "--log: %s %s", log, why);
}

void ol_words_read_rules(const char *files, struct obstack *pool)
{
    ol_ruleset_read(files, refuse, pool);
}

bool ol_words_forbid_loops(const char *files, struct obstack *pool)
{
    ol_words_read_rules("", pool);
    unsigned built_in = ol_loop_rule_forbidding();
    ol_words_read_rules(files, pool);
    return ol_loop_rule_forbidding() > built_in;
}

void ol_words_check(struct ol_options *options, struct obstack *pool)
{
    static struct ol_policy policy;
    struct ol_loop_choice choice;
    ol_option_read(options, environ, refuse, pool);
    ol_words_read_rules(options->rules, pool);
    if (strcasecmp(options->policy, "help") != 0)
        ol_policy_parse(&policy, options->policy, refuse, pool);
    ol_loop_choice_parse(&choice, options->loop, refuse, pool);
    ol_debug_parse(options->debug, refuse, pool);
    check_log(options->log);
}

/* 0, or errno. The folder of what is not there yet is asked. */
static int why_not_written(const char *path)
{
    struct stat status;
    struct obstack pool;
    size_t length = strlen(path);
    if (stat(path, &status) == 0) {
        if (S_ISDIR(status.st_mode))
            return EISDIR;
        return faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) == 0 ? 0 : errno;
    }
    if (errno != ENOENT)
        return errno;
    if (length && path[length - 1] == '/')
        return EISDIR;
    if (lstat(path, &status) == 0) /* a link to what is not there: whoever opens it says more */
        return 0;
    const char *slash = strrchr(path, '/');
    ol_pool_begin(&pool);
    const char *folder = !slash          ? "."
                         : slash == path ? "/"
                                         : ol_pool_copy(&pool, path, (size_t)(slash - path));
    int error = faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) == 0 ? 0 : errno;
    ol_pool_end(&pool);
    return error;
}

void ol_words_check_file(const char *option, const char *path)
{
    int error = why_not_written(path);
    if (error)
        ol_say_exit(OL_EXIT_USAGE, "--%s: %s can't be written: %s", option, path, strerror(error));
}

void ol_words_check_folder(const char *option, const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0)
        ol_say_exit(OL_EXIT_USAGE, "--%s: %s: %s", option, path, strerror(errno));
    if (!S_ISDIR(status.st_mode))
        ol_say_exit(OL_EXIT_USAGE, "--%s: %s is not a folder", option, path);
}
