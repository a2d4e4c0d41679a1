/* Symbols by libdwfl, one session a module, so that modules need no places that don't overlap.
 * Called by load.c. */
#include "symbols.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct ol_symbols_module {
    struct ol_symbols_module *next;
    struct obstack *pool;
    const char *path;
    uint8_t build_id[20];
    size_t build_id_size;
    Dwfl *session;
    Dwfl_Module *dwfl; /* NULL: nothing can be found */
    const char *trouble;
};

struct ol_symbols {
    struct obstack *pool;
    struct ol_symbols_module *modules;
};

static char *debug_path; /* NULL: where the system keeps separate debug files */

static const Dwfl_Callbacks callbacks = {
    .find_elf = dwfl_build_id_find_elf,
    .find_debuginfo = dwfl_standard_find_debuginfo,
    .section_address = dwfl_offline_section_address,
    .debuginfo_path = &debug_path,
};

struct ol_symbols *ol_symbols_begin(struct obstack *pool)
{
    unsetenv("DEBUGINFOD_URLS"); /* a report must not wait for a server */
    struct ol_symbols *symbols = ol_pool_array(pool, 1, sizeof *symbols);
    symbols->pool = pool;
    return symbols;
}

void ol_symbols_end(struct ol_symbols *symbols)
{
    for (struct ol_symbols_module *module = symbols->modules; module; module = module->next)
        if (module->session)
            dwfl_end(module->session);
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

static void open_module(struct ol_symbols_module *module)
{
    int fd = open_regular(module->path);
    if (fd < 0) {
        module->trouble = "is not there";
        return;
    }
    module->session = dwfl_begin(&callbacks);
    Dwfl_Module *dwfl = NULL;
    if (module->session) {
        dwfl_report_begin(module->session);
        dwfl = dwfl_report_elf(module->session, module->path, module->path, fd, 0, true);
        dwfl_report_end(module->session, NULL, NULL);
    }
    if (!dwfl) {
        close(fd);
        module->trouble = "can not be read as a program or library";
    } else if (!same_build(module, dwfl)) {
        module->trouble = "is another build than the recorded one";
    } else {
        module->dwfl = dwfl;
    }
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
    module->pool = symbols->pool;
    module->path = ol_pool_string(symbols->pool, path);
    memcpy(module->build_id, build_id, kept);
    module->build_id_size = kept;
    module->next = symbols->modules;
    symbols->modules = module;
    open_module(module);
    return module;
}

const char *ol_symbols_trouble(const struct ol_symbols_module *module)
{
    return module->trouble;
}

static const char *keep(struct obstack *pool, const char *string)
{
    return string ? ol_pool_string(pool, string) : NULL;
}

/* Source file and line of the instruction itself. */
static void find_line(struct ol_symbols_module *module, uint64_t address, struct ol_frame *frame)
{
    int line = 0;
    Dwfl_Line *found = dwfl_module_getsrc(module->dwfl, address);
    const char *file = found ? dwfl_lineinfo(found, NULL, &line, NULL, NULL, NULL) : NULL;
    if (!file)
        return;
    const char *folder = *file == '/' ? NULL : dwfl_line_comp_dir(found);
    frame->file = folder ? ol_pool_format(module->pool, "%s/%s", folder, file)
                         : keep(module->pool, file);
    frame->line = line > 0 ? (uint32_t)line : 0;
}

/* Where the inlined function `die` was called from. */
static void find_call(struct ol_symbols_module *module, Dwarf_Die *die, struct ol_frame *frame)
{
    Dwarf_Attribute attribute;
    Dwarf_Word number;
    Dwarf_Die unit;
    Dwarf_Files *files;
    size_t count;
    if (dwarf_formudata(dwarf_attr(die, DW_AT_call_line, &attribute), &number) == 0)
        frame->line = (uint32_t)number;
    if (dwarf_formudata(dwarf_attr(die, DW_AT_call_file, &attribute), &number) == 0 &&
        dwarf_diecu(die, &unit, NULL, NULL) && dwarf_getsrcfiles(&unit, &files, &count) == 0 &&
        number < count)
        frame->file = keep(module->pool, dwarf_filesrc(files, number, NULL, NULL));
}

/* The scopes around an instruction that are functions become frames; each inlined one names the
 * place of the next. */
static size_t frames_of_scopes(struct ol_symbols_module *module, Dwarf_Die *scopes, int count,
                               struct ol_frame *frames, size_t most)
{
    size_t found = 0;
    for (int i = 0; i < count && found < most; i++) {
        int tag = dwarf_tag(&scopes[i]);
        if (tag != DW_TAG_inlined_subroutine && tag != DW_TAG_subprogram)
            continue;
        frames[found].function = keep(module->pool, dwarf_diename(&scopes[i]));
        frames[found].inlined = tag == DW_TAG_inlined_subroutine && found + 1 < most;
        if (!frames[found++].inlined)
            break;
        find_call(module, &scopes[i], &frames[found]);
    }
    return found;
}

static size_t find_functions(struct ol_symbols_module *module, uint64_t address,
                             struct ol_frame *frames, size_t most)
{
    Dwarf_Addr bias;
    Dwarf_Die *scopes = NULL, *chain = NULL;
    Dwarf_Die *unit = dwfl_module_addrdie(module->dwfl, address, &bias);
    int count = unit ? dwarf_getscopes(unit, address - bias, &scopes) : 0;
    size_t found = 0;
    /* the scopes of an address end in the abstract function; those of the innermost scope go on to
     * the real caller */
    if (count > 0 && (count = dwarf_getscopes_die(&scopes[0], &chain)) > 0)
        found = frames_of_scopes(module, chain, count, frames, most);
    free(chain);
    free(scopes);
    return found;
}

size_t ol_symbols_find(struct ol_symbols_module *module, uint64_t address, struct ol_frame *frames,
                       size_t most)
{
    if (!module->dwfl || !most)
        return 0;
    find_line(module, address, &frames[0]);
    size_t found = find_functions(module, address, frames, most);
    if (found && frames[0].function)
        return found;
    GElf_Off offset;
    GElf_Sym symbol;
    const char *name = dwfl_module_addrinfo(module->dwfl, address, &offset, &symbol, NULL, NULL,
                                            NULL);
    if (name)
        frames[0].function = keep(module->pool, name);
    return name || frames[0].file ? (found ? found : 1) : 0;
}
