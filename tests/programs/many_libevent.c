/* SPDX-License-Identifier: MIT */
/* A libevent loop on the main thread; while a callback of it waits, another thread does what
 * argv[2] names to an object of the loop. argv[1]: "plain" without locks, "locked" with evthread,
 * "nolock" with evthread and a base that takes no lock, "compat" without locks and by functions
 * that name no base. */
#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/dns.h>
#include <event2/event.h>
#include <event2/event_compat.h>
#include <event2/http.h>
#include <event2/thread.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct event_base *base;
static struct event *timer;
static struct bufferevent *pair[2];
static struct evbuffer *buffer;
static struct evdns_base *resolver;
static struct bufferevent_rate_limit_group *group;
static struct evhttp *server;
static struct evhttp_connection *client;
static struct evhttp_request *request;
static int port;

static void nothing(int fd, short events, void *unused)
{
}

static void make_pair(int options)
{
    bufferevent_pair_new(base, options, pair);
}

static void make_plain(void)
{
    make_pair(0);
}

static void make_threadsafe(void)
{
    make_pair(BEV_OPT_THREADSAFE);
}

static void make_output(void)
{
    make_pair(0);
    buffer = bufferevent_get_output(pair[0]);
}

static void make_threadsafe_output(void)
{
    make_pair(BEV_OPT_THREADSAFE);
    buffer = bufferevent_get_output(pair[0]);
}

static void make_locked_output(void)
{
    make_output();
    evbuffer_enable_locking(buffer, NULL);
    buffer = bufferevent_get_output(pair[0]);
}

/* At the address of a buffer of a bufferevent that is gone, as likely as not. */
static void make_after(void)
{
    make_output();
    bufferevent_free(pair[0]);
    bufferevent_free(pair[1]);
    event_base_loop(base, EVLOOP_NONBLOCK);
    for (int i = 0; i < 100; i++)
        buffer = evbuffer_new();
}

static void make_alone(void)
{
    buffer = evbuffer_new();
}

static void make_deferred(void)
{
    buffer = evbuffer_new();
    evbuffer_defer_callbacks(buffer, base);
}

static void make_locked_deferred(void)
{
    buffer = evbuffer_new();
    evbuffer_enable_locking(buffer, NULL);
    evbuffer_defer_callbacks(buffer, base);
}

static void make_filter(void)
{
    make_pair(BEV_OPT_THREADSAFE);
    pair[0] = bufferevent_filter_new(pair[0], NULL, NULL, 0, NULL, NULL);
}

static void make_threadsafe_filter(void)
{
    make_pair(BEV_OPT_THREADSAFE);
    pair[0] = bufferevent_filter_new(pair[0], NULL, NULL, BEV_OPT_THREADSAFE, NULL, NULL);
}

static void make_resolver(void)
{
    resolver = evdns_base_new(base, 0);
}

static void make_group(void)
{
    struct timeval tick = {1, 0};
    group = bufferevent_rate_limit_group_new(base, ev_token_bucket_cfg_new(99, 99, 99, 99, &tick));
}

static void make_timer(void)
{
}

static void replied(struct evhttp_request *reply, void *unused)
{
    event_base_loopbreak(base);
}

static void in_a_thread(void);

static void reply_elsewhere(struct evhttp_request *of, void *unused)
{
    request = of;
    in_a_thread();
}

/* A server of the loop's, and a client that asks it. */
static void make_server(void)
{
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    server = evhttp_new(base);
    evhttp_set_gencb(server, reply_elsewhere, NULL);
    struct evhttp_bound_socket *bound = evhttp_bind_socket_with_handle(server, "127.0.0.1", 0);
    getsockname(evhttp_bound_socket_get_fd(bound), (struct sockaddr *)&address, &size);
    port = ntohs(address.sin_port);
    client = evhttp_connection_base_new(base, NULL, "127.0.0.1", port);
}

static void ask(void)
{
    make_server();
    evhttp_make_request(client, evhttp_request_new(replied, NULL), EVHTTP_REQ_GET, "/");
}

static void add_event(void)
{
    struct timeval soon = {0, 1000};
    printf("result %d\n", event_add(timer, &soon));
}

static void add_to_buffer(void)
{
    evbuffer_add(buffer, "x", 1);
}

static void add_to_output(void)
{
    evbuffer_add(bufferevent_get_output(pair[0]), "x", 1);
}

static void write_to_pair(void)
{
    bufferevent_write(pair[0], "x", 1);
}

static void make_and_enable(void)
{
    struct bufferevent *own = bufferevent_socket_new(base, -1, 0);
    bufferevent_setcb(own, NULL, NULL, NULL, NULL);
    bufferevent_enable(own, EV_READ);
}

static void set_option(void)
{
    evdns_base_set_option(resolver, "timeout", "1");
}

static void reset_totals(void)
{
    bufferevent_rate_limit_group_reset_totals(group);
}

static void send_reply(void)
{
    evhttp_send_reply(request, 200, "OK", NULL);
}

/* The request is this thread's until the loop is told. */
static void fill_reply(void)
{
    evbuffer_add(evhttp_request_get_output_buffer(request), "x", 1);
}

static void make_request(void)
{
    evhttp_make_request(client, evhttp_request_new(replied, NULL), EVHTTP_REQ_GET, "/");
}

static void set_timeout(void)
{
    evhttp_connection_set_timeout(client, 5);
}

static const struct play {
    const char *name;
    void (*make)(void);  /* before the loop runs */
    void (*touch)(void); /* in the other thread, while it runs */
} plays[] = {{"event", make_timer, add_event},
             {"bufferevent", make_plain, write_to_pair},
             {"threadsafe", make_threadsafe, write_to_pair},
             {"maker", make_timer, make_and_enable},
             {"output", make_output, add_to_buffer},
             {"output-got-there", make_plain, add_to_output},
             {"threadsafe-output", make_threadsafe_output, add_to_buffer},
             {"locked-output", make_locked_output, add_to_buffer},
             {"alone", make_alone, add_to_buffer},
             {"after", make_after, add_to_buffer},
             {"deferred", make_deferred, add_to_buffer},
             {"locked-deferred", make_locked_deferred, add_to_buffer},
             {"filter", make_filter, write_to_pair},
             {"threadsafe-filter", make_threadsafe_filter, write_to_pair},
             {"resolver", make_resolver, set_option},
             {"group", make_group, reset_totals},
             {"reply", ask, send_reply},
             {"filled-reply", ask, fill_reply},
             {"client", make_server, make_request},
             {"client-option", make_server, set_timeout}};
static const struct play *play;

static void *touch(void *unused)
{
    play->touch();
    return NULL;
}

static void in_a_thread(void)
{
    pthread_t thread;
    pthread_create(&thread, NULL, touch, NULL);
    pthread_join(thread, NULL);
}

static void tick(int fd, short events, void *unused)
{
    if (play->make != ask)
        in_a_thread();
    event_base_loopexit(base, &(struct timeval){0, 100000});
}

int main(int argc, char **argv)
{
    struct event_config *config = event_config_new();
    bool compat = strcmp(argv[1], "compat") == 0;
    if (strcmp(argv[1], "plain") != 0 && !compat)
        evthread_use_pthreads();
    if (strcmp(argv[1], "nolock") == 0)
        event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
    base = compat ? event_init() : event_base_new_with_config(config);
    event_config_free(config);
    for (size_t i = 0; i < sizeof plays / sizeof *plays; i++)
        if (strcmp(plays[i].name, argv[2]) == 0)
            play = &plays[i];
    timer = event_new(base, -1, EV_TIMEOUT, nothing, NULL);
    play->make();
    event_base_once(base, -1, EV_TIMEOUT, tick, NULL, &(struct timeval){0, 50000});
    if (compat)
        event_dispatch();
    else
        event_base_dispatch(base);
    puts("done");
    return 0;
}
