/* detector/argument.c: each kind of argument in words, nonsense included. */
#include "detector/argument.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

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
