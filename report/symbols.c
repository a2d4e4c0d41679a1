/* SPDX-License-Identifier: MIT */
/* Modules by libdwfl, one session each, so that they need no places that don't overlap; what was
 * found for an address is kept, since a thousand records of a run share most of theirs. */
#include "symbols.h"

#include <elfutils/libdwfl.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "intern.h"
#include "say.h"
#include "symbols_debug.h"

#define DEBUG_FOLDER "/usr/lib/debug"

/* What an address stands for. */
struct found {
    const struct ol_frame *frames;
    size_t count;
};

struct ol_symbols_module {
    struct ol_symbols_module *next;
    struct ol_symbols *symbols;
    const char *path;
    uint8_t build_id[20];
    size_t build_id_size;
    Dwfl *session;
    Dwfl_Module *dwfl; /* NULL: nothing can be found */
    const char *trouble;
    struct ol_intern addresses;
    struct found *found; /* by number of the address */
    size_t found_room;
};

struct ol_symbols {
    struct obstack *pool;
    const char *sysroot;
    char *debug_path;  /* as libdwfl wants it: places for separate debug files */
    char **debug_dirs; /* the folders among them, ended by NULL */
    Dwfl_Callbacks callbacks;
    struct ol_symbols_module *modules;
};

/* The user's folders first, then those below the sysroot and the system's own. */
static void set_debug_path(struct ol_symbols *symbols, const char *folders)
{
    struct obstack *pool = symbols->pool;
    const char *rooted = symbols->sysroot
                             ? ol_pool_format(pool, ":%s" DEBUG_FOLDER, symbols->sysroot)
                             : "";
    char *state, *list = ol_pool_format(pool, "%s%s%s:" DEBUG_FOLDER, folders ? ":" : "",
                                        folders ? folders : "", rooted);
    size_t count = 0;
    symbols->debug_path = ol_pool_format(pool, "-:.debug%s%s", *list == ':' ? "" : ":", list);
    symbols->debug_dirs = ol_pool_array(pool, strlen(list) + 1, sizeof(char *));
    for (char *folder = strtok_r(list, ":", &state); folder; folder = strtok_r(NULL, ":", &state))
        symbols->debug_dirs[count++] = folder;
}

struct ol_symbols *ol_symbols_begin(struct obstack *pool, const struct ol_lookup *lookup)
{
    unsetenv("DEBUGINFOD_URLS"); /* a report must not wait for a server */
    struct ol_symbols *symbols = ol_pool_array(pool, 1, sizeof *symbols);
    symbols->pool = pool;
    symbols->sysroot = lookup ? lookup->sysroot : NULL;
    set_debug_path(symbols, lookup ? lookup->debug_dirs : NULL);
    symbols->callbacks = (Dwfl_Callbacks){
        .find_elf = dwfl_build_id_find_elf,
        .find_debuginfo = dwfl_standard_find_debuginfo,
        .section_address = dwfl_offline_section_address,
        .debuginfo_path = &symbols->debug_path,
    };
    return symbols;
}

void ol_symbols_end(struct ol_symbols *symbols)
{
    for (struct ol_symbols_module *module = symbols->modules; module; module = module->next) {
        if (module->session)
            dwfl_end(module->session);
        ol_intern_end(&module->addresses);
        free(module->found);
    }
}

static bool same_build(const struct ol_symbols_module *module, Dwfl_Module *dwfl)
{
    const unsigned char *bits;
    GElf_Addr address;
    int size = dwfl_module_build_id(dwfl, &bits, &address);
    if (!module->build_id_size)
        return true;
    /* the record keeps 20 bytes at most, which is what linkers write */
    return size > 0 && (size_t)size >= module->build_id_size &&
           memcmp(bits, module->build_id, module->build_id_size) == 0;
}

static int open_regular(const char *path)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd >= 0 && (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))) {
        close(fd);
        fd = -1;
    }
    return fd;
}

/* Tries one file; false, with the trouble that it had, when it is not the module. */
static bool try_file(struct ol_symbols_module *module, const char *path)
{
    int fd = open_regular(path);
    if (fd < 0)
        return false;
    Dwfl *session = dwfl_begin(&module->symbols->callbacks);
    Dwfl_Module *dwfl = NULL;
    if (session) {
        dwfl_report_begin(session);
        dwfl = dwfl_report_elf(session, path, path, fd, 0, true);
        dwfl_report_end(session, NULL, NULL);
    }
    if (!dwfl)
        close(fd);
    if (dwfl && same_build(module, dwfl)) {
        module->session = session;
        module->dwfl = dwfl;
        return true;
    }
    module->trouble = dwfl ? "is another build than the recorded one"
                           : "can not be read as a program or library";
    if (session)
        dwfl_end(session);
    return false;
}

/* "/.build-id/ab/cdef….debug", which has the symbols of a module that is not there itself. */
static bool try_debug_files(struct ol_symbols_module *module)
{
    char path[PATH_MAX], hex[2 * sizeof module->build_id + 1] = "";
    for (size_t i = 0; i < module->build_id_size; i++)
        snprintf(hex + 2 * i, 3, "%02x", module->build_id[i]);
    for (char **folder = module->symbols->debug_dirs; module->build_id_size > 1 && *folder;
         folder++)
        if (snprintf(path, sizeof path, "%s/.build-id/%.2s/%s.debug", *folder, hex, hex + 2) <
                (int)sizeof path &&
            try_file(module, path))
            return true;
    return false;
}

static void open_module(struct ol_symbols_module *module)
{
    char rooted[PATH_MAX];
    const char *root = module->symbols->sysroot;
    module->trouble = "is not there";
    if (root && snprintf(rooted, sizeof rooted, "%s/%s", root, module->path) < (int)sizeof rooted &&
        try_file(module, rooted))
        module->trouble = NULL;
    /* below a sysroot are other files: our own must prove that it is the same */
    else if ((!root || module->build_id_size) && try_file(module, module->path))
        module->trouble = NULL;
    else if (try_debug_files(module))
        module->trouble = NULL;
}

struct ol_symbols_module *ol_symbols_open(struct ol_symbols *symbols, const char *path,
                                          const uint8_t *build_id, size_t size)
{
    size_t kept = size < sizeof symbols->modules->build_id ? size
                                                           : sizeof symbols->modules->build_id;
    for (struct ol_symbols_module *module = symbols->modules; module; module = module->next)
        if (module->build_id_size == kept && memcmp(module->build_id, build_id, kept) == 0 &&
            strcmp(module->path, path) == 0)
            return module;
    struct ol_symbols_module *module = ol_pool_array(symbols->pool, 1, sizeof *module);
    module->symbols = symbols;
    module->path = ol_pool_string(symbols->pool, path);
    memcpy(module->build_id, build_id, kept);
    module->build_id_size = kept;
    module->next = symbols->modules;
    symbols->modules = module;
    ol_intern_begin(&module->addresses, symbols->pool);
    open_module(module);
    return module;
}

const char *ol_symbols_trouble(const struct ol_symbols_module *module)
{
    return module->trouble;
}

static struct found ask(struct ol_symbols_module *module, uint64_t address)
{
    struct ol_frame frames[OL_INLINED_MAX] = {0};
    struct obstack *pool = module->symbols->pool;
    size_t count = ol_symbols_debug_find(module->dwfl, pool, address, frames, OL_INLINED_MAX);
    struct ol_frame *kept = ol_pool_array(pool, count, sizeof *kept);
    memcpy(kept, frames, count * sizeof *kept);
    return (struct found){kept, count};
}

size_t ol_symbols_find(struct ol_symbols_module *module, uint64_t address, struct ol_frame *frames,
                       size_t most)
{
    bool added;
    if (!module->dwfl)
        return 0;
    uint32_t number = ol_intern_add(&module->addresses, &address, sizeof address, &added);
    if (number >= module->found_room) {
        module->found_room = 2 * module->found_room + 64;
        module->found = ol_say_realloc(module->found, module->found_room, sizeof *module->found);
    }
    if (added)
        module->found[number] = ask(module, address);
    size_t count = module->found[number].count;
    count = count < most ? count : most;
    for (size_t i = 0; i < count; i++) {
        const struct ol_frame *frame = &module->found[number].frames[i];
        frames[i].function = frame->function;
        frames[i].file = frame->file;
        frames[i].line = frame->line;
        frames[i].inlined = frame->inlined;
        frames[i].local_to = frame->local_to;
    }
    return count;
}
