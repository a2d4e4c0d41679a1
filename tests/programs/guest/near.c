/* SPDX-License-Identifier: MIT */
/* A function of a library that may be loaded privately, called while the program has an error of
 * the loader that it has not asked for yet. Built with -DLIBRARY that library, else the program,
 * which is linked to it. */
#include "turn.h"
#include <dlfcn.h>

int SSL_CTX_load_verify_file(void *context, const char *file);

#ifdef LIBRARY

int SSL_CTX_load_verify_file(void *context, const char *file)
{
    return context == NULL && file != NULL;
}

#else

static void load(const char *when)
{
    dlsym(RTLD_DEFAULT, "nobody_has_this_function");
    int loaded = SSL_CTX_load_verify_file(NULL, "/etc/hosts");
    const char *error = dlerror();
    printf("%s: %d, %s\n", when, loaded,
           error && strstr(error, "nobody_has") ? "its error" : "none");
}

int main(void)
{
    load("off the loop");
    turn();
    load("on the loop");
    load("on the loop");
    turn();
}

#endif
