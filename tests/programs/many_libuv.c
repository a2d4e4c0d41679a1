/* SPDX-License-Identifier: MIT */
/* Loops of libuv in several threads, in the ways argv[1] names. All of it is right, but for those
 * that begin with "wrong". A helper thread does one job at a time and waits for the next. */
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>
#include <uv.h>

static uv_loop_t one, two;
static uv_timer_t timer, other;
static sem_t wanted, done, turning;
static void (*job)(void);

static void *help(void *unused)
{
    for (sem_wait(&wanted); job; sem_wait(&wanted)) {
        job();
        sem_post(&done);
    }
    return NULL;
}

static void order(void (*what)(void))
{
    job = what;
    sem_post(&wanted);
}

static void on_helper(void (*what)(void))
{
    order(what);
    sem_wait(&done);
}

static void nothing(uv_timer_t *handle)
{
}

static void close_it(uv_timer_t *handle)
{
    uv_close((uv_handle_t *)handle, NULL);
}

static void start(uv_loop_t *loop, uv_timer_t *handle, uv_timer_cb callback)
{
    uv_timer_init(loop, handle);
    uv_timer_start(handle, callback, 1, 0);
}

static void run_to_end(void)
{
    uv_run(&one, UV_RUN_DEFAULT);
}

static void poll_one(void)
{
    uv_timer_start(&timer, nothing, 1, 0);
    uv_run(&one, UV_RUN_NOWAIT);
}

static void touch_one(void)
{
    uv_timer_start(&timer, close_it, 1, 0);
}

/* One thread runs the loop to its end, and lives on; another one goes on with it. */
static void handed_on(void)
{
    start(&one, &timer, close_it);
    on_helper(run_to_end);
    start(&one, &timer, close_it);
    uv_run(&one, UV_RUN_DEFAULT);
    start(&one, &timer, close_it);
    on_helper(run_to_end);
    start(&one, &timer, close_it);
    on_helper(run_to_end);
}

/* As loops are polled inside of another one: first by one thread, later by another. */
static void polled(void)
{
    uv_timer_init(&one, &timer);
    for (int i = 0; i < 3; i++)
        on_helper(poll_one);
    for (int i = 0; i < 3; i++)
        poll_one();
    on_helper(poll_one);
    close_it(&timer);
    run_to_end();
}

static void wait_for_one(void)
{
    struct epoll_event event;
    epoll_wait(uv_backend_fd(&one), &event, 1, 10);
}

/* As loops are embedded: a thread waits on the loop's descriptor, another one runs it. */
static void embedded(void)
{
    start(&one, &timer, nothing);
    for (int i = 0; i < 3; i++) {
        uv_run(&one, UV_RUN_NOWAIT);
        on_helper(wait_for_one);
        uv_timer_start(&timer, nothing, 1, 0);
    }
    close_it(&timer);
    run_to_end();
}

/* Another loop at the address, and maybe with the descriptor, of one that is gone. */
static void reused(void)
{
    start(&one, &timer, close_it);
    on_helper(run_to_end);
    uv_loop_close(&one);
    uv_loop_init(&one);
    start(&one, &timer, close_it);
    run_to_end();
}

static void run_and_close(void)
{
    uv_loop_t own;
    uv_timer_t handle;
    uv_loop_init(&own);
    start(&own, &handle, close_it);
    uv_run(&own, UV_RUN_DEFAULT);
    uv_loop_close(&own);
}

static void two_in_a_row(void)
{
    run_and_close();
    dup(0); /* what the first one had is not to be had again */
    run_and_close();
}

/* Loops that one thread has run to their ends and closed, and the descriptors of these, which are
 * now another thread's. */
static void in_a_row(void)
{
    on_helper(two_in_a_row);
    run_and_close();
    run_and_close();
}

/* A handle that lives on another loop than before. */
static void moved(void)
{
    start(&two, &timer, close_it);
    uv_run(&two, UV_RUN_DEFAULT);
    start(&one, &timer, close_it);
    on_helper(run_to_end);
}

static void nest(uv_timer_t *handle)
{
    start(&two, &other, close_it);
    uv_run(&two, UV_RUN_DEFAULT);
    uv_timer_start(&timer, close_it, 1, 0);
}

/* A loop run to its end inside of a callback of another one. */
static void nested(void)
{
    start(&one, &timer, nest);
    run_to_end();
}

static void turn(uv_timer_t *handle)
{
    sem_post(&turning);
    uv_timer_start(&timer, close_it, 200, 0);
}

static void run_turning(void)
{
    start(&one, &timer, turn);
    run_to_end();
}

/* While the helper runs it. */
static void wrong_other(void)
{
    order(run_turning);
    sem_wait(&turning);
    touch_one();
    sem_wait(&done);
}

/* The same, though that thread has run and closed others before. */
static void wrong_after_others(void)
{
    in_a_row();
    wrong_other();
}

static void touch_outer(uv_timer_t *handle)
{
    on_helper(touch_one);
    close_it(handle);
}

static void nest_touched(uv_timer_t *handle)
{
    start(&two, &other, touch_outer);
    uv_run(&two, UV_RUN_DEFAULT);
}

/* The outer loop, while its thread runs another one inside. */
static void wrong_outer(void)
{
    start(&one, &timer, nest_touched);
    run_to_end();
}

/* Nobody runs it. */
static void idle(void)
{
    start(&one, &timer, nothing);
    on_helper(touch_one);
    uv_run(&two, UV_RUN_DEFAULT);
    on_helper(touch_one);
    run_to_end();
}

static int fired;

static void fire(uv_timer_t *handle)
{
    fired++;
}

/* A handle of the running loop, and its reference: what is blocked does not happen. */
static void wrong_start(void)
{
    uv_timer_init(&one, &other);
    order(run_turning);
    sem_wait(&turning);
    int result = uv_timer_start(&other, fire, 1, 0);
    uv_unref((uv_handle_t *)&other);
    sem_wait(&done);
    printf("started %d fired %d referenced %d\n", result, fired, uv_has_ref((uv_handle_t *)&other));
    close_it((uv_timer_t *)&other);
    run_to_end();
}

/* Two threads that run one loop at once. */
static void wrong_run(void)
{
    order(run_turning);
    sem_wait(&turning);
    uv_run(&one, UV_RUN_NOWAIT);
    sem_wait(&done);
}

static const struct {
    const char *name;
    void (*play)(void);
} plays[] = {{"handed-on", handed_on},
             {"polled", polled},
             {"embedded", embedded},
             {"reused", reused},
             {"in-a-row", in_a_row},
             {"moved", moved},
             {"nested", nested},
             {"idle", idle},
             {"wrong-other", wrong_other},
             {"wrong-after-others", wrong_after_others},
             {"wrong-outer", wrong_outer},
             {"wrong-run", wrong_run},
             {"wrong-start", wrong_start}};

int main(int argc, char **argv)
{
    pthread_t helper;
    sem_init(&wanted, 0, 0);
    sem_init(&done, 0, 0);
    sem_init(&turning, 0, 0);
    uv_loop_init(&one);
    uv_loop_init(&two);
    pthread_create(&helper, NULL, help, NULL);
    for (size_t i = 0; i < sizeof plays / sizeof *plays; i++)
        if (strcmp(plays[i].name, argv[1]) == 0)
            plays[i].play();
    order(NULL);
    pthread_join(helper, NULL);
    printf("closed %d %d\n", uv_loop_close(&one), uv_loop_close(&two));
    return 0;
}
