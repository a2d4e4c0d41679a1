/* SPDX-License-Identifier: MIT */
/* Programs are started with words that can't be read: each call says EFAULT. */
#include "turn.h"

int main(void)
{
    char *words[] = {"true", NULL}, *bad_words[] = {(char *)8, NULL};
    struct {
        const char *path;
        char **environment;
    } calls[] = {{(char *)8, words}, {"/bin/true", (char **)8}, {"/bin/true", bad_words}};
    turn();
    hit();
    for (int i = 0; i < 3; i++) {
        int result = execve(calls[i].path, words, calls[i].environment);
        printf("%d %d\n", result, errno == EFAULT);
    }
}
