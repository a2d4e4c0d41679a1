/* SPDX-License-Identifier: MIT */
/* For programs built with a sanitizer: loops in three threads, with all that both sides stand in front of: threads that
 * are joined, locks that somebody has, semaphores, conditions, forks, children, plug-ins. The word says which fault of
 * its own it has: none, leak, overflow, race, undefined or unset. */
#include "turn.h"

#include <dlfcn.h>
#include <semaphore.h>
#include <spawn.h>
#include <threads.h>

extern char **environ;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t both = PTHREAD_RWLOCK_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static pthread_spinlock_t spin;
static sem_t free_slots;
static int under_mutex, under_both, under_spin, handed_over, state;
static int raced;
int sink;

static void begin_turn(int fd)
{
    struct epoll_event event;
    epoll_wait(fd, &event, 1, 1);
}

static void *briefly(void *answer)
{
    return answer;
}

static void *for_a_while(void *answer)
{
    struct timespec pause = {.tv_nsec = 20000000};
    nanosleep(&pause, NULL);
    return answer;
}

static void join_both(void)
{
    pthread_t thread;
    void *answer = NULL;
    pthread_create(&thread, NULL, briefly, &thread);
    pthread_join(thread, &answer);
    if (answer != &thread)
        puts("a wrong answer");
    pthread_create(&thread, NULL, for_a_while, &thread);
    pthread_join(thread, NULL);
}

/* All threads do, so that some wait. */
static void take_locks(void)
{
    struct timespec pause = {.tv_nsec = 200000};
    pthread_mutex_lock(&mutex);
    under_mutex++;
    nanosleep(&pause, NULL);
    pthread_mutex_unlock(&mutex);
    pthread_rwlock_wrlock(&both);
    under_both++;
    nanosleep(&pause, NULL);
    pthread_rwlock_unlock(&both);
    pthread_rwlock_rdlock(&both);
    pthread_rwlock_unlock(&both);
    pthread_spin_lock(&spin);
    under_spin++;
    pthread_spin_unlock(&spin);
}

static void hand_over(void)
{
    sem_wait(&free_slots);
    handed_over++;
    sem_post(&free_slots);
}

static void wait_for_change(int at_least)
{
    pthread_mutex_lock(&mutex);
    state++;
    pthread_cond_broadcast(&changed);
    while (state < at_least)
        pthread_cond_wait(&changed, &mutex);
    pthread_mutex_unlock(&mutex);
}

enum { THREADS = 3, ROUNDS = 5 };

static void *loop(void *unused)
{
    int fd = epoll_create1(EPOLL_CLOEXEC);
    wait_for_change(THREADS);
    for (int round = 0; round < ROUNDS; round++) {
        begin_turn(fd);
        close(open("/etc/hosts", O_RDONLY));
        take_locks();
        hand_over();
    }
    begin_turn(fd);
    join_both();
    close(fd);
    return unused;
}

static void start_children(void)
{
    char *words[] = {"sh", "-c", "exit 3", NULL};
    int status = 0;
    pid_t child;
    if (posix_spawnp(&child, "sh", NULL, NULL, words, environ) == 0 && waitpid(child, &status, 0) == child)
        printf("sh %d\n", WEXITSTATUS(status));
    if ((child = fork()) == 0) {
        hit();
        _exit(4);
    }
    waitpid(child, &status, 0);
    printf("fork %d\n", WEXITSTATUS(status));
    if ((child = vfork()) == 0)
        _exit(5);
    waitpid(child, &status, 0);
    printf("vfork %d\n", WEXITSTATUS(status));
    FILE *pipe = popen("echo popen", "r");
    char line[20] = "";
    if (pipe && fgets(line, sizeof line, pipe))
        printf("%s", line);
    if (pipe)
        pclose(pipe);
}

static void load_something(void)
{
    void *library = dlopen("libm.so.6", RTLD_NOW);
    double (*cosine)(double);
    *(void **)&cosine = library ? dlsym(library, "cos") : NULL;
    printf("%d\n", cosine ? (int)cosine(0) : -1);
    if (library)
        dlclose(library);
}

static void *race(void *unused)
{
    for (int i = 0; i < 1000; i++)
        raced++;
    return unused;
}

static __attribute__((noinline)) void forget(void)
{
    char *volatile lost = malloc(77);
    lost[0] = 1;
    lost = NULL;
}

static void be_wrong(const char *how, int one)
{
    if (strcmp(how, "leak") == 0)
        for (int i = 0; i < 20; i++)
            forget();
    if (strcmp(how, "overflow") == 0) {
        char *volatile bytes = malloc(8);
        bytes[8 * one] = 1;
        free(bytes);
    }
    if (strcmp(how, "race") == 0) {
        pthread_t thread;
        pthread_create(&thread, NULL, race, NULL);
        race(NULL);
        pthread_join(thread, NULL);
    }
    if (strcmp(how, "undefined") == 0)
        sink = one + 0x7fffffff;
    if (strcmp(how, "unset") == 0) {
        int *number = malloc(sizeof *number);
        if (*number == 42)
            puts("42");
        free(number);
    }
}

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE);
    sem_init(&free_slots, 0, 1);
    turn();
    load_something();
    start_children();
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, loop, NULL);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    printf("%d %d %d %d\n", under_mutex, under_both, under_spin, handed_over);
    turn();
    be_wrong(argc > 1 ? argv[1] : "none", argc > 1);
    close(epfd);
    puts("done");
    return 0;
}
