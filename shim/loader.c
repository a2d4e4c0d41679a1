/* dlopen(). The real one looks at its return address to know whose RPATH applies and in which
 * namespace to load. Off the loop we jump there, so it sees our caller. On the loop the call has to
 * return to us: then the caller's own search path is walked here first, and the real one gets the
 * file that was found. */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../detector/module.h"
#include "../detector/rawio.h"
#include "wrap.h"

typedef void *dlopen_function(const char *file, int flags);

/* The loader's search list for that module: RPATH, LD_LIBRARY_PATH, RUNPATH, the system's folders.
 */
static bool search_in(void *handle, const char *file, char *found, size_t size)
{
    union {
        Dl_serinfo info;
        char room[4096];
    } buffer;
    Dl_serinfo *list = &buffer.info;
    if (dlinfo(handle, RTLD_DI_SERINFOSIZE, list) != 0 || list->dls_size > sizeof buffer ||
        dlinfo(handle, RTLD_DI_SERINFO, list) != 0)
        return false; /* a very long LD_LIBRARY_PATH: the plain name has to do */
    for (unsigned i = 0; i < list->dls_cnt; i++) {
        struct stat status;
        struct ol_text path = ol_text_in(found, size);
        ol_text_add(&path, list->dls_serpath[i].dls_name);
        ol_text_add_char(&path, '/');
        ol_text_add(&path, file);
        if (!path.cut && ol_raw_lstat(found, &status) == 0)
            return true;
    }
    return false;
}

static bool found_for(const void *caller, const char *file, char *found, size_t size)
{
    struct ol_module module;
    if (!ol_module_find(caller, &module) || !module.map->l_name[0])
        return false;
    dlopen_function *real = (dlopen_function *)ol_real_get(OL_CALL_dlopen);
    void *handle = real(module.map->l_name, RTLD_LAZY | RTLD_NOLOAD);
    if (!handle)
        return false;
    bool found_it = search_in(handle, file, found, size);
    dlclose(handle);
    return found_it;
}

/* A failure whose dlerror() says why: a path that no system has. */
static void *refuse(dlopen_function *real)
{
    real("/offloop/dlopen is blocked on the loop thread", RTLD_LAZY);
    errno = EDEADLK;
    return NULL;
}

static __attribute__((noinline)) void *judged_dlopen(const void *caller, const char *file,
                                                     int flags)
{
    dlopen_function *real = (dlopen_function *)ol_real_get(OL_CALL_dlopen);
    char found[1024];
    struct ol_hit hit;
    struct ol_argument argument = PATH(file);
    if (!ol_gate_enter(&hit, OL_CALL_dlopen, OL_RULE_dlopen, caller, &argument))
        return refuse(real);
    bool plain_name = !strchr(file, '/');
    void *handle = real(plain_name && found_for(caller, file, found, sizeof found) ? found : file,
                        flags);
    ol_gate_leave(&hit);
    return handle;
}

/* Loading what is loaded already, or the program itself, waits for nothing. */
static __attribute__((used)) void *wrap_dlopen(const char *file, int flags)
{
    if (ol_gate_is_open() || !file || !file[0] || flags & RTLD_NOLOAD)
        return REAL(dlopen)(file, flags);
    return judged_dlopen(OL_CALLER, file, flags);
}

OL_EXPORT(dlopen)
OL_CHECK_SIGNATURE(dlopen)
