/* SPDX-License-Identifier: MIT */
/* dlopen(). The real one looks at its return address to know whose RPATH applies and in which
 * namespace to load. Off the loop we jump there, so it sees our caller. On the loop the call has to
 * return to us: then a caller's own search path, where it has one, is walked here first. Whatever
 * is not found there, or can't be loaded from there, is left to the real one. */
#include <dlfcn.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../detector/dynamic.h"
#include "../detector/module.h"
#include "../detector/process.h"
#include "../detector/rawio.h"
#include "../detector/recorder.h"
#include "../detector/run.h"
#include "../detector/thread.h"
#include "../detector/unwinder.h"
#include "patch/patch.h"
#include "wrap.h"

typedef void *dlopen_function(const char *file, int flags);

static bool has_own_path(const struct link_map *map)
{
    struct ol_dynamic dynamic;
    ol_dynamic_read(map->l_ld, map->l_addr, &dynamic);
    return dynamic.has_own_path;
}

/* The loader's search list for that module: RPATH, LD_LIBRARY_PATH, RUNPATH, the system's folders.
 * A file of another machine is passed over, as the loader does. */
static void *load_from(void *list_of, const char *file, int flags, dlopen_function *real)
{
    union {
        Dl_serinfo info;
        char room[2048];
    } buffer;
    Dl_serinfo *list = &buffer.info;
    if (dlinfo(list_of, RTLD_DI_SERINFOSIZE, list) != 0 || list->dls_size > sizeof buffer ||
        dlinfo(list_of, RTLD_DI_SERINFO, list) != 0)
        return NULL; /* a very long LD_LIBRARY_PATH: the plain name has to do */
    void *handle = NULL;
    for (unsigned i = 0; i < list->dls_cnt && !handle; i++) {
        char found[512];
        struct stat status;
        struct ol_text path = OL_TEXT(found);
        ol_text_add(&path, list->dls_serpath[i].dls_name);
        ol_text_add_char(&path, '/');
        ol_text_add(&path, file);
        if (!path.cut && ol_raw_lstat(found, &status) == 0)
            handle = real(found, flags);
    }
    return handle;
}

/* A plain name, as the caller would find it; NULL where the real one finds the same from here. What
 * is loaded under that name already is not looked for. */
static __attribute__((noinline)) void *load_for(const void *caller, const char *file, int flags,
                                                dlopen_function *real)
{
    struct ol_module module;
    if (strchr(file, '/') || !ol_module_find(caller, &module) || !has_own_path(module.map))
        return NULL;
    void *loaded = real(file, RTLD_LAZY | RTLD_NOLOAD);
    if (loaded) {
        REAL_OF(dlclose)(loaded);
        return NULL;
    }
    void *handle = NULL;
    const char *name = module.map->l_name; /* the executable has none */
    void *list_of = real(name[0] ? name : NULL, RTLD_LAZY | RTLD_NOLOAD);
    if (list_of) {
        handle = load_from(list_of, file, flags, real);
        REAL_OF(dlclose)(list_of);
    }
    return handle;
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
    struct ol_call call;
    struct ol_argument argument = PATH(file);
    if (!ol_gate_enter(&call, OL_CALL_dlopen, OL_RULE_dlopen, caller, &argument))
        return refuse(real);
    void *handle = load_for(caller, file, flags, real);
    if (!handle)
        handle = real(file, flags);
    ol_gate_leave(&call);
    ol_patch_expect();
    ol_patch_catch_up();
    return handle;
}

static void *wrap_dlopen(const char *file, int flags);

/* Loading what is loaded already, or the program itself, waits for nothing. */
static __attribute__((noinline)) void *look_at_dlopen(const void *caller, const char *file,
                                                      int flags)
{
    if (flags & RTLD_DEEPBIND && file)
        ol_recorder_blind_spot(ol_module_base_name(file), "loaded with RTLD_DEEPBIND: it may find "
                                                          "the C library's functions before ours");
    if (ol_gate_is_open() || !file || !file[0] || flags & RTLD_NOLOAD)
        return REAL(dlopen)(file, flags);
    return judged_dlopen(caller, file, flags);
}

/* Before the program has the loader's lock, perhaps until a loop of its own has run. */
static __attribute__((noinline)) void load_ahead(void)
{
    bool other = ol_process_looks_closely && ol_process_is_another();
    if (ol_process.ready && !other)
        ol_unwinder_load();
}

/* Ends in a jump, as all that call it: the real one sees our caller. */
static inline __attribute__((always_inline)) void *pass_dlopen(const char *file, int flags)
{
    ol_real_function *known = OL_KNOWN(dlopen);
    ol_patch_expect();
    ol_self.plain_caller = NULL; /* a reactor may come that waits through it */
    if (ol_gate_is_open() && !(flags & RTLD_DEEPBIND) && OL_LIKELY(known != NULL))
        return ((dlopen_function *)known)(file, flags);
    return look_at_dlopen(OL_CALLER, file, flags);
}

/* Apart, so that the others save no registers for it. */
static __attribute__((noinline, cold)) void *first_dlopen(const char *file, int flags)
{
    load_ahead();
    return pass_dlopen(file, flags);
}

static __attribute__((used)) void *wrap_dlopen(const char *file, int flags)
{
    return OL_UNLIKELY(!ol_unwinder_tried) ? first_dlopen(file, flags) : pass_dlopen(file, flags);
}

static __attribute__((noinline)) void *judged_dlmopen(const void *caller, Lmid_t space,
                                                      const char *file, int flags)
{
    void *(*real)(Lmid_t, const char *,
                  int) = (void *(*)(Lmid_t, const char *, int))ol_real_get(OL_SLOT_dlmopen);
    struct ol_call call;
    struct ol_argument argument = PATH(file);
    if (!ol_gate_enter(&call, OL_CALL_dlmopen, OL_RULE_dlopen, caller, &argument))
        return refuse((dlopen_function *)ol_real_get(OL_SLOT_dlopen));
    void *handle = real(space, file, flags);
    ol_gate_leave(&call);
    return handle;
}

static void *wrap_dlmopen(Lmid_t space, const char *file, int flags);

static inline __attribute__((always_inline)) void *pass_dlmopen(Lmid_t space, const char *file,
                                                                int flags)
{
    if (ol_gate_is_open() || !file || !file[0] || flags & RTLD_NOLOAD)
        return REAL(dlmopen)(space, file, flags);
    return judged_dlmopen(OL_CALLER, space, file, flags);
}

static __attribute__((noinline, cold)) void *first_dlmopen(Lmid_t space, const char *file,
                                                           int flags)
{
    load_ahead();
    return pass_dlmopen(space, file, flags);
}

static __attribute__((used)) void *wrap_dlmopen(Lmid_t space, const char *file, int flags)
{
    return OL_UNLIKELY(!ol_unwinder_tried) ? first_dlmopen(space, file, flags)
                                           : pass_dlmopen(space, file, flags);
}

OL_EXPORT(dlmopen)
OL_CHECK_SIGNATURE(dlmopen)
OL_EXPORT(dlopen)
OL_CHECK_SIGNATURE(dlopen)

/* Where something really was unloaded, other code may follow at the same addresses. Most calls only
 * give a handle back. */
static __attribute__((noinline)) void look_for_unloaded(void)
{
    static _Atomic unsigned long long known;
    unsigned long long unloaded = ol_module_unloaded();
    if (atomic_exchange(&known, unloaded) == unloaded)
        return;
    ol_real_forget_near();
    ol_patch_forget_getters();
    if (ol_recorder) {
        ol_site_forget();
        ol_stack_forget();
        ol_run_forget();
    }
}

static __attribute__((used)) int wrap_dlclose(void *handle)
{
    int result = REAL(dlclose)(handle);
    look_for_unloaded();
    return result;
}

OL_EXPORT(dlclose)
OL_CHECK_SIGNATURE(dlclose)
