/* SPDX-License-Identifier: MIT */
/* Functions of odd_calls.c that are left in other ways than by returning, many times each, on the
 * loop: by exceptions, by jumps, by coroutines that go on elsewhere or nowhere, by a thread's end. */
#include "odd_calls.h"

#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <pthread.h>
#include <stdexcept>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

enum { TIMES = 4000, DEPTH = 6, STACK = 64 * 1024 };

static thread_local int loop;

static void begin_loop()
{
    epoll_event event = {};
    event.events = EPOLLIN;
    loop = epoll_create1(0);
    epoll_ctl(loop, EPOLL_CTL_ADD, eventfd(1, EFD_NONBLOCK), &event);
}

/* What was left in the turn before is over. */
static void next_turn()
{
    epoll_event event;
    epoll_wait(loop, &event, 1, 1000);
}

static void expect(bool good, const char *what)
{
    if (!good)
        printf("wrong: %s\n", what);
}

static int unwound;

struct Unwound {
    ~Unwound() { unwound++; }
};

static void throws_at(void *depth)
{
    Unwound here;
    long left = reinterpret_cast<long>(depth);
    if (!left)
        throw std::runtime_error("thrown");
    odd_calls(throws_at, reinterpret_cast<void *>(left - 1));
}

static void exceptions()
{
    int caught = 0;
    for (int i = 0; i < TIMES; i++) {
        next_turn();
        try {
            odd_calls(throws_at, reinterpret_cast<void *>(static_cast<long>(i % DEPTH)));
        } catch (const std::exception &error) {
            caught += std::strcmp(error.what(), "thrown") == 0;
        }
    }
    expect(caught == TIMES, "exceptions");
    expect(unwound > TIMES, "destructors");
}

static void jumps(void *back)
{
    longjmp(*static_cast<jmp_buf *>(back), 1);
}

static void jumping()
{
    static jmp_buf back;
    volatile int jumped = 0;
    for (volatile int i = 0; i < TIMES; i = i + 1) {
        next_turn();
        if (!setjmp(back))
            odd_calls(jumps, &back);
        else
            jumped = jumped + 1;
    }
    expect(jumped == TIMES, "jumps");
}

static ucontext_t host, guest;
static int begun, ended;

static void away(void *)
{
    swapcontext(&guest, &host);
}

static void run_guest()
{
    begun++;
    odd_calls(away, nullptr);
    odd_calls(away, nullptr);
    ended++;
    swapcontext(&guest, &host);
}

static void make_guest(void *stack)
{
    getcontext(&guest);
    guest.uc_stack.ss_sp = stack;
    guest.uc_stack.ss_size = STACK;
    guest.uc_link = nullptr;
    makecontext(&guest, run_guest, 0);
}

static void enter_guest(void *)
{
    swapcontext(&host, &guest);
}

static void *in_a_thread(void *)
{
    begin_loop();
    next_turn();
    odd_calls(enter_guest, nullptr);
    close(loop);
    return nullptr;
}

/* Of four coroutines one is left for ever, one comes back, one from another thread, one has its
 * stack taken away meanwhile. */
static void coroutines()
{
    static char stack[STACK] __attribute__((aligned(16)));
    for (int i = 0; i < TIMES / 2; i++) {
        void *own = mmap(nullptr, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        next_turn();
        make_guest(i % 4 == 3 ? own : stack);
        enter_guest(nullptr);
        if (i % 4 == 2 && i < 40) {
            pthread_t thread;
            pthread_create(&thread, nullptr, in_a_thread, nullptr);
            pthread_join(thread, nullptr);
            odd_calls(enter_guest, nullptr);
        } else if (i % 4 != 0) {
            odd_calls(enter_guest, nullptr);
            enter_guest(nullptr);
        }
        munmap(own, STACK);
    }
    expect(begun == TIMES / 2 && ended == TIMES / 8 * 3, "coroutines");
}

static void ends(void *)
{
    pthread_exit(nullptr);
}

static void *ending(void *)
{
    Unwound here;
    begin_loop();
    next_turn();
    odd_calls(ends, nullptr);
    return nullptr;
}

static void looks(void *depth)
{
    *static_cast<int *>(depth) = odd_depth();
}

int main()
{
    begin_loop();
    exceptions();
    jumping();
    coroutines();
    int before = unwound;
    pthread_t thread;
    pthread_create(&thread, nullptr, ending, nullptr);
    pthread_join(thread, nullptr);
    expect(unwound == before + 1, "a thread's end");
    next_turn();
    int deep = 0;
    odd_calls(looks, &deep);
    expect(deep >= 6, "frames beyond the call");
    puts("done");
}
