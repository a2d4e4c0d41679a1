/* SPDX-License-Identifier: MIT */
/* every_call: the rows of the families `sleep`, `dns` and `socket`. */
#include "every_call.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <resolv.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <threads.h>
#include <unistd.h>

extern int __poll_chk(struct pollfd *fds, nfds_t count, int timeout, size_t size);
extern int __ppoll_chk(struct pollfd *fds, nfds_t count, const struct timespec *timeout,
                       const sigset_t *mask, size_t size);
extern ssize_t __recv_chk(int fd, void *buffer, size_t size, size_t room, int flags);
extern ssize_t __recvfrom_chk(int fd, void *buffer, size_t size, size_t room, int flags,
                              struct sockaddr *address, socklen_t *length);

/* --- sleep
 * ------------------------------------------------------------------------------------------ */

static struct timespec slept_since;

static void sleeps_a_second(struct trial *t)
{
    t->time = (struct timespec){1, 0};
    argue(t, "1 s");
    clock_gettime(CLOCK_MONOTONIC, &slept_since);
}

static void sleeps_a_moment(struct trial *t)
{
    t->time = (struct timespec){0, 20000000};
    argue(t, "20 ms");
    clock_gettime(CLOCK_MONOTONIC, &slept_since);
}

static bool has_slept(struct trial *t)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (now.tv_sec - slept_since.tv_sec) * 1000000000L + now.tv_nsec - slept_since.tv_nsec >=
           t->time.tv_sec * 1000000000L + t->time.tv_nsec;
}

static const struct world second = {"second", COUNTS, .prepare = sleeps_a_second,
                                    .happened = has_slept};
static const struct world moment = {"moment", COUNTS, .prepare = sleeps_a_moment,
                                    .happened = has_slept};
static const struct world no_time = {"no-time", SILENT};
static const struct world moment_polled = {"nothing-to-wait-for", COUNTS, .rule = "sleep",
                                           .prepare = sleeps_a_moment, .happened = has_slept};
CASE(sleep, WORLDS(&second, &no_time), sleep((unsigned)t->time.tv_sec))
CASE(usleep, WORLDS(&moment, &no_time), usleep((useconds_t)(t->time.tv_nsec / 1000)))
CASE(nanosleep, WORLDS(&moment, &no_time), nanosleep(&t->time, NULL))
CASE(clock_nanosleep, WORLDS(&moment, &no_time),
     clock_nanosleep(CLOCK_MONOTONIC, t->time.tv_nsec ? 0 : TIMER_ABSTIME, &t->time, NULL))
CASE(thrd_sleep, WORLDS(&moment, &no_time), thrd_sleep(&t->time, NULL))
CASE(SYS_nanosleep, WORLDS(&moment, &no_time), syscall(SYS_nanosleep, &t->time, NULL))
CASE(SYS_clock_nanosleep, WORLDS(&moment, &no_time),
     syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &t->time, NULL))

/* --- dns
 * -------------------------------------------------------------------------------------------- */

static struct addrinfo *addresses;
static struct hostent host_entry;
static struct hostent *host_found;
static int host_error;

static void a_name(struct trial *t)
{
    t->host = "localhost";
    argue(t, "localhost");
}

static void a_name_and_a_service(struct trial *t)
{
    t->host = "localhost";
    argue(t, "localhost:80");
}

static void an_address(struct trial *t)
{
    t->host = "127.0.0.1";
}

static void a_short_address(struct trial *t)
{
    t->host = "127.1";
}

static void an_address_with_its_interface(struct trial *t)
{
    t->host = "fe80::1%1";
}

static void loopback(struct trial *t)
{
    t->address = (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(80), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static void named_loopback(struct trial *t)
{
    loopback(t);
    argue(t, "127.0.0.1:80");
}

static void numeric_loopback(struct trial *t)
{
    loopback(t);
    t->flags = NI_NUMERICHOST;
}

static long addresses_of(int result)
{
    if (result == 0)
        freeaddrinfo(addresses);
    return result;
}

static void loopback_itself(struct trial *t)
{
    loopback(t);
    argue(t, "127.0.0.1");
}

static const struct world name_and_service = {"name", COUNTS, .prepare = a_name_and_a_service};
static const struct world host_name = {"name", COUNTS, .prepare = a_name};
static const struct world digits = {"digits", SILENT, .prepare = an_address};
static const struct world short_digits = {"short", SILENT, .prepare = a_short_address};
static const struct world scoped = {"scoped", SILENT, .prepare = an_address_with_its_interface};
static const struct world of_address = {"address", COUNTS, .prepare = loopback_itself};
static const struct world name_of = {"name", COUNTS, .prepare = named_loopback};
static const struct world digits_of = {"digits", SILENT, .prepare = numeric_loopback};
#define HOST_NAMED WORLDS(&host_name, &digits, &short_digits)
CASE(getaddrinfo, WORLDS(&name_and_service, &digits, &short_digits, &scoped),
     addresses_of(getaddrinfo(t->host, "80", NULL, &addresses)))
CASE(gethostbyname, HOST_NAMED, gethostbyname(t->host) != NULL)
CASE(gethostbyname2, HOST_NAMED, gethostbyname2(t->host, AF_INET) != NULL)
CASE(gethostbyname_r, HOST_NAMED,
     gethostbyname_r(t->host, &host_entry, t->buffer, sizeof t->buffer, &host_found, &host_error))
CASE(gethostbyname2_r, HOST_NAMED,
     gethostbyname2_r(t->host, AF_INET, &host_entry, t->buffer, sizeof t->buffer, &host_found,
                      &host_error))
CASE(gethostbyaddr, WORLDS(&of_address), gethostbyaddr(&t->address.sin_addr, 4, AF_INET) != NULL)
CASE(gethostbyaddr_r, WORLDS(&of_address),
     gethostbyaddr_r(&t->address.sin_addr, 4, AF_INET, &host_entry, t->buffer, sizeof t->buffer,
                     &host_found, &host_error))
CASE(getnameinfo, WORLDS(&name_of, &digits_of),
     getnameinfo((struct sockaddr *)&t->address, sizeof t->address, t->buffer, 256, NULL, 0,
                 t->flags))

/* A server of our own, on a port of 127.0.0.1: it says to every question that there is one address.
 */
static pthread_once_t server_once = PTHREAD_ONCE_INIT;
static struct sockaddr_in server_address;
static _Atomic int questions;
static int questions_before;

static void *serve(void *arg)
{
    static const unsigned char record[] = {0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 9};
    int fd = *(int *)arg;
    unsigned char packet[1024];
    struct sockaddr_in from;
    for (;;) {
        socklen_t size = sizeof from;
        ssize_t length = recvfrom(fd, packet, 512, 0, (struct sockaddr *)&from, &size);
        if (length < 12)
            continue;
        questions++;
        packet[2] |= 0x80; /* an answer */
        packet[7] = 1;
        packet[11] = 0; /* no further records: length is the question's end without EDNS */
        memcpy(packet + length, record, sizeof record);
        sendto(fd, packet, (size_t)length + sizeof record, 0, (struct sockaddr *)&from, size);
    }
    return NULL;
}

static void start_server(void)
{
    static int fd;
    pthread_t thread;
    socklen_t size = sizeof server_address;
    server_address = (struct sockaddr_in){.sin_family = AF_INET,
                                          .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (bind(fd, (struct sockaddr *)&server_address, sizeof server_address) != 0 ||
        getsockname(fd, (struct sockaddr *)&server_address, &size) != 0 ||
        pthread_create(&thread, NULL, serve, &fd) != 0)
        abort();
}

static struct __res_state own_state;
static const unsigned char query[] = {0, 7,   1,   0,   0,   1,   0,   0,   0,   0,
                                      0, 0,   7,   'e', 'x', 'a', 'm', 'p', 'l', 'e',
                                      4, 't', 'e', 's', 't', 0,   0,   1,   0,   1};

static void ask_ours(res_state state)
{
    if (!(state->options & RES_INIT))
        res_ninit(state);
    state->nscount = 1;
    state->nsaddr_list[0] = server_address;
    state->retrans = 2;
    state->retry = 2;
    state->options &= ~(RES_USE_EDNS0 | RES_DNSRCH | RES_DEFNAMES);
}

static void server_is_there(struct trial *t)
{
    pthread_once(&server_once, start_server);
    t->host = "example.test";
    argue(t, "example.test");
    ask_ours(&own_state);
    questions_before = questions;
}

static void server_is_there_for_packets(struct trial *t)
{
    server_is_there(t);
    t->argument[0] = '\0';
}

static void server_is_there_for_a_domain(struct trial *t)
{
    server_is_there(t);
    t->host = "example";
    argue(t, "example");
}

static bool was_asked(struct trial *t)
{
    (void)t;
    return questions > questions_before;
}

/* The state that res_query() and its like use is the thread's: it is filled on its thread. */
static unsigned char *answer(struct trial *t)
{
    ask_ours(&_res);
    return (unsigned char *)t->buffer;
}

static const struct world resolved = {"name", COUNTS, .prepare = server_is_there,
                                      .happened = was_asked};
static const struct world resolved_domain = {
    "name", COUNTS, .prepare = server_is_there_for_a_domain, .happened = was_asked};
static const struct world resolved_packet = {
    "packet", COUNTS, .prepare = server_is_there_for_packets, .happened = was_asked};
CASE(res_query, WORLDS(&resolved), res_query(t->host, 1, 1, answer(t), 512))
CASE(res_search, WORLDS(&resolved), res_search(t->host, 1, 1, answer(t), 512))
CASE(res_querydomain, WORLDS(&resolved_domain),
     res_querydomain(t->host, "test", 1, 1, answer(t), 512))
CASE(res_nquerydomain, WORLDS(&resolved_domain),
     res_nquerydomain(&own_state, t->host, "test", 1, 1, answer(t), 512))

/* What programs that were built before glibc 2.34 import. */
#ifdef __x86_64__
#define OLD(symbol) __asm__(".symver old" #symbol "," #symbol "@GLIBC_2.2.5")
#else
#define OLD(symbol) __asm__(".symver old" #symbol "," #symbol "@GLIBC_2.17")
#endif
OLD(__res_query);
OLD(__res_search);
OLD(__res_nquery);
OLD(__res_nsearch);
extern __typeof(res_query) old__res_query, old__res_search;
extern __typeof(res_nquery) old__res_nquery, old__res_nsearch;
CASE(__res_query, WORLDS(&resolved), old__res_query(t->host, 1, 1, answer(t), 512))
CASE(__res_search, WORLDS(&resolved), old__res_search(t->host, 1, 1, answer(t), 512))
CASE(__res_nquery, WORLDS(&resolved), old__res_nquery(&own_state, t->host, 1, 1, answer(t), 512))
CASE(__res_nsearch, WORLDS(&resolved), old__res_nsearch(&own_state, t->host, 1, 1, answer(t), 512))
CASE(res_nquery, WORLDS(&resolved), res_nquery(&own_state, t->host, 1, 1, answer(t), 512))
CASE(res_nsearch, WORLDS(&resolved), res_nsearch(&own_state, t->host, 1, 1, answer(t), 512))
CASE(res_send, WORLDS(&resolved_packet), res_send(query, sizeof query, answer(t), 512))
CASE(res_nsend, WORLDS(&resolved_packet),
     res_nsend(&own_state, query, sizeof query, answer(t), 512))

/* --- sockets
 * ---------------------------------------------------------------------------------------- */

static void argue_address(struct trial *t, const struct sockaddr_in *address)
{
    argue(t, "127.0.0.1:%d", ntohs(address->sin_port));
}

/* `to` listens; its address is t->address. */
static void somebody_listens(struct trial *t)
{
    socklen_t size = sizeof t->address;
    t->address = (struct sockaddr_in){.sin_family = AF_INET,
                                      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    t->to = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (bind(t->to, (struct sockaddr *)&t->address, sizeof t->address) != 0 ||
        listen(t->to, 5) != 0 || getsockname(t->to, (struct sockaddr *)&t->address, &size) != 0)
        abort();
    argue_address(t, &t->address);
}

static void to_connect(struct trial *t)
{
    somebody_listens(t);
    t->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static void to_connect_later(struct trial *t)
{
    somebody_listens(t);
    t->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    t->error = EINPROGRESS;
}

static void to_connect_a_datagram(struct trial *t)
{
    somebody_listens(t);
    t->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

static bool was_connected(struct trial *t)
{
    t->got = accept(t->to, NULL, NULL);
    return t->got >= 0;
}

static const struct world connected = {"stream", COUNTS, .prepare = to_connect,
                                       .happened = was_connected};
static const struct world connected_later = {"non-blocking", SILENT, .prepare = to_connect_later};
static const struct world datagram_connected = {"datagram", SILENT,
                                                .prepare = to_connect_a_datagram};
CASE(connect, WORLDS(&connected, &connected_later, &datagram_connected),
     connect(t->fd, (struct sockaddr *)&t->address, sizeof t->address))

/* Here `fd` listens, and `to` is who connects. */
static void nobody_connects_yet(struct trial *t)
{
    somebody_listens(t);
    t->fd = t->to;
    fcntl(t->fd, F_SETFL, 0);
    t->to = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static void nobody_connects(struct trial *t)
{
    nobody_connects_yet(t);
    fcntl(t->fd, F_SETFL, O_NONBLOCK);
    t->error = EAGAIN;
}

static void connect_now(struct trial *t)
{
    if (connect(t->to, (struct sockaddr *)&t->address, sizeof t->address) != 0)
        abort();
}

static bool nobody_is_left(struct trial *t)
{
    fcntl(t->fd, F_SETFL, O_NONBLOCK);
    int left = accept(t->fd, NULL, NULL);
    if (left >= 0)
        close(left);
    return left < 0;
}

static const struct world awaited = {"blocking", COUNTS, .prepare = nobody_connects_yet,
                                     .meanwhile = connect_now, .happened = nobody_is_left};
static const struct world not_awaited = {"non-blocking", SILENT, .prepare = nobody_connects};
CASE(accept, WORLDS(&awaited, &not_awaited), keep(t, accept(t->fd, NULL, NULL)))
CASE(accept4, WORLDS(&awaited, &not_awaited), keep(t, accept4(t->fd, NULL, NULL, SOCK_CLOEXEC)))

/* `fd` is connected to `to`, which is at `address`. */
static void two_are_connected(struct trial *t)
{
    to_connect(t);
    int listening = t->to;
    if (connect(t->fd, (struct sockaddr *)&t->address, sizeof t->address) != 0)
        abort();
    t->to = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
    close(listening);
}

static void say_something(struct trial *t)
{
    if (send(t->to, "some", 4, 0) != 4)
        abort();
    pause_ms(1);
}

static void something_was_said(struct trial *t)
{
    two_are_connected(t);
    say_something(t);
    t->flags = MSG_DONTWAIT;
}

static void said_to_non_blocking(struct trial *t)
{
    two_are_connected(t);
    say_something(t);
    fcntl(t->fd, F_SETFL, O_NONBLOCK);
}

static void gives_up_soon(struct trial *t)
{
    two_are_connected(t);
    struct timeval moment_ = {0, 2000};
    setsockopt(t->fd, SOL_SOCKET, SO_RCVTIMEO, &moment_, sizeof moment_);
    t->error = EAGAIN;
}

static bool it_was_read(struct trial *t)
{
    int count = -1;
    return ioctl(t->fd, FIONREAD, &count) == 0 && count == 0;
}

static struct msghdr *message(struct trial *t)
{
    static struct msghdr header;
    header = (struct msghdr){.msg_iov = &t->part, .msg_iovlen = 1};
    return &header;
}

static struct mmsghdr *messages(struct trial *t)
{
    static struct mmsghdr header;
    header = (struct mmsghdr){.msg_hdr = *message(t)};
    return &header;
}

static const struct world received = {"blocking", COUNTS, .prepare = two_are_connected,
                                      .meanwhile = say_something, .happened = it_was_read};
static const struct world not_waited = {"dontwait", SILENT, .prepare = something_was_said,
                                        .happened = it_was_read};
static const struct world non_blocking = {"non-blocking", SILENT, .prepare = said_to_non_blocking,
                                          .happened = it_was_read};
static const struct world soon_over = {"short-timeout", COUNTS, .prepare = gives_up_soon};
#define RECEIVED WORLDS(&received, &not_waited, &non_blocking, &soon_over)
CASE(recv, RECEIVED, recv(t->fd, t->buffer, 4, t->flags))
CASE(recvfrom, RECEIVED, recvfrom(t->fd, t->buffer, 4, t->flags, NULL, NULL))
CASE(recvmsg, RECEIVED, recvmsg(t->fd, message(t), t->flags))
CASE(recvmmsg, RECEIVED, recvmmsg(t->fd, messages(t), 1, t->flags, NULL))
CASE(__recv_chk, RECEIVED, __recv_chk(t->fd, t->buffer, 4, sizeof t->buffer, t->flags))
CASE(__recvfrom_chk, RECEIVED,
     __recvfrom_chk(t->fd, t->buffer, 4, sizeof t->buffer, t->flags, NULL, NULL))

static void sent_without_waiting(struct trial *t)
{
    two_are_connected(t);
    t->flags = MSG_DONTWAIT;
}

static void sent_by_non_blocking(struct trial *t)
{
    two_are_connected(t);
    fcntl(t->fd, F_SETFL, O_NONBLOCK);
}

static void datagram(struct trial *t)
{
    socklen_t size = sizeof t->address;
    t->address = (struct sockaddr_in){.sin_family = AF_INET,
                                      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    t->to = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    t->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (bind(t->to, (struct sockaddr *)&t->address, sizeof t->address) != 0 ||
        getsockname(t->to, (struct sockaddr *)&t->address, &size) != 0 ||
        connect(t->fd, (struct sockaddr *)&t->address, sizeof t->address) != 0)
        abort();
    argue_address(t, &t->address);
}

static bool something_arrived(struct trial *t)
{
    char byte;
    pause_ms(1);
    return recv(t->to, &byte, 1, MSG_DONTWAIT | MSG_PEEK) == 1;
}

static const struct world sent = {"blocking", COUNTS, .prepare = two_are_connected,
                                  .happened = something_arrived};
static const struct world sent_now = {"dontwait", SILENT, .prepare = sent_without_waiting,
                                      .happened = something_arrived};
static const struct world sent_non_blocking = {
    "non-blocking", SILENT, .prepare = sent_by_non_blocking, .happened = something_arrived};
static const struct world sent_datagram = {"datagram", IF_SLOW, .prepare = datagram,
                                           .happened = something_arrived};
#define SENT WORLDS(&sent, &sent_now, &sent_non_blocking, &sent_datagram)
CASE(send, SENT, send(t->fd, t->buffer, 4, t->flags))
CASE(sendto, SENT, sendto(t->fd, t->buffer, 4, t->flags, NULL, 0))
CASE(sendmsg, SENT, sendmsg(t->fd, message(t), t->flags))
CASE(sendmmsg, SENT, sendmmsg(t->fd, messages(t), 1, t->flags))

#define NUMBERED(name, ...) ((int)syscall(SYS_##name, __VA_ARGS__))
CASE(SYS_connect, WORLDS(&connected, &connected_later, &datagram_connected),
     NUMBERED(connect, t->fd, &t->address, sizeof t->address))
CASE(SYS_accept, WORLDS(&awaited, &not_awaited), keep(t, NUMBERED(accept, t->fd, NULL, NULL)))
CASE(SYS_accept4, WORLDS(&awaited, &not_awaited),
     keep(t, NUMBERED(accept4, t->fd, NULL, NULL, SOCK_CLOEXEC)))
CASE(SYS_recvfrom, RECEIVED, NUMBERED(recvfrom, t->fd, t->buffer, 4, t->flags, NULL, NULL))
CASE(SYS_recvmsg, RECEIVED, NUMBERED(recvmsg, t->fd, message(t), t->flags))
CASE(SYS_recvmmsg, RECEIVED, NUMBERED(recvmmsg, t->fd, messages(t), 1, t->flags, NULL))
CASE(SYS_sendto, SENT, NUMBERED(sendto, t->fd, t->buffer, 4, t->flags, NULL, 0))
CASE(SYS_sendmsg, SENT, NUMBERED(sendmsg, t->fd, message(t), t->flags))
CASE(SYS_sendmmsg, SENT, NUMBERED(sendmmsg, t->fd, messages(t), 1, t->flags))

/* --- waits inside a turn
 * ---------------------------------------------------------------------------- */

static void waits_for_a_pipe(struct trial *t)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        abort();
    t->fd = ends[0];
    t->to = ends[1];
    argue_fd(t, t->fd);
    t->poll = (struct pollfd){.fd = t->fd, .events = POLLIN};
    t->time = (struct timespec){20, 0};
}

static void asks_a_pipe(struct trial *t)
{
    waits_for_a_pipe(t);
    t->time = (struct timespec){0, 0};
}

static void waits_for_a_loop(struct trial *t)
{
    struct epoll_event event = {.events = EPOLLIN};
    waits_for_a_pipe(t);
    t->got = epoll_create1(EPOLL_CLOEXEC);
    epoll_ctl(t->got, EPOLL_CTL_ADD, t->fd, &event);
    argue_fd(t, t->got);
}

static void asks_a_loop(struct trial *t)
{
    waits_for_a_loop(t);
    t->time = (struct timespec){0, 0};
}

static void fill_pipe(struct trial *t)
{
    if (write(t->to, "some", 4) != 4)
        abort();
}

static int ms(const struct trial *t)
{
    return (int)(t->time.tv_sec * 1000 + t->time.tv_nsec / 1000000);
}

static struct timeval *wait_of(struct trial *t)
{
    static struct timeval time;
    time = (struct timeval){t->time.tv_sec, t->time.tv_nsec / 1000};
    return &time;
}

static fd_set *set_of(struct trial *t)
{
    static fd_set set;
    FD_ZERO(&set);
    if (t->fd >= 0)
        FD_SET(t->fd, &set);
    return t->fd >= 0 ? &set : NULL;
}

static const struct world polled = {"pipe", COUNTS, .prepare = waits_for_a_pipe,
                                    .meanwhile = fill_pipe};
static const struct world asked_pipe = {"timeout-0", SILENT, .prepare = asks_a_pipe};
static const struct world nested = {"pipe", COUNTS, .prepare = waits_for_a_loop,
                                    .meanwhile = fill_pipe};
static const struct world asked_loop = {"timeout-0", SILENT, .prepare = asks_a_loop};
#define WAITED WORLDS(&polled, &asked_pipe, &moment_polled)
#define NESTED WORLDS(&nested, &asked_loop)
#define COUNT (nfds_t)(t->fd >= 0)
static struct epoll_event event_room[4];
CASE(epoll_wait, NESTED, epoll_wait(t->got, event_room, 4, ms(t)))
CASE(epoll_pwait, NESTED, epoll_pwait(t->got, event_room, 4, ms(t), NULL))
CASE(epoll_pwait2, NESTED, epoll_pwait2(t->got, event_room, 4, &t->time, NULL))
CASE(poll, WAITED, poll(&t->poll, COUNT, ms(t)))
CASE(__poll_chk, WAITED, __poll_chk(&t->poll, COUNT, ms(t), sizeof t->poll))
CASE(ppoll, WAITED, ppoll(&t->poll, COUNT, &t->time, NULL))
CASE(__ppoll_chk, WAITED, __ppoll_chk(&t->poll, COUNT, &t->time, NULL, sizeof t->poll))
CASE(select, WAITED, select(t->fd + 1, set_of(t), NULL, NULL, wait_of(t)))
CASE(pselect, WAITED, pselect(t->fd + 1, set_of(t), NULL, NULL, &t->time, NULL))

/* A descriptor that is no ring: the call is judged by what it asks for. */
static void no_ring(struct trial *t)
{
    there_is_an_open_file(t);
    t->flags = 1;
    t->error = EOPNOTSUPP;
}

static void no_ring_and_no_wait(struct trial *t)
{
    no_ring(t);
    t->flags = 0;
}

static const struct world ring_waits = {"waits", IF_SLOW, .prepare = no_ring};
static const struct world ring_submits = {"submits", SILENT, .prepare = no_ring_and_no_wait};
CASE(SYS_io_uring_enter, WORLDS(&ring_waits, &ring_submits),
     syscall(SYS_io_uring_enter, t->fd, 0, t->flags, 1 /* IORING_ENTER_GETEVENTS */, NULL, 0))
