/* SPDX-License-Identifier: MIT */
/* detector/argument.c: each kind of argument in words, nonsense included. */
#include "detector/argument.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "detector/command.h"
#include "detector/peer.h"
#include "detector/thread.h"

#define NONSENSE ((char *)16)

static char bytes[2400];

static const char *words(struct ol_argument argument)
{
    struct ol_text text = OL_TEXT(bytes);
    ol_argument_write(&argument, &text);
    return bytes;
}

Test(argument, none_is_nothing)
{
    cr_assert_str_eq(words(NONE), "");
}

Test(argument, a_string_is_itself)
{
    cr_assert_str_eq(words(PATH("/etc/hosts")), "/etc/hosts");
    cr_assert_str_eq(words(PATH("")), "");
    cr_assert_str_eq(words(PATH(NULL)), "NULL");
    cr_assert_str_eq(words(PATH(NONSENSE)), "(unreadable)");
}

Test(argument, a_long_string_is_cut)
{
    char name[5000];
    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    cr_assert_eq(strlen(words(PATH(name))), 1023);
}

Test(argument, a_path_below_a_folder)
{
    int folder = open("/etc", O_PATH | O_DIRECTORY);
    cr_assert_str_eq(words(AT(folder, "hosts")), "/etc/hosts");
    cr_assert_str_eq(words(AT(folder, "/abs")), "/abs");
    cr_assert_str_eq(words(AT(folder, "")), "/etc");
    cr_assert_str_eq(words(AT(AT_FDCWD, "hosts")), "hosts");
    cr_assert_str_eq(words(AT(AT_FDCWD, NONSENSE)), "(unreadable)");
    words(AT(folder, NONSENSE));
    words(AT(12345, "hosts"));
    close(folder);
}

Test(argument, a_descriptor_is_its_file)
{
    int fd = open("/dev/null", O_RDWR);
    cr_assert_str_eq(words(FD(fd)), "/dev/null");
    close(fd);
    char closed[20];
    snprintf(closed, sizeof closed, "fd %d", fd);
    cr_assert_str_eq(words(FD(fd)), closed);
    cr_assert_str_eq(words(FD(-1)), "");
}

Test(argument, a_host_and_its_service)
{
    cr_assert_str_eq(words(HOST("example.org", NULL)), "example.org");
    cr_assert_str_eq(words(HOST("example.org", "https")), "example.org:https");
    cr_assert_str_eq(words(HOST(NULL, "https")), ":https");
    cr_assert_str_eq(words(HOST("a", NONSENSE)), "a:(unreadable)");
}

Test(argument, addresses_of_each_family)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(80)};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(443)};
    inet_pton(AF_INET, "10.1.2.3", &in.sin_addr);
    inet_pton(AF_INET6, "::1", &in6.sin6_addr);
    cr_assert_str_eq(words(ADDRESS(&in, sizeof in)), "10.1.2.3:80");
    cr_assert_str_eq(words(ADDRESS(&in6, sizeof in6)), "[::1]:443");
    in.sin_family = 999;
    cr_assert_str_eq(words(ADDRESS(&in, sizeof in)), "address family 999");
}

Test(argument, addresses_that_make_no_sense)
{
    struct sockaddr_in in = {.sin_family = AF_INET};
    cr_assert_str_eq(words(ADDRESS(NULL, 16)), "");
    cr_assert_str_eq(words(ADDRESS(NONSENSE, 16)), "");
    cr_assert_str_eq(words(ADDRESS(&in, 0)), "");
    cr_assert_str_eq(words(ADDRESS(&in, 1)), "");
    words(ADDRESS(&in, 2));
}

Test(argument, addresses_of_local_sockets)
{
    struct sockaddr_un un = {.sun_family = AF_UNIX, .sun_path = "/run/x"};
    size_t head = offsetof(struct sockaddr_un, sun_path);
    cr_assert_str_eq(words(ADDRESS(&un, sizeof un)), "unix:/run/x");
    cr_assert_str_eq(words(ADDRESS(&un, head)), "unix:");
    memset(un.sun_path, 'p', sizeof un.sun_path);
    cr_assert_eq(strlen(words(ADDRESS(&un, sizeof un))), 5 + sizeof un.sun_path);
    memcpy(un.sun_path, "\0abs", 4);
    cr_assert_str_eq(words(ADDRESS(&un, head + 4)), "unix:@abs");
}

Test(argument, durations_up_to_for_ever)
{
    cr_assert_str_eq(words(NANOSECONDS(1500000)), "1.5 ms");
    cr_assert_str_eq(words(NANOSECONDS(INT64_C(4000000000) * 1000000000)), "4000000000 s");
    cr_assert_str_eq(words(PID(-1)), "pid -1");
}

Test(argument, two_paths)
{
    cr_assert_str_eq(words(PAIR("a", "b")), "a -> b");
    cr_assert_str_eq(words(PAIR(NONSENSE, NULL)), "(unreadable) -> NULL");
}

Test(argument, an_address_alone)
{
    struct in6_addr loopback = IN6ADDR_LOOPBACK_INIT;
    cr_assert_str_eq(words(IP("\x7f\0\0\1", AF_INET)), "127.0.0.1");
    cr_assert_str_eq(words(IP(&loopback, AF_INET6)), "::1");
    cr_assert_str_eq(words(IP("abcd", AF_UNIX)), "");
    cr_assert_str_eq(words(IP(NONSENSE, AF_INET)), "");
}

/* --- formats --- */

static __attribute__((format(printf, 1, 2))) const char *said(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    const char *result = words(FORMAT(format, list));
    va_end(list);
    return result;
}

Test(argument, a_format_has_its_arguments)
{
    cr_assert_str_eq(said("%s", "100%"), "100%");
    cr_assert_str_eq(said("%d of %5.2u%%, %c, %x %X %o", -7, 8u, 'z', 255u, 255u, 8u),
                     "-7 of 8%, z, ff FF 10");
    cr_assert_str_eq(said("%ld %lu %zu %lld", -1L, 2UL, (size_t)3, -4LL), "-1 2 3 -4");
    cr_assert_str_eq(said("%hhd %hu", (signed char)5, (unsigned short)6), "5 6");
    cr_assert_str_eq(said("%.3s|%.*s|%*s", "abcdef", 2, "xyz", 9, "w"), "abc|xy|w");
    cr_assert_str_eq(said("%.0s!", "abc"), "!");
    cr_assert_str_eq(said("%s then %s", NONSENSE, "more"), "(unreadable) then more");
}

Test(argument, what_a_format_can_not_say_stays_as_it_is_written)
{
    cr_assert_str_eq(said("%g %s %.2Lf %d", 1.5, "two", 3.0L, 4), "%g two %.2Lf 4");
    errno = ENOENT;
    cr_assert_str_eq(said("%m: %s", "why"), "%m: why");
    cr_assert_str_eq(said("%ls %d", L"wide", 1), "%ls %d");
}

static const char *said_wrong(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    const char *result = words(FORMAT(format, list));
    va_end(list);
    return result;
}

Test(argument, formats_that_make_no_sense)
{
    cr_assert_str_eq(said_wrong("ends in %"), "ends in %");
    cr_assert_str_eq(said_wrong("%ll"), "%ll");
    cr_assert_str_eq(said_wrong("%y"), "%y");
    cr_assert_str_eq(said_wrong("%99999999999999d", 1), "%99999999999999d");
    cr_assert_str_eq(said_wrong("%s", NULL), "(null)");
    cr_assert_str_eq(said_wrong(NULL), "NULL");
    cr_assert_str_eq(said_wrong(NONSENSE), "(unreadable)");
}

/* --- descriptors that wait for others --- */

static struct sockaddr_in listening_at;

static int listener(void)
{
    socklen_t size = sizeof listening_at;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    listening_at = (struct sockaddr_in){.sin_family = AF_INET,
                                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    cr_assert_eq(bind(fd, (struct sockaddr *)&listening_at, sizeof listening_at), 0);
    cr_assert_eq(listen(fd, 8), 0);
    cr_assert_eq(getsockname(fd, (struct sockaddr *)&listening_at, &size), 0);
    return fd;
}

static int connected(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    cr_assert_eq(connect(fd, (struct sockaddr *)&listening_at, sizeof listening_at), 0);
    return fd;
}

static const char *peer_words(const char *format)
{
    static char expected[200];
    char peer[40];
    snprintf(peer, sizeof peer, "127.0.0.1:%u", ntohs(listening_at.sin_port));
    snprintf(expected, sizeof expected, format, peer, peer, peer);
    return expected;
}

static void watch(int epoll, int fd)
{
    struct epoll_event event = {.events = EPOLLIN};
    cr_assert_eq(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event), 0);
}

#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-extra-args"

Test(argument, an_epoll_descriptor_is_the_peers_that_it_waits_for)
{
    int epoll = epoll_create1(0);
    listener();
    cr_assert_str_eq(words(FD(epoll)), "anon_inode:[eventpoll]");
    watch(epoll, eventfd(0, 0));
    cr_assert_str_eq(words(FD(epoll)), "anon_inode:[eventpoll]");
    watch(epoll, connected());
    cr_assert_str_eq(words(FD(epoll)), peer_words("%s"));
    for (int i = 0; i < 4; i++)
        watch(epoll, connected());
    cr_assert_str_eq(words(FD(epoll)), peer_words("%s, %s, %s and 2 more"));
}

Test(argument, an_epoll_descriptor_without_peers_waits_for_the_child_of_its_turn)
{
    int epoll = epoll_create1(0);
    watch(epoll, eventfd(0, 0));
    ol_self.child = 1;
    ol_self.child_turn = ol_self.turn_started = 5;
    cr_assert_eq(strncmp(words(FD(epoll)), "pid 1", 5), 0);
    ol_self.turn_started = 6;
    cr_assert_str_eq(words(FD(epoll)), "anon_inode:[eventpoll]");
}

Test(argument, a_poll_is_the_first_that_has_a_peer)
{
    listener();
    struct pollfd fds[] = {{.fd = -1}, {.fd = eventfd(0, 0)}, {.fd = connected()}};
    cr_assert_str_eq(words(POLLED(fds, 3)), peer_words("%s"));
    cr_assert_str_eq(words(POLLED(fds, 2)), "anon_inode:[eventfd]");
    cr_assert_str_eq(words(POLLED(fds, 1)), "");
    cr_assert_str_eq(words(POLLED(NONSENSE, 3)), "");
}

Test(argument, a_connect_in_progress_has_the_peer_that_it_was_given)
{
    int full = listener();
    cr_assert_eq(listen(full, 0), 0);
    int fds[4];
    for (int i = 0; i < 4; i++) { /* the queue takes one or two: the last ones are on their way */
        fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        connect(fds[i], (struct sockaddr *)&listening_at, sizeof listening_at);
        ol_peer_connecting(fds[i], &listening_at, sizeof listening_at);
    }
    cr_assert_str_eq(words(FD(fds[3])), peer_words("%s"));
    ol_peer_forget(fds[3]);
    cr_assert_str_neq(words(FD(fds[3])), peer_words("%s"));
    cr_assert_str_eq(words(FD(full)), peer_words("%s"));
}

Test(argument, a_number_that_is_used_again_has_no_peer_of_before)
{
    listener();
    struct sockaddr_in other = {.sin_family = AF_INET, .sin_port = htons(1)};
    int fd = connected();
    ol_peer_connecting(fd, &other, sizeof other);
    cr_assert_str_eq(words(FD(fd)), peer_words("%s"));
    ol_peer_connecting(fd, NONSENSE, sizeof other);
    ol_peer_connecting(fd, &other, 4000);
}

/* --- processes --- */

static const char *of_child(pid_t pid, const char *format)
{
    static char expected[400];
    snprintf(expected, sizeof expected, format, (int)pid);
    return expected;
}

Test(argument, a_child_is_its_command)
{
    pid_t pid = fork();
    if (pid == 0) {
        execlp("sleep", "sleep", "5", NULL);
        _exit(1);
    }
    char path[40];
    char link[200] = "";
    snprintf(path, sizeof path, "/proc/%d/exe", (int)pid);
    for (int i = 0; i < 1000 && !strstr(link, "sleep") && !strstr(link, "coreutils"); i++) {
        usleep(5000);
        ssize_t length = readlink(path, link, sizeof link - 1);
        link[length > 0 ? length : 0] = '\0';
    }
    cr_assert_str_eq(words(PID(pid)), of_child(pid, "pid %d (sleep 5)"));
    kill(pid, SIGKILL);
    siginfo_t info;
    waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
    cr_assert_str_eq(words(PID(pid)), of_child(pid, "pid %d (sleep)"));
    waitpid(pid, NULL, 0);
    cr_assert_str_eq(words(PID(pid)), of_child(pid, "pid %d"));
}

Test(argument, a_childs_exec_keeps_its_command_for_whoever_waits)
{
    ol_command_prepare();
    pid_t pid = fork();
    if (pid == 0) {
        ol_command_note(getpid(), (const char *[]){"git", "rev-parse", "HEAD", NULL});
        _exit(0);
    }
    siginfo_t info;
    waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
    cr_assert_str_eq(words(PID(pid)), of_child(pid, "pid %d (git rev-parse HEAD)"));
    waitpid(pid, NULL, 0);
}

Test(argument, a_child_that_is_a_copy_of_this_program_is_a_number)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    siginfo_t info;
    waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
    cr_assert_str_eq(words(PID(pid)), of_child(pid, "pid %d"));
    waitpid(pid, NULL, 0);
}

Test(argument, a_long_command_is_cut)
{
    char word[900];
    memset(word, 'a', sizeof word - 1);
    word[sizeof word - 1] = '\0';
    ol_command_note(getpid(), (char *[]){word, word, NULL});
    const char *made = words(PID(getpid()));
    cr_assert_lt(strlen(made), 270);
    cr_assert_str_eq(made + strlen(made) - 4, "...)");
    ol_command_note(getpid(), NONSENSE);
}
