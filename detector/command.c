/* SPDX-License-Identifier: MIT */
/* Commands of children. The contract is in command.h. The children may write at any moment, and
 * may have given up their rights: only text is taken from there. */
#include "command.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

#include "rawio.h"
#include "secret.h"
#include "text.h"

#define KEPT 16

struct command {
    _Atomic int pid; /* 0 while it is written */
    char words[OL_COMMAND_LONGEST];
};

static struct command own[KEPT]; /* a vfork's child has our memory */
static struct command *_Atomic commands = own;

void ol_command_prepare(void)
{
    struct command *expected = own;
    if (commands != own)
        return;
    void *shared = ol_raw_mmap(sizeof own, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1);
    if (shared && !atomic_compare_exchange_strong(&commands, &expected, shared))
        ol_raw_munmap(shared, sizeof own);
}

static struct command *of_process(int pid)
{
    return &commands[(unsigned)pid % KEPT];
}

void ol_command_note(int pid, const void *argv)
{
    struct command *command = of_process(pid);
    struct ol_text words = OL_TEXT(command->words);
    const char *const *at = argv;
    const char *word;
    struct ol_secret_command secrets = {0};
    atomic_store(&command->pid, 0);
    for (; ol_raw_peek(at, &word, sizeof word) && word && !words.cut; at++) {
        char copy[OL_COMMAND_LONGEST];
        if (!ol_raw_peek_string(word, copy, sizeof copy))
            break;
        if (words.length && ol_secret_kept() == OL_SECRET_full)
            ol_text_add_char(&words, ' ');
        ol_secret_add_word(&secrets, &words, copy);
    }
    atomic_store(&command->pid, pid);
}

size_t ol_command_find(int pid, char words[static OL_COMMAND_LONGEST])
{
    struct command *command = of_process(pid);
    if (atomic_load(&command->pid) != pid)
        return 0;
    memcpy(words, command->words, OL_COMMAND_LONGEST);
    words[OL_COMMAND_LONGEST - 1] = '\0';
    return atomic_load(&command->pid) == pid ? strlen(words) : 0;
}
