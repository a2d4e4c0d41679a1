/* Functions, files and lines by libdw. Called by symbols.c. */
#include "symbols_debug.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <string.h>

#include "demangle.h"

static const char *keep(struct obstack *pool, const char *string)
{
    return string ? ol_pool_string(pool, string) : NULL;
}

/* Source file and line of the instruction itself. */
static void find_line(Dwfl_Module *module, struct obstack *pool, uint64_t address,
                      struct ol_frame *frame)
{
    int line = 0;
    Dwfl_Line *found = dwfl_module_getsrc(module, address);
    const char *file = found ? dwfl_lineinfo(found, NULL, &line, NULL, NULL, NULL) : NULL;
    if (!file)
        return;
    const char *folder = *file == '/' ? NULL : dwfl_line_comp_dir(found);
    frame->file = folder ? ol_pool_format(pool, "%s/%s", folder, file) : keep(pool, file);
    frame->line = line > 0 ? (uint32_t)line : 0;
}

/* Where the inlined function `die` was called from. */
static void find_call(struct obstack *pool, Dwarf_Die *die, struct ol_frame *frame)
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
        frame->file = keep(pool, dwarf_filesrc(files, number, NULL, NULL));
}

/* The linkage name says the scopes around a method too, as symbol tables do: so a function is named
 * alike with and without debug information. */
static const char *name_of(struct obstack *pool, Dwarf_Die *die)
{
    Dwarf_Attribute attribute;
    const char *linkage = dwarf_formstring(
        dwarf_attr_integrate(die, DW_AT_linkage_name, &attribute));
    return keep(pool, linkage ? ol_demangle(pool, linkage) : dwarf_diename(die));
}

/* "_ZL5serve", "_ZN12_GLOBAL__N_15serveEv": C++ writes no file into the names of what is local to
 * one. Rust's names are whole. */
static bool is_whole(const char *linkage)
{
    return linkage && strncmp(linkage, "_ZL", 3) != 0 && !strstr(linkage, "_GLOBAL__N_");
}

/* The file that a function is declared in, where another file may have one of the same name. */
static const char *file_of_local(struct obstack *pool, Dwarf_Die *die)
{
    Dwarf_Attribute attribute;
    bool external = false;
    if (is_whole(dwarf_formstring(dwarf_attr_integrate(die, DW_AT_linkage_name, &attribute))))
        return NULL;
    dwarf_formflag(dwarf_attr_integrate(die, DW_AT_external, &attribute), &external);
    return external ? NULL : keep(pool, dwarf_decl_file(die));
}

/* The scopes around an instruction that are functions become frames; each inlined one names the
 * place of the next. */
static size_t frames_of_scopes(struct obstack *pool, Dwarf_Die *scopes, int count,
                               struct ol_frame *frames, size_t most)
{
    size_t found = 0;
    for (int i = 0; i < count && found < most; i++) {
        int tag = dwarf_tag(&scopes[i]);
        if (tag != DW_TAG_inlined_subroutine && tag != DW_TAG_subprogram)
            continue;
        frames[found].function = name_of(pool, &scopes[i]);
        frames[found].local_to = file_of_local(pool, &scopes[i]);
        frames[found].inlined = tag == DW_TAG_inlined_subroutine && found + 1 < most;
        if (!frames[found++].inlined)
            break;
        find_call(pool, &scopes[i], &frames[found]);
    }
    return found;
}

static size_t find_functions(Dwfl_Module *module, struct obstack *pool, uint64_t address,
                             struct ol_frame *frames, size_t most)
{
    Dwarf_Addr bias;
    Dwarf_Die *scopes = NULL, *chain = NULL;
    Dwarf_Die *unit = dwfl_module_addrdie(module, address, &bias);
    int count = unit ? dwarf_getscopes(unit, address - bias, &scopes) : 0;
    size_t found = 0;
    /* the scopes of an address end in the abstract function; those of the innermost scope go on to
     * the real caller */
    if (count > 0 && (count = dwarf_getscopes_die(&scopes[0], &chain)) > 0)
        found = frames_of_scopes(pool, chain, count, frames, most);
    free(chain);
    free(scopes);
    return found;
}

/* The same by a symbol table, which has the base names of files before what is local to them. */
static const char *file_of_symbol(Dwfl_Module *module, struct obstack *pool, const char *name,
                                  const GElf_Sym *wanted)
{
    const char *file = NULL;
    int count = dwfl_module_getsymtab(module);
    bool mangled = strncmp(name, "_Z", 2) == 0 || strncmp(name, "_R", 2) == 0;
    if (GELF_ST_BIND(wanted->st_info) != STB_LOCAL || (mangled && is_whole(name)))
        return NULL;
    for (int i = 0; i < count; i++) {
        GElf_Sym symbol;
        GElf_Addr address;
        const char *each = dwfl_module_getsym_info(module, i, &symbol, &address, NULL, NULL, NULL);
        if (each && GELF_ST_TYPE(symbol.st_info) == STT_FILE)
            file = each;
        else if (each && symbol.st_value == wanted->st_value && strcmp(each, name) == 0)
            return keep(pool, file);
    }
    return NULL;
}

size_t ol_symbols_debug_find(Dwfl_Module *module, struct obstack *pool, uint64_t address,
                             struct ol_frame *frames, size_t most)
{
    GElf_Off offset;
    GElf_Sym symbol;
    find_line(module, pool, address, &frames[0]);
    size_t found = find_functions(module, pool, address, frames, most);
    if (found && frames[0].function)
        return found;
    const char *name = dwfl_module_addrinfo(module, address, &offset, &symbol, NULL, NULL, NULL);
    if (name) {
        frames[0].function = keep(pool, ol_demangle(pool, name));
        frames[0].local_to = file_of_symbol(module, pool, name, &symbol);
    }
    return name || frames[0].file ? (found ? found : 1) : 0;
}
