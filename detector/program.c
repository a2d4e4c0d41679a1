/* SPDX-License-Identifier: MIT */
/* The program as it was started. The contract is in program.h. */
#include "program.h"

#include <string.h>

#include "module.h"
#include "process.h"
#include "rawio.h"
#include "secret.h"
#include "text.h"

/* One argument as a shell would want it. */
static void add_quoted(struct ol_text *text, const char *word)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:,+@%";
    if (word[0] && strspn(word, plain) == strlen(word)) {
        ol_text_add(text, word);
        return;
    }
    ol_text_add_char(text, '\'');
    for (; *word; word++)
        if (*word == '\'')
            ol_text_add(text, "'\\''");
        else
            ol_text_add_char(text, *word);
    ol_text_add_char(text, '\'');
}

/* What of the command line may be kept. */
static void note_arguments(int argc, char **argv)
{
    static char bytes[sizeof ol_process.argv]; /* the constructor runs once, by one thread */
    struct ol_secret_command command = {0};
    struct ol_text text = OL_TEXT(ol_process.argv);
    for (int i = 0; i < argc && argv && argv[i]; i++) {
        struct ol_text word = OL_TEXT(bytes);
        if (!ol_secret_add_word(&command, &word, argv[i]))
            continue;
        if (i)
            ol_text_add_char(&text, ' ');
        add_quoted(&text, bytes);
    }
}

static void note_program(int argc, char **argv)
{
    note_arguments(argc, argv);
    bool named = argc > 0 && argv && argv[0] && ol_module_base_name(argv[0])[0];
    struct ol_text program = OL_TEXT(ol_process.program);
    ol_text_add(&program, ol_module_base_name(named ? argv[0] : ol_module_program()));
    if (ol_raw_getcwd(ol_process.cwd, sizeof ol_process.cwd) < 0 || ol_process.cwd[0] != '/')
        ol_process.cwd[0] = '\0'; /* removed, or outside of the root folder */
}

/* The script that an interpreter was started with: "app.js". */
static void note_script(int argc, char **argv)
{
    static const char *const ends[] = {".js", ".mjs", ".cjs", ".ts", ".mts", ".cts"};
    struct ol_text script = OL_TEXT(ol_process.script);
    for (int i = 1; i < argc && argv && argv[i]; i++) {
        const char *dot = strrchr(argv[i], '.');
        for (size_t j = 0; dot && argv[i][0] != '-' && j < sizeof ends / sizeof *ends; j++)
            if (strcmp(dot, ends[j]) == 0) {
                ol_text_add(&script, ol_module_base_name(argv[i]));
                return;
            }
    }
}

void ol_program_note(int argc, char **argv)
{
    note_program(argc, argv);
    note_script(argc, argv);
}
