/* SPDX-License-Identifier: MIT */
/* C++ exceptions, longjmp() and cancellation through a guarded function on the loop. */
#include <csetjmp>
#include <cstdio>
#include <pthread.h>
#include <stdexcept>
#include <unistd.h>

extern "C" {
#include "guarded.h"
}
#include "turn.h"

static jmp_buf back;

static void throws()
{
    throw std::runtime_error("thrown");
}

static void jumps()
{
    longjmp(back, 1);
}

static void sleeps()
{
    sleep(30);
}

static void catches()
{
    try {
        guarded_throw(throws);
    } catch (const std::exception &error) {
        puts(error.what());
    }
}

static void jumps_back()
{
    if (!setjmp(back))
        guarded_throw(jumps);
    else
        puts("jumped");
}

struct Unwound {
    ~Unwound() { puts("unwound"); }
};

static void is_cancelled()
{
    Unwound unwound;
    guarded_throw(sleeps);
}

static void *run(void *)
{
    turn(is_cancelled);
    return nullptr;
}

int main()
{
    pthread_t thread;
    turn(catches);
    turn(jumps_back);
    pthread_create(&thread, nullptr, run, nullptr);
    usleep(100000);
    pthread_cancel(thread);
    pthread_join(thread, nullptr);
    puts("done");
}
