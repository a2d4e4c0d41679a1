/* SPDX-License-Identifier: MIT */
/* Blocking clients on the loop: argv[1] is "postgres" (argv[2]: a conninfo), "sqlite" (argv[2]: a
 * file) or "curl" (argv[2]: a URL). The libraries are loaded by name, so that one program serves.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "turn.h"

static const char *target;
static void *library;

static void *symbol(const char *name)
{
    void *found = dlsym(library, name);
    if (!found)
        exit(77);
    return found;
}

static void postgres(void)
{
    void *(*connect)(const char *) = symbol("PQconnectdb");
    void *(*exec)(void *, const char *) = symbol("PQexec");
    int (*status)(void *) = symbol("PQresultStatus");
    void *connection = connect(target);
    printf("status %d\n", status(exec(connection, "SELECT pg_sleep(0.05)")));
}

static void sqlite(void)
{
    void *database = NULL;
    int (*open)(const char *, void **) = symbol("sqlite3_open");
    int (*exec)(void *, const char *, void *, void *, char **) = symbol("sqlite3_exec");
    open(target, &database);
    printf("status %d\n", exec(database, "CREATE TABLE t (a)", NULL, NULL, NULL));
}

static void curl(void)
{
    void *(*init)(void) = symbol("curl_easy_init");
    int (*set)(void *, int, ...) = symbol("curl_easy_setopt");
    int (*perform)(void *) = symbol("curl_easy_perform");
    void *handle = init();
    set(handle, 10002, target); /* CURLOPT_URL */
    printf("\nstatus %d\n", perform(handle));
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name, *file;
        void (*run)(void);
    } clients[] = {{"postgres", "libpq.so.5", postgres},
                   {"sqlite", "libsqlite3.so.0", sqlite},
                   {"curl", "libcurl.so.4", curl}};
    for (int i = 0; argc > 2 && i < 3; i++) {
        if (strcmp(argv[1], clients[i].name) != 0)
            continue;
        target = argv[2];
        library = dlopen(clients[i].file, RTLD_NOW);
        if (!library)
            return 77;
        turn(clients[i].run);
    }
    return 0;
}
