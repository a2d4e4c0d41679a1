/* SPDX-License-Identifier: MIT */
/* A loop whose forked child writes over all memory that it shares with its parent, as a child that
 * was taken over could; with rights that are not the parent's, where the parent is root. Then the
 * parent goes on: new places, known places, longer hits, live lines, its last words.
 *
 * usage: scribble ones|zeros|own|noise */
#include "turn.h"

static char guarded[1 << 20]; /* stands for whatever memory the parent has */

static void fill(const char *how, uint64_t *from, uint64_t *to)
{
    uint64_t number = 1;
    for (; from < to; from++) {
        number = number * 6364136223846793005u + 1442695040888963407u;
        if (strcmp(how, "ones") == 0)
            *from = UINT64_MAX;
        else if (strcmp(how, "zeros") == 0)
            *from = 0;
        else if (strcmp(how, "own") == 0) /* as an offset it would lead there */
            *from = (uint64_t)(uintptr_t)guarded - (uint64_t)(uintptr_t)to;
        else
            *from = number >> number % 61;
    }
}

/* Of the record the first megabyte is enough, and every section has some of its own. */
static int fill_shared(const char *how)
{
    char line[4500], rights[5];
    unsigned long from, to;
    int count = 0;
    FILE *maps = fopen("/proc/self/maps", "r");
    while (maps && fgets(line, sizeof line, maps))
        if (sscanf(line, "%lx-%lx %4s", &from, &to, rights) == 3 && strcmp(rights, "rw-s") == 0) {
            fill(how, (uint64_t *)from, (uint64_t *)to);
            count++;
        }
    return count;
}

static void slow(void)
{
    struct timespec while_ = {0, 12000000};
    nanosleep(&while_, NULL);
}

#define EIGHT(x) x x x x x x x x

static void new_places(void)
{
    struct stat status;
    EIGHT(EIGHT(stat("/etc/hostname", &status); access("/etc/hosts", 0);))
}

int main(int argc, char **argv)
{
    int status = 0;
    turn();
    hit();
    slow();
    pid_t child = fork();
    if (!child) {
        if (geteuid() == 0 && setgid(65534) + setuid(65534) != 0)
            _exit(3);
        _exit(argc > 1 && fill_shared(argv[1]) ? 0 : 4);
    }
    waitpid(child, &status, 0);
    for (int i = 0; i < 3; i++) {
        turn();
        hit();
        slow();
        new_places();
    }
    child = fork();
    if (!child) {
        turn();
        hit();
        _exit(0);
    }
    waitpid(child, NULL, 0);
    for (size_t i = 0; i < sizeof guarded; i++)
        if (guarded[i]) {
            puts("written to");
            return 1;
        }
    printf("untouched, %d\n", status);
    return 0;
}
