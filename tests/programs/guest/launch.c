/* SPDX-License-Identifier: MIT */
/* Starts a program in odd ways: no argv[0], an empty one, a huge one, many arguments, a large environment. */
#include "turn.h"

extern char **environ;

int main(int argc, char **argv)
{
    (void)argc;
    const char *how = argv[1], *program = argv[2];
    static char huge[100000];
    static char *words[2002];
    memset(huge, 'x', sizeof huge - 1);
    if (!strcmp(how, "empty"))
        words[0] = "";
    else if (!strcmp(how, "slash"))
        words[0] = "../../etc/";
    else if (!strcmp(how, "huge"))
        words[0] = huge;
    else if (!strcmp(how, "control"))
        words[0] = "a\nb\033[31mc";
    else if (!strcmp(how, "many"))
        for (int i = 0; i < 2000; i++)
            words[i] = huge + sizeof huge - 500;
    else if (!strcmp(how, "environment"))
        for (int i = 0; i < 500; i++) {
            char name[20];
            snprintf(name, sizeof name, "NAME%d", i);
            setenv(name, huge + sizeof huge - 1000, 1);
            words[0] = "program";
        }
    execve(program, words, environ);
    return 1;
}
