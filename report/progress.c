/* SPDX-License-Identifier: MIT */
/* Progress on a terminal. */
#include "progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_NS 700000000 /* before the bar appears */
#define PAUSE_NS 100000000    /* between two pictures of it */
#define STEPS_PER_LOOK 16     /* at the clock */
#define BAR_MAX 30

static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

void ol_progress_begin(struct ol_progress *progress, const char *what, size_t parts)
{
    const char *terminal = getenv("TERM");
    *progress = (struct ol_progress){.what = what, .parts = parts, .started_ns = now()};
    progress->terminal = isatty(STDERR_FILENO) && terminal && *terminal &&
                         strcmp(terminal, "dumb") != 0;
}

static int bar_width(const struct ol_progress *progress)
{
    struct winsize window;
    int columns = ioctl(STDERR_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col ? window.ws_col
                                                                                  : 80;
    int room = columns - (int)strlen(progress->what) - (int)sizeof "offloop:  [] 100 %";
    return room < 0 ? 0 : room < BAR_MAX ? room : BAR_MAX;
}

static void show(struct ol_progress *progress, double share)
{
    static const char full[BAR_MAX + 1] = "##############################";
    int width = bar_width(progress);
    int part = (int)(share * width);
    fprintf(stderr, "\roffloop: %s [%.*s%*s] %3d %%\033[K", progress->what, part, full,
            width - part, "", (int)(share * 100));
    progress->shown = true;
}

void ol_progress_step(struct ol_progress *progress, size_t part, size_t done, size_t all)
{
    if (!progress->terminal || progress->steps++ % STEPS_PER_LOOK)
        return;
    int64_t time = now();
    if (time - progress->started_ns < PATIENCE_NS || time - progress->shown_ns < PAUSE_NS)
        return;
    progress->shown_ns = time;
    show(progress, ((double)part + (all ? (double)done / (double)all : 0)) /
                       (double)(progress->parts ? progress->parts : 1));
}

void ol_progress_clear(struct ol_progress *progress)
{
    if (progress->shown)
        fputs("\r\033[K", stderr);
    progress->shown = false;
}
