/* SPDX-License-Identifier: MIT */
/* The head of the text report: the programs, their loop threads, or why none was seen. */
#include <string.h>

#include "../closing.h"
#include "../judged.h"
#include "../number.h"
#include "../owner.h"
#include "text.h"

#define RUNS_SHOWN 12 /* records of a run with many workers say much the same */

static void put_program(struct ol_page *page, const struct ol_run *run)
{
    const char *program = run->argv ? run->argv : run->exe ? run->exe : "?";
    size_t room = page->width > 40 ? page->width * 2
                                   : 80; /* two lines of arguments tell which program it was */
    ol_page_put(page, OL_STYLE_BOLD, "%.*s%s", (int)room, program,
                strlen(program) > room ? "..." : "");
    ol_page_put(page, OL_STYLE_PLAIN, "  pid %d", run->pid);
    if (run->process_count > 1)
        ol_page_put(page, OL_STYLE_PLAIN, " and %zu forked", run->process_count - 1);
    if (run->language)
        ol_page_put(page, OL_STYLE_DIM, "  %s", run->language);
}

static void put_started(struct ol_page *page, const struct ol_run *run)
{
    const char *stamp = ol_number_stamp(page->pool, run->started_ns);
    if (stamp)
        ol_page_put(page, OL_STYLE_DIM, "  %.19sZ", stamp);
}

static void put_thread(struct ol_page *page, const struct ol_loop *loop)
{
    struct obstack *pool = page->pool;
    const char *wait = loop->wait ? loop->wait : "?";
    if (loop->tid) {
        ol_page_put(page, OL_STYLE_PLAIN, "%s %d",
                    loop->worker ? "worker's loop thread" : "loop thread", loop->tid);
        ol_page_put(page, OL_STYLE_PLAIN, " (%s, %s):", loop->name, wait);
    } else {
        ol_page_put(page, OL_STYLE_PLAIN,
                    "%s more loop thread%s (%s):", ol_number_count(pool, loop->threads),
                    loop->threads == 1 ? "" : "s", wait);
    }
    if (loop->loops > loop->threads)
        ol_page_put(page, OL_STYLE_PLAIN, " %s loops,", ol_number_count(pool, loop->loops));
}

static void put_loop(struct ol_page *page, const struct ol_loop *loop)
{
    struct obstack *pool = page->pool;
    ol_page_line(page, 4);
    put_thread(page, loop);
    if (!loop->judged) {
        ol_page_put(page, OL_STYLE_WARNING, " waited, no turn was seen");
        return;
    }
    ol_page_put(page, OL_STYLE_PLAIN, " %s turn%s,", ol_number_count(pool, loop->turns),
                loop->turns == 1 ? "" : "s");
    ol_page_put(page, OL_STYLE_PLAIN, " busy %s,", ol_number_duration(pool, loop->busy_ns));
    ol_page_put(page, OL_STYLE_PLAIN, " longest turn %s,",
                ol_number_duration(pool, loop->longest_turn_ns));
    ol_page_put(page, OL_STYLE_PLAIN, " p99 %s,", ol_number_duration(pool, loop->p99_ns));
    ol_page_put(page, loop->stalls ? OL_STYLE_WARNING : OL_STYLE_PLAIN, " %s stall%s",
                ol_number_count(pool, loop->stalls), loop->stalls == 1 ? "" : "s");
}

static void put_run(struct ol_page *page, const struct ol_run *run)
{
    page->indent = 2;
    put_program(page, run);
    size_t shown = run->loop_count < RUNS_SHOWN ? run->loop_count : RUNS_SHOWN;
    put_started(page, run);
    for (size_t i = 0; i < shown; i++)
        put_loop(page, &run->loops[i]);
    uint64_t left = 0;
    for (size_t i = shown; i < run->loop_count; i++)
        left += run->loops[i].threads;
    if (left) {
        ol_page_line(page, 4);
        ol_page_put(page, OL_STYLE_DIM, "%s and %s more loop thread%s",
                    ol_page_mark(page, "…", "..."), ol_number_count(page->pool, left),
                    left == 1 ? "" : "s");
    }
    ol_page_line(page, 0);
}

static void put_advice(struct ol_page *page, const char *advice)
{
    ol_page_tab(page, 2);
    page->indent = 4;
    ol_page_put(page, OL_STYLE_PLAIN, "- ");
    ol_page_words(page, OL_STYLE_PLAIN, advice);
    ol_page_line(page, 0);
}

/* Silence would be taken for a clean bill. */
static void put_no_turn(struct ol_page *page)
{
    ol_page_words(
        page, OL_STYLE_WARNING,
        "offloop: loops waited, but no turn of theirs was seen, so nothing was judged. The "
        "program ended, or ended its loop, before a wait returned; or it waits there for "
        "what is worked on elsewhere.");
    ol_page_line(page, 0);
}

static void put_no_loop(struct ol_page *page)
{
    ol_page_words(
        page, OL_STYLE_WARNING,
        "offloop: no loop thread was found, so nothing could be judged. Why that may be:");
    ol_page_line(page, 0);
    put_advice(page, "the program has no event loop, or ended before its first wait");
    put_advice(page, "its loop waits by poll() or select() of its own: try --loop wait=poll,auto");
    put_advice(page, "its loop waits for an io_uring: try --loop wait=io_uring,auto");
    put_advice(
        page,
        "its loop waits in a way that can't be seen: name the thread with --loop thread=GLOB or "
        "--loop main, or mark it "
        "with offloop_loop_enter() from offloop.h");
    put_advice(
        page, "the loop runs in a program that it started with a cleared environment: run that one "
              "under offloop");
}

static size_t put_runs(struct ol_page *page, const struct ol_model *model)
{
    size_t shown = 0, left = 0;
    for (const struct ol_run *run = model->runs; run; run = run->next) {
        if (run->empty && model->run_count > 1)
            continue;
        if (shown == RUNS_SHOWN) {
            left++;
            continue;
        }
        put_run(page, run);
        shown++;
    }
    return left;
}

/* As the last line of the run said it; where nothing was judged, more words follow the programs. */
static void put_closing(struct ol_page *page, struct ol_model *model)
{
    const char *why;
    enum ol_judged judged = ol_judged_of(page->pool, model, &why);
    enum ol_style style = model->totals.hits        ? OL_STYLE_BOLD
                          : judged == OL_JUDGED_all ? OL_STYLE_GOOD
                                                    : OL_STYLE_WARNING;
    if (judged == OL_JUDGED_nothing)
        return;
    page->indent = 2;
    ol_page_put(page, style, "offloop: %s", ol_closing_sentence(page->pool, model));
    ol_page_line(page, 0);
    ol_page_line(page, 0);
}

void ol_text_put_head(struct ol_page *page, struct ol_model *model)
{
    put_closing(page, model);
    size_t left = put_runs(page, model);
    if (left) {
        ol_page_put(page, OL_STYLE_DIM, "%s and %zu more programs", ol_page_mark(page, "…", "..."),
                    left);
        ol_page_line(page, 0);
    }
    if (!ol_model_loops(model))
        put_no_loop(page);
    else if (!ol_model_judged(model))
        put_no_turn(page);
}
