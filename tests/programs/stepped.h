/* SPDX-License-Identifier: MIT */
/* Ways to run a loop, in the scene that argv[1] names: by steps with work between them, or not.
 * A file for each library includes this and gives:
 *   start()        makes a loop with a timer that fires every millisecond, and calls on_timer()
 *   step(), look() one round that waits, and one that does not
 *   run()          runs the loop until a second timer, made here, ends it
 * The file that is read says where from: work("/etc/between"). */
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define APART __attribute__((noinline, noclone))

static void start(void);
static void step(void);
static void look(void);
static void run(void);

static const char *in_callback;

static APART void work(const char *path)
{
    int fd = open(path, O_RDONLY);
    if (fd >= 0)
        close(fd);
    __asm__ volatile("" ::: "memory"); /* the call is none that is jumped to */
}

static void on_timer(void)
{
    if (in_callback)
        work(in_callback);
}

static APART void step_by_a_helper(void)
{
    step();
    __asm__ volatile("" ::: "memory");
}

static APART void ten_steps(void)
{
    for (int i = 0; i < 10; i++)
        step();
}

/* Reported: nine times each, for there are ten steps. */

static APART void between_steps(void)
{
    for (int i = 0; i < 10; i++) {
        step();
        work("/etc/between");
    }
}

static APART void between_looks(void)
{
    for (int i = 0; i < 10; i++) {
        look();
        work("/etc/between");
    }
}

static APART void between_steps_of_a_helper(void)
{
    for (int i = 0; i < 10; i++) {
        step_by_a_helper();
        work("/etc/between");
    }
}

static APART void between_steps_at_two_places(void)
{
    for (int i = 0; i < 10; i++) {
        step();
        work("/etc/between");
        look();
    }
}

static APART void step_and_work(void)
{
    step();
    work("/etc/between");
}

static APART void in_a_function_that_steps_once(void)
{
    for (int i = 0; i < 10; i++)
        step_and_work();
}

static APART void in_callbacks_of_steps(void)
{
    in_callback = "/etc/callback";
    ten_steps();
    in_callback = NULL;
    work("/etc/after");
}

static APART void in_a_call_that_never_ends(void)
{
    for (int i = 0;; i++) {
        step();
        work("/etc/between");
        if (i == 5)
            nanosleep(&(struct timespec){1000, 0}, NULL);
    }
}

/* Silent. */

static APART void after_one_step(void)
{
    step_by_a_helper();
    work("/etc/after");
}

static APART void after_one_look(void)
{
    look();
    work("/etc/after");
}

static APART void after_all_steps(void)
{
    for (int i = 0; i < 10; i++)
        step();
    work("/etc/after");
    work("/etc/after");
}

static APART void after_the_function_that_steps(void)
{
    ten_steps();
    work("/etc/after");
}

static APART void after_steps_here_and_there(void)
{
    step();
    work("/etc/after");
    look();
    work("/etc/after");
    step();
    work("/etc/after");
}

static APART void after_steps_of_a_helper_here_and_there(void)
{
    step_by_a_helper();
    work("/etc/after");
    step_by_a_helper();
    work("/etc/after");
}

static APART void between_jobs(void)
{
    for (int i = 0; i < 5; i++) {
        run();
        work("/etc/after");
    }
}

static APART void after_a_run_and_a_step(void)
{
    run();
    work("/etc/after");
    step();
    work("/etc/after");
    run();
    work("/etc/after");
}

#define SCENE(name)                                                                                \
    {                                                                                              \
#name, name                                                                                \
    }

static const struct {
    const char *name;
    void (*play)(void);
} scenes[] = {
    SCENE(between_steps),
    SCENE(between_looks),
    SCENE(between_steps_of_a_helper),
    SCENE(between_steps_at_two_places),
    SCENE(in_a_function_that_steps_once),
    SCENE(in_callbacks_of_steps),
    SCENE(in_a_call_that_never_ends),
    SCENE(after_one_step),
    SCENE(after_one_look),
    SCENE(after_all_steps),
    SCENE(after_the_function_that_steps),
    SCENE(after_steps_here_and_there),
    SCENE(after_steps_of_a_helper_here_and_there),
    SCENE(between_jobs),
    SCENE(after_a_run_and_a_step),
};

int main(int argc, char **argv)
{
    start();
    for (size_t i = 0; i < sizeof scenes / sizeof *scenes; i++)
        if (strcmp(scenes[i].name, argv[argc - 1]) == 0)
            scenes[i].play();
    return 0;
}
