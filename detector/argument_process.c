/* SPDX-License-Identifier: MIT */
/* Processes in words: by their command, as far as /proc says it. The contract is in
 * argument_inside.h. */
#include <fcntl.h>
#include <string.h>

#include "argument_inside.h"
#include "command.h"
#include "rawio.h"
#include "secret.h"

#define LOOKS 20 /* while exec is under way: 5 ms */
#define BETWEEN INT64_C(250000)

/* A file of /proc/PID; without a NUL behind. */
static size_t read_of(const char *who, const char *file, char *bytes, size_t size)
{
    char path[64];
    struct ol_text name = OL_TEXT(path);
    ol_text_add(&name, "/proc/");
    ol_text_add(&name, who);
    ol_text_add_char(&name, '/');
    ol_text_add(&name, file);
    return ol_raw_read_file(path, bytes, size);
}

/* "4711 (name) Z 1 …": it has ended, and its command line is gone. */
static bool has_ended(const char *who)
{
    char stat[128] = "";
    read_of(who, "stat", stat, sizeof stat - 1);
    const char *end = strrchr(stat, ')');
    return !end || end[1] != ' ' || end[2] == 'Z';
}

/* The parent of a vfork() or posix_spawn() goes on before the kernel knows the new command line. */
static size_t command_line_of(const char *who, char *bytes, size_t size)
{
    size_t length = read_of(who, "cmdline", bytes, size);
    for (int looks = 0; !length && looks < LOOKS && !has_ended(who); looks++) {
        ol_raw_sleep(BETWEEN);
        length = read_of(who, "cmdline", bytes, size);
    }
    return length;
}

/* A child that only is a copy of this program has no command of its own. */
static size_t unless_ours(const char *file, size_t length, const char *bytes)
{
    char own[OL_COMMAND_LONGEST];
    size_t of_ours = read_of("self", file, own, sizeof own);
    return length == of_ours && memcmp(bytes, own, length) == 0 ? 0 : length;
}

/* The whole command, or the name alone of a process that has ended before anybody saw it; with NULs
 * between its words. */
static size_t command_of(const char *who, char *bytes, size_t size)
{
    size_t length = command_line_of(who, bytes, size);
    if (length)
        return unless_ours("cmdline", length, bytes);
    return unless_ours("comm", read_of(who, "comm", bytes, size), bytes);
}

/* What is kept of a command. */
static void add_words(struct ol_text *text, const char *words, size_t length)
{
    struct ol_secret_command command = {0};
    bool any = false;
    for (const char *at = words; at <= words + length; at += strlen(at) + 1) {
        if (any && ol_secret_kept() == OL_SECRET_full)
            ol_text_add_char(text, ' ');
        any |= ol_secret_add_word(&command, text, at);
    }
}

static bool add_command(struct ol_text *text, int pid, const char *who)
{
    char bytes[OL_COMMAND_LONGEST + 1];
    size_t length = ol_command_find(pid, bytes);
    bool noted = length; /* of that only what may be kept was noted */
    if (!noted)
        length = command_of(who, bytes, OL_COMMAND_LONGEST);
    bool cut = length >= OL_COMMAND_LONGEST - 1;
    while (length && (bytes[length - 1] == '\0' || bytes[length - 1] == '\n'))
        length--;
    bytes[length] = '\0';
    if (noted)
        ol_text_add(text, bytes);
    else if (length)
        add_words(text, bytes, length);
    if (cut)
        ol_text_add(text, "...");
    return length;
}

void ol_argument_add_process(struct ol_text *text, int64_t pid)
{
    char digits[24];
    struct ol_text who = OL_TEXT(digits);
    ol_text_add_signed(&who, pid);
    ol_text_add(text, "pid ");
    ol_text_add(text, digits);
    size_t before = text->length;
    ol_text_add(text, " (");
    size_t empty = text->length;
    bool known = pid > 0 && ol_secret_kept() != OL_SECRET_none &&
                 add_command(text, (int)pid, digits) && text->length > empty;
    if (known)
        ol_text_add_char(text, ')');
    else
        text->bytes[text->length = before] = '\0';
}
