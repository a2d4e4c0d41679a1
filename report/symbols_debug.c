/* SPDX-License-Identifier: MIT */
/* Functions, files and lines by libdw. */
#include "symbols_debug.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <string.h>

#include "demangle.h"
#include "symbols_units.h"

static const char *keep(struct obstack *pool, const char *string)
{
    return string ? ol_pool_string(pool, string) : NULL;
}

static const char *from_its_folder(struct obstack *pool, const char *file, Dwarf_Die *unit)
{
    Dwarf_Attribute attribute;
    const char *folder = file && *file != '/'
                             ? dwarf_formstring(dwarf_attr(unit, DW_AT_comp_dir, &attribute))
                             : NULL;
    return folder ? ol_pool_format(pool, "%s/%s", folder, file) : keep(pool, file);
}

/* Source file and line of the instruction itself. */
static void find_line(Dwfl_Module *module, struct obstack *pool, uint64_t address,
                      struct ol_frame *frame)
{
    Dwarf_Addr bias;
    int line = 0;
    Dwarf_Die *unit = ol_symbols_unit(module, pool, address, &bias);
    Dwarf_Line *found = unit ? dwarf_getsrc_die(unit, address - bias) : NULL;
    const char *file = found ? dwarf_linesrc(found, NULL, NULL) : NULL;
    if (!file)
        return;
    dwarf_lineno(found, &line);
    frame->file = from_its_folder(pool, file, unit);
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
        frame->file = from_its_folder(pool, dwarf_filesrc(files, number, NULL, NULL), &unit);
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

enum { SCOPES_MAX = 64 };

/* The functions around an instruction, outermost first: one, and those that were inlined into it.
 */
struct scopes {
    Dwarf_Die dies[SCOPES_MAX];
    int count;
};

static bool covers(Dwarf_Die *die, Dwarf_Addr address)
{
    return dwarf_haspc(die, address) > 0;
}

static bool holds_functions(int tag)
{
    return tag == DW_TAG_namespace || tag == DW_TAG_module || tag == DW_TAG_structure_type ||
           tag == DW_TAG_class_type || tag == DW_TAG_union_type || tag == DW_TAG_enumeration_type;
}

/* Rust's functions and clang's stand in namespaces, which cover no address themselves: so
 * dwarf_getscopes() does not find them. */
static void find_scopes(Dwarf_Die *parent, Dwarf_Addr address, struct scopes *scopes, int depth)
{
    Dwarf_Die child;
    int before = scopes->count;
    if (depth > SCOPES_MAX || before == SCOPES_MAX || dwarf_child(parent, &child) != 0)
        return;
    do {
        int tag = dwarf_tag(&child);
        bool function = tag == DW_TAG_subprogram || tag == DW_TAG_inlined_subroutine;
        if ((function || tag == DW_TAG_lexical_block) && covers(&child, address)) {
            if (function)
                scopes->dies[scopes->count++] = child;
            find_scopes(&child, address, scopes, depth + 1);
            return;
        }
        if (holds_functions(tag))
            find_scopes(&child, address, scopes, depth + 1);
    } while (scopes->count == before && dwarf_siblingof(&child, &child) == 0);
}

/* Each inlined one names the place of the next. */
static size_t frames_of_scopes(struct obstack *pool, struct scopes *scopes, struct ol_frame *frames,
                               size_t most)
{
    size_t found = 0;
    for (int i = scopes->count - 1; i >= 0 && found < most; i--) {
        Dwarf_Die *die = &scopes->dies[i];
        frames[found].function = name_of(pool, die);
        frames[found].local_to = file_of_local(pool, die);
        frames[found].inlined = dwarf_tag(die) == DW_TAG_inlined_subroutine && i &&
                                found + 1 < most;
        if (!frames[found++].inlined)
            break;
        find_call(pool, die, &frames[found]);
    }
    return found;
}

static size_t find_functions(Dwfl_Module *module, struct obstack *pool, uint64_t address,
                             struct ol_frame *frames, size_t most)
{
    Dwarf_Addr bias;
    struct scopes scopes = {.count = 0};
    Dwarf_Die *unit = ol_symbols_unit(module, pool, address, &bias);
    if (unit)
        find_scopes(unit, address - bias, &scopes, 0);
    return frames_of_scopes(pool, &scopes, frames, most);
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
