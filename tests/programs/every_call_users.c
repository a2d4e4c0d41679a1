/* SPDX-License-Identifier: MIT */
/* every_call: users that are listed, sessions, services and protocols. What the machine has of them
 * is tried first. */
#include "every_call.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netdb.h>
#include <pwd.h>
#include <shadow.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <utmp.h>
#include <utmpx.h>

extern int __getlogin_r_chk(char *name, size_t size, size_t room);

/* --- lists of users */

static void users_from_the_start(struct trial *t)
{
    (void)t;
    setpwent();
    setgrent();
    setspent();
}

static void shadow_from_the_start(struct trial *t)
{
    users_from_the_start(t);
    t->error = geteuid() == 0 ? 0 : EACCES;
}

static void end_of_users(struct trial *t)
{
    (void)t;
    endpwent();
    endgrent();
    endspent();
}

static struct passwd user;
static struct passwd *user_found;
static struct group group;
static struct group *group_found;
static const struct world first = {"first", COUNTS, .prepare = users_from_the_start,
                                   .clean = end_of_users};
static const struct world first_shadow = {"first", COUNTS, .prepare = shadow_from_the_start,
                                          .clean = end_of_users};
static const struct world from_the_start = {"start", IF_SLOW, .clean = end_of_users};
CASE(getpwent, WORLDS(&first), getpwent() != NULL)
CASE(getgrent, WORLDS(&first), getgrent() != NULL)
CASE(getspent, WORLDS(&first_shadow), getspent() != NULL)
CASE(getpwent_r, WORLDS(&first), getpwent_r(&user, t->buffer, sizeof t->buffer, &user_found))
CASE(getgrent_r, WORLDS(&first), getgrent_r(&group, t->buffer, sizeof t->buffer, &group_found))
CASE(setpwent, WORLDS(&from_the_start), (setpwent(), 0))
CASE(setgrent, WORLDS(&from_the_start), (setgrent(), 0))

static void there_may_be_a_login(struct trial *t)
{
    errno = CANARY;
    t->error = getlogin() ? 0 : errno;
}

static void there_may_be_a_login_by_value(struct trial *t)
{
    errno = CANARY;
    t->error = getlogin_r(t->buffer, 64) == 0 ? 0 : errno;
}

static const struct world login_name = {"login", COUNTS, .prepare = there_may_be_a_login};
static const struct world login_name_r = {"login", COUNTS,
                                          .prepare = there_may_be_a_login_by_value};
CASE(getlogin, WORLDS(&login_name), getlogin() != NULL)
CASE(__getlogin_r_chk, WORLDS(&login_name_r), __getlogin_r_chk(t->buffer, 64, 64))
CASE(getlogin_r, WORLDS(&login_name_r), getlogin_r(t->buffer, 64))

/* --- sessions: in a file of ours, with one in it */

static struct utmp session;
static struct utmpx session_x;

static void there_is_a_session(struct trial *t)
{
    memset(&session, 0, sizeof session);
    session.ut_type = USER_PROCESS;
    memcpy(session.ut_id, "ec", 2);
    strcpy(session.ut_line, "pts/every");
    strcpy(session.ut_user, "nobody");
    memcpy(&session_x, &session, sizeof session_x);
    int fd = open(t->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, &session, sizeof session) != sizeof session || close(fd) != 0)
        abort();
    utmpname(t->path);
    setutent();
}

static void another_session_comes(struct trial *t)
{
    there_is_a_session(t);
    memcpy(session.ut_id, "ed", 2);
    memcpy(session_x.ut_id, "ed", 2);
}

static void another_session_is_told(struct trial *t)
{
    another_session_comes(t);
    argue(t, "%s", t->path);
}

static bool there_are_two(struct trial *t)
{
    return size_of(t->path) == 2 * (long)sizeof session;
}

static void end_of_sessions(struct trial *t)
{
    (void)t;
    endutent();
    utmpname("/var/run/utmp");
}

static const struct world a_session = {"session", COUNTS, .prepare = there_is_a_session,
                                       .clean = end_of_sessions};
static const struct world sessions_start = {"start", IF_SLOW, .prepare = there_is_a_session,
                                            .clean = end_of_sessions};
static const struct world new_session = {"new", COUNTS, .prepare = another_session_comes,
                                         .happened = there_are_two, .clean = end_of_sessions};
static const struct world noted_session = {"new", COUNTS, .prepare = another_session_is_told,
                                           .happened = there_are_two, .clean = end_of_sessions};
CASE(setutent, WORLDS(&sessions_start), (setutent(), 0))
CASE(getutent, WORLDS(&a_session), getutent() != NULL)
CASE(getutid, WORLDS(&a_session), getutid(&session) != NULL)
CASE(getutline, WORLDS(&a_session), getutline(&session) != NULL)
CASE(pututline, WORLDS(&new_session), pututline(&session) != NULL)
CASE(updwtmp, WORLDS(&noted_session), (updwtmp(t->path, &session), 0))
CASE(setutxent, WORLDS(&sessions_start), (setutxent(), 0))
CASE(getutxent, WORLDS(&a_session), getutxent() != NULL)
CASE(getutxid, WORLDS(&a_session), getutxid(&session_x) != NULL)
CASE(getutxline, WORLDS(&a_session), getutxline(&session_x) != NULL)
CASE(pututxline, WORLDS(&new_session), pututxline(&session_x) != NULL)
CASE(updwtmpx, WORLDS(&noted_session), (updwtmpx(t->path, &session_x), 0))

/* --- services and protocols */

static void there_may_be_services(struct trial *t)
{
    setservent(0);
    errno = CANARY;
    t->error = getservbyname("domain", "udp") ? 0 : errno;
    errno = CANARY;
}

static void a_service(struct trial *t)
{
    there_may_be_services(t);
    argue(t, "domain");
}

static void a_port(struct trial *t)
{
    there_may_be_services(t);
    argue(t, "53");
}

static void there_may_be_protocols(struct trial *t)
{
    errno = CANARY;
    t->error = getprotobyname("tcp") ? 0 : errno;
}

static void a_protocol(struct trial *t)
{
    there_may_be_protocols(t);
    argue(t, "tcp");
}

static void a_number(struct trial *t)
{
    there_may_be_protocols(t);
    argue(t, "6");
}

static struct servent service;
static struct servent *service_found;
static struct protoent protocol;
static struct protoent *protocol_found;
static const struct world service_named = {"name", COUNTS, .prepare = a_service};
static const struct world service_of_port = {"port", COUNTS, .prepare = a_port};
static const struct world first_service = {"first", COUNTS, .prepare = there_may_be_services};
static const struct world protocol_named = {"name", COUNTS, .prepare = a_protocol};
static const struct world protocol_of_number = {"number", COUNTS, .prepare = a_number};
#define PORT                                                                                       \
    ((int)(unsigned short)(53 << 8)) /* in network order: of a little-endian machine, as are all   \
                                        that offloop runs on */
#define ROOM t->buffer, sizeof t->buffer
CASE(getservbyname, WORLDS(&service_named), getservbyname("domain", "udp") != NULL)
CASE(getservbyport, WORLDS(&service_of_port), getservbyport(PORT, "udp") != NULL)
CASE(getservent, WORLDS(&first_service), getservent() != NULL)
CASE(getservbyname_r, WORLDS(&service_named),
     getservbyname_r("domain", "udp", &service, ROOM, &service_found))
CASE(getservbyport_r, WORLDS(&service_of_port),
     getservbyport_r(PORT, "udp", &service, ROOM, &service_found))
CASE(getprotobyname, WORLDS(&protocol_named), getprotobyname("tcp") != NULL)
CASE(getprotobynumber, WORLDS(&protocol_of_number), getprotobynumber(6) != NULL)
CASE(getprotobyname_r, WORLDS(&protocol_named),
     getprotobyname_r("tcp", &protocol, ROOM, &protocol_found))
CASE(getprotobynumber_r, WORLDS(&protocol_of_number),
     getprotobynumber_r(6, &protocol, ROOM, &protocol_found))
