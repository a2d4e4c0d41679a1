/* SPDX-License-Identifier: MIT */
/* What a thread has besides its memory: errno, h_errno, dlerror(), its signal mask, how it rounds and what its sums have
 * raised. Each is set, a call is made, and each is shown. */
#include "turn.h"
#include <dlfcn.h>
#include <fenv.h>
#include <netdb.h>
#include <poll.h>

static void set(void)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGUSR2);
    pthread_sigmask(SIG_SETMASK, &signals, NULL);
    fesetround(FE_UPWARD);
    feclearexcept(FE_ALL_EXCEPT);
    feraiseexcept(FE_DIVBYZERO);
    h_errno = NO_DATA;
    dlsym(RTLD_DEFAULT, "nobody_has_this_function");
    errno = 77;
}

static void show(const char *what)
{
    int error = errno;
    const char *loader = dlerror();
    sigset_t signals;
    pthread_sigmask(SIG_BLOCK, NULL, &signals);
    printf("%s: errno %d, h_errno %d, round %d, raised %d, blocked %d%d, %s\n", what, error, h_errno, fegetround(),
           fetestexcept(FE_DIVBYZERO | FE_OVERFLOW | FE_INVALID), sigismember(&signals, SIGUSR2),
           sigismember(&signals, SIGUSR1), loader ? strstr(loader, "undefined") : "-");
}

#define KEEP(call)                                                                                                     \
    do {                                                                                                               \
        set();                                                                                                         \
        call;                                                                                                          \
        show(#call);                                                                                                   \
    } while (0)

static void look_up(void)
{
    struct addrinfo *found = NULL;
    if (getaddrinfo("localhost", NULL, NULL, &found) == 0)
        freeaddrinfo(found);
    errno = 77; /* which of its steps failed is the system's affair */
}

static void *thread(void *unused)
{
    struct epoll_event event;
    int own = epoll_create1(0);
    KEEP(epoll_wait(own, &event, 1, 0));
    KEEP(hit());
    close(own);
    return unused;
}

static void child(void)
{
    int status;
    pid_t pid = fork();
    if (!pid) {
        turn();
        hit();
        _exit(0);
    }
    waitpid(pid, &status, 0);
}

int main(void)
{
    struct pollfd none;
    pthread_t other;
    show("at first");
    KEEP(turn());
    KEEP(turn());
    KEEP(hit());
    KEEP(access("/none", F_OK));
    KEEP(close(open("/etc/hosts", O_RDONLY)));
    KEEP(usleep(1000));
    KEEP(poll(&none, 0, 1));
    KEEP(look_up());
    KEEP(child());
    turn();
    KEEP(hit());
    pthread_create(&other, NULL, thread, NULL);
    pthread_join(other, NULL);
    show("at last");
}
