/* SPDX-License-Identifier: MIT */
/* Arguments in words. The contract is in argument.h. */
#include "argument_inside.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "module.h"
#include "rawio.h"
#include "secret.h"

void ol_argument_add_string(struct ol_text *text, const void *string)
{
    char copy[OL_ARGUMENT_LONGEST];
    if (!string)
        ol_text_add(text, "NULL");
    else if (ol_raw_peek_string(string, copy, sizeof copy))
        ol_text_add(text, copy);
    else
        ol_text_add(text, "(unreadable)");
}

static void add_at(struct ol_text *text, const struct ol_argument *argument)
{
    char copy[OL_ARGUMENT_LONGEST];
    bool known = argument->text && ol_raw_peek_string(argument->text, copy, sizeof copy);
    if (argument->number != AT_FDCWD && (!known || copy[0] != '/')) {
        ol_argument_add_descriptor(text, (int)argument->number);
        if (!known || !copy[0])
            return;
        ol_text_add_char(text, '/');
    }
    ol_text_add(text, known ? copy : "(unreadable)");
}

static void add_unix(struct ol_text *text, const struct sockaddr_un *address, size_t size)
{
    size_t head = offsetof(struct sockaddr_un, sun_path);
    ol_text_add(text, "unix:");
    if (size <= head)
        return;
    if (address->sun_path[0])
        ol_text_add_bytes(text, address->sun_path, strnlen(address->sun_path, size - head));
    else {
        ol_text_add_char(text, '@');
        ol_text_add_bytes(text, address->sun_path + 1, size - head - 1);
    }
}

static void add_host_port(struct ol_text *text, int family, const void *host, uint16_t port)
{
    char digits[INET6_ADDRSTRLEN] = "";
    inet_ntop(family, host, digits, sizeof digits);
    ol_text_add(text, family == AF_INET6 ? "[" : "");
    ol_text_add(text, digits);
    ol_text_add(text, family == AF_INET6 ? "]:" : ":");
    ol_text_add_unsigned(text, ntohs(port));
}

void ol_argument_add_address(struct ol_text *text, const void *from, size_t size)
{
    union {
        struct sockaddr any;
        struct sockaddr_in in;
        struct sockaddr_in6 in6;
        struct sockaddr_un un;
    } address;
    memset(&address, 0, sizeof address);
    if (size > sizeof address)
        size = sizeof address;
    if (!from || size < sizeof address.any.sa_family || !ol_raw_peek(from, &address, size))
        return;
    switch (address.any.sa_family) {
    case AF_INET:
        add_host_port(text, AF_INET, &address.in.sin_addr, address.in.sin_port);
        break;
    case AF_INET6:
        add_host_port(text, AF_INET6, &address.in6.sin6_addr, address.in6.sin6_port);
        break;
    case AF_UNIX:
        add_unix(text, &address.un, size);
        break;
    default:
        ol_text_add(text, "address family ");
        ol_text_add_unsigned(text, address.any.sa_family);
    }
}

static void add_ip(struct ol_text *text, const void *from, int family)
{
    unsigned char address[sizeof(struct in6_addr)];
    char digits[INET6_ADDRSTRLEN] = "";
    size_t size = family == AF_INET    ? sizeof(struct in_addr)
                  : family == AF_INET6 ? sizeof(struct in6_addr)
                                       : 0;
    if (size && ol_raw_peek(from, address, size) &&
        inet_ntop(family, address, digits, sizeof digits))
        ol_text_add(text, digits);
}

/* The thread's name from /proc, without its newline. */
static void add_thread(struct ol_text *text, int tid)
{
    char path[64];
    char name[32] = "";
    struct ol_text where = OL_TEXT(path);
    ol_text_add(&where, "/proc/self/task/");
    ol_text_add_signed(&where, tid);
    ol_text_add(&where, "/comm");
    size_t length = ol_raw_read_file(path, name, sizeof name - 1);
    ol_text_add(text, ", held by thread ");
    ol_text_add_signed(text, tid);
    if (length > 1) {
        ol_text_add(text, " (");
        ol_text_add_bytes(text, name, strcspn(name, "\n"));
        ol_text_add_char(text, ')');
    }
}

/* A lock by its symbol, by its place in a module, or by its address. */
static void add_lock(struct ol_text *text, const struct ol_argument *argument)
{
    struct ol_module module;
    bool known = ol_module_find(argument->detail, &module);
    const char *symbol = known ? ol_module_object(&module, argument->detail) : NULL;
    if (symbol) {
        ol_text_add(text, symbol);
    } else if (known) {
        ol_text_add(text, ol_module_base_name(module.path));
        ol_text_add_char(text, '+');
        ol_text_add_hex(text, (uintptr_t)argument->detail - module.map->l_addr);
    } else {
        ol_text_add_hex(text, (uintptr_t)argument->detail);
    }
    if (argument->number > 0)
        add_thread(text, (int)argument->number);
}

static void add_pair_of_names(const char *words, struct ol_text *text)
{
    const char *arrow = strstr(words, " -> ");
    char first[OL_ARGUMENT_LONGEST];
    struct ol_text from = OL_TEXT(first);
    ol_text_add_bytes(&from, words, arrow ? (size_t)(arrow - words) : strlen(words));
    ol_secret_add_name(text, first, true);
    ol_text_add(text, arrow ? " -> " : "");
    ol_secret_add_name(text, arrow ? arrow + 4 : "", true);
}

/* Hosts, durations and processes are as they came: of commands ol_argument_add_process() keeps what
 * may be kept. */
static void add_name(const struct ol_argument *argument, const char *words, struct ol_text *text)
{
    switch (argument->kind) {
    case OL_ARGUMENT_text:
        if (argument->number == OL_TEXT_ours)
            ol_text_add(text, words);
        else
            ol_secret_add_name(text, words, argument->number == OL_TEXT_path);
        break;
    case OL_ARGUMENT_at:
    case OL_ARGUMENT_fd:
        ol_secret_add_name(text, words, true);
        break;
    case OL_ARGUMENT_pair:
        add_pair_of_names(words, text);
        break;
    case OL_ARGUMENT_format: /* the text of a message has no name */
        break;
    default:
        ol_text_add(text, words);
    }
}

void ol_argument_keep(const struct ol_argument *argument, const char *words, struct ol_text *text)
{
    if (ol_secret_kept() == OL_SECRET_none)
        return;
    if (ol_secret_kept() == OL_SECRET_names)
        add_name(argument, words, text);
    else if (strncmp(words, "pid ", 4) == 0) /* masked word by word */
        ol_text_add(text, words);
    else
        ol_secret_add(text, words);
}

void ol_argument_write(const struct ol_argument *argument, struct ol_text *text)
{
    switch (argument->kind) {
    case OL_ARGUMENT_none:
        break;
    case OL_ARGUMENT_text:
        ol_argument_add_string(text, argument->text);
        break;
    case OL_ARGUMENT_at:
        add_at(text, argument);
        break;
    case OL_ARGUMENT_fd:
        ol_argument_add_descriptor(text, (int)argument->number);
        break;
    case OL_ARGUMENT_polled:
        ol_argument_add_polled(text, argument->detail, (uint64_t)argument->number);
        break;
    case OL_ARGUMENT_ip:
        add_ip(text, argument->detail, (int)argument->number);
        break;
    case OL_ARGUMENT_format:
        ol_argument_add_format(text, argument->text, argument->detail);
        break;
    case OL_ARGUMENT_address:
        ol_argument_add_address(text, argument->detail, (size_t)argument->number);
        break;
    case OL_ARGUMENT_nanoseconds:
        ol_text_add_duration(text, (uint64_t)argument->number);
        break;
    case OL_ARGUMENT_host:
        ol_argument_add_string(text, argument->text ? argument->text : "");
        if (argument->detail) {
            ol_text_add_char(text, ':');
            ol_argument_add_string(text, argument->detail);
        }
        break;
    case OL_ARGUMENT_pair:
        ol_argument_add_string(text, argument->text);
        ol_text_add(text, " -> ");
        ol_argument_add_string(text, argument->detail);
        break;
    case OL_ARGUMENT_number:
        ol_text_add_signed(text, argument->number);
        break;
    case OL_ARGUMENT_lock:
        add_lock(text, argument);
        break;
    case OL_ARGUMENT_pid:
        ol_argument_add_process(text, argument->number);
        break;
    }
}
