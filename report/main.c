/* SPDX-License-Identifier: MIT */
/* The `offloop` command: finds the subcommand and hands over. */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "choice.h"
#include "command.h"
#include "describe.h"
#include "exit.h"
#include "plain.h"
#include "pool.h"
#include "say.h"

static void help(FILE *out)
{
    fputs("Usage: offloop COMMAND [OPTION...]\n"
          "Finds the calls that block event loops in programs as they are.\n\n",
          out);
    for (const struct ol_command *command = ol_commands; command->name; command++)
        fprintf(out, "  offloop %-9s %s\n", command->name, command->text);
    fputs("\n  offloop run -- python3 app.py    shows each blocking call, once, as it happens\n"
          "  offloop report                   reads the record of the newest run\n\n"
          "offloop COMMAND --help tells the options of a command; --version the version.\n",
          out);
}

static _Noreturn void refuse(const char *typed)
{
    const char *names[16];
    size_t count = 0;
    struct obstack pool;
    for (const struct ol_command *command = ol_commands; command->name; command++)
        names[count++] = command->name;
    ol_pool_begin(&pool);
    ol_say_exit(OL_EXIT_USAGE, "unknown command '%s'%s", typed,
                ol_choice_guess(&pool, typed, names, count, "offloop --help lists them"));
}

static bool is(const char *word, const char *option, const char *letter)
{
    return strcmp(word, option) == 0 || strcmp(word, letter) == 0;
}

/* A descriptor below 3 that is closed would be the next file that is opened, and what is said would
 * be written into it. The program that is run does not get ours. */
static void fill_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0)
            open("/dev/null", O_RDWR | O_CLOEXEC); /* takes the lowest that is free: this one */
}

static int hand_over(const struct ol_command *command, int argc, char **argv)
{
    char name[64];
    snprintf(name, sizeof name, "offloop %s", command->name);
    argv[0] = name; /* what argp calls the program in its messages */
    return command->main(argc, argv);
}

int main(int argc, char **argv)
{
    fill_streams();
    if (argc < 2) {
        help(stderr);
        return OL_EXIT_USAGE;
    }
    if (is(argv[1], "--help", "-h")) {
        help(stdout);
        return ol_say_end(OL_EXIT_OK);
    }
    if (is(argv[1], "--version", "-V")) {
        puts("offloop " OFFLOOP_VERSION);
        return ol_say_end(OL_EXIT_OK);
    }
    if (strcmp(argv[1], "--describe") == 0) {
        ol_describe_all(ol_commands);
        return ol_say_end(OL_EXIT_OK);
    }
    for (const struct ol_command *command = ol_commands; command->name; command++)
        if (strcmp(argv[1], command->name) == 0)
            return hand_over(command, argc - 1, argv + 1);
    ol_plain_start();
    refuse(argv[1]);
}
