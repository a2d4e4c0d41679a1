/* SPDX-License-Identifier: MIT */
/* What an ELF file says about how it calls. The contract is in object.h. */
#include "object.h"

#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "arch/arch.h"

static const char *const loop_names[] = {
#define LOOP_FUNCTION(name, kind) name,
#include "detector/loop_functions.def"
#undef LOOP_FUNCTION
};

static const struct {
    long number;
    const char *name;
} well_known[] = {
    {SYS_read, "read"},
    {SYS_write, "write"},
    {SYS_openat, "openat"},
    {SYS_futex, "futex"},
    {SYS_nanosleep, "nanosleep"},
    {SYS_epoll_pwait, "epoll_pwait"},
    {SYS_connect, "connect"},
    {SYS_accept4, "accept4"},
    {SYS_fsync, "fsync"},
    {SYS_newfstatat, "newfstatat"},
    {SYS_statx, "statx"},
    {SYS_io_uring_enter, "io_uring_enter"},
    {SYS_clone, "clone"},
    {SYS_mmap, "mmap"},
    {SYS_exit_group, "exit_group"},
};

static const char *joined(struct obstack *pool, const char *list, const char *name)
{
    return list ? ol_pool_format(pool, "%s, %s", list, name) : name;
}

static void note_symbol(struct ol_object *object, struct obstack *pool, const char *name, bool own)
{
    for (int i = 0; i < OL_CALL_COUNT; i++)
        if (strcmp(ol_calls[i].symbol, name) == 0)
            (own ? object->defines : object->calls)[i] = true;
    for (size_t i = 0; own && i < sizeof loop_names / sizeof *loop_names; i++)
        if (strcmp(loop_names[i], name) == 0)
            object->loop_functions = joined(pool, object->loop_functions,
                                            ol_pool_string(pool, name));
    if (strncmp(name, "__asan_init", 11) == 0)
        object->sanitizer = "asan";
    else if (strncmp(name, "__tsan_init", 11) == 0)
        object->sanitizer = "tsan";
}

static void read_symbols(struct ol_object *object, struct obstack *pool, Elf *elf, Elf_Scn *section,
                         const GElf_Shdr *header)
{
    Elf_Data *data = elf_getdata(section, NULL);
    size_t count = data && header->sh_entsize ? header->sh_size / header->sh_entsize : 0;
    for (size_t i = 0; i < count; i++) {
        GElf_Sym symbol;
        if (!gelf_getsym(data, (int)i, &symbol))
            continue;
        const char *name = elf_strptr(elf, header->sh_link, symbol.st_name);
        if (name && name[0])
            note_symbol(object, pool, name, symbol.st_shndx != SHN_UNDEF);
    }
}

static void read_dynamic(struct ol_object *object, Elf_Scn *section, const GElf_Shdr *header)
{
    Elf_Data *data = elf_getdata(section, NULL);
    size_t count = data && header->sh_entsize ? header->sh_size / header->sh_entsize : 0;
    for (size_t i = 0; i < count; i++) {
        GElf_Dyn entry;
        if (!gelf_getdyn(data, (int)i, &entry))
            continue;
        bool flags = entry.d_tag == DT_FLAGS;
        object->symbolic |= entry.d_tag == DT_SYMBOLIC || (flags && entry.d_un.d_val & DF_SYMBOLIC);
        object->full_relro |= entry.d_tag == DT_BIND_NOW ||
                              (flags && entry.d_un.d_val & DF_BIND_NOW) ||
                              (entry.d_tag == DT_FLAGS_1 && entry.d_un.d_val & DF_1_NOW);
        object->has_plt |= entry.d_tag == DT_JMPREL;
    }
}

/* Shortly before the call, where it is seen; -1: it is not. */
static long number_before(const unsigned char *code, size_t at)
{
    for (size_t back = OL_ARCH_NUMBER_LENGTH; back <= 16 && back <= at;
         back += OL_ARCH_NUMBER_STEP) {
        long number = ol_arch_number(code + at - back);
        if (number >= 0)
            return number;
    }
    return -1;
}

static void note_system_call(struct ol_object *object, struct obstack *pool, long number)
{
    object->system_calls++;
    for (size_t i = 0; i < sizeof well_known / sizeof *well_known; i++) {
        bool seen = object->system_call_names &&
                    strstr(object->system_call_names, well_known[i].name);
        if (well_known[i].number == number && !seen)
            object->system_call_names = joined(pool, object->system_call_names, well_known[i].name);
    }
}

static void read_code(struct ol_object *object, struct obstack *pool, Elf_Scn *section)
{
    static const unsigned char wanted[] = OL_ARCH_SYSTEM_CALL;
    size_t length = sizeof wanted;
    Elf_Data *data = elf_rawdata(section, NULL);
    const unsigned char *code = data ? data->d_buf : NULL;
    size_t size = code ? data->d_size : 0;
    for (const unsigned char *at = code; at && (size_t)(at - code) + length <= size; at++) {
        at = memmem(at, size - (size_t)(at - code), wanted, length);
        if (!at)
            return;
        long number = number_before(code, (size_t)(at - code));
        if (number >= 0 && number < 1000)
            note_system_call(object, pool, number);
    }
}

/* `is_ours`: for the processor that we are built for; the code of others is not read. */
static void read_sections(struct ol_object *object, struct obstack *pool, Elf *elf, bool is_ours)
{
    size_t names = 0;
    elf_getshdrstrndx(elf, &names);
    for (Elf_Scn *section = NULL; (section = elf_nextscn(elf, section));) {
        GElf_Shdr header;
        if (!gelf_getshdr(section, &header))
            continue;
        const char *name = elf_strptr(elf, names, header.sh_name);
        object->is_go |= name && strcmp(name, ".note.go.buildid") == 0;
        if (header.sh_type == SHT_DYNSYM)
            read_symbols(object, pool, elf, section, &header);
        else if (header.sh_type == SHT_DYNAMIC)
            read_dynamic(object, section, &header);
        else if (is_ours && header.sh_type == SHT_PROGBITS && header.sh_flags & SHF_EXECINSTR)
            read_code(object, pool, section);
    }
}

static const char *loader_of(Elf *elf, struct obstack *pool)
{
    size_t count = 0;
    elf_getphdrnum(elf, &count);
    for (size_t i = 0; i < count; i++) {
        GElf_Phdr header;
        size_t size = 0;
        const char *file = elf_rawfile(elf, &size);
        if (gelf_getphdr(elf, (int)i, &header) && header.p_type == PT_INTERP && file &&
            header.p_offset < size && memchr(file + header.p_offset, 0, size - header.p_offset))
            return ol_pool_string(pool, file + header.p_offset);
    }
    return NULL;
}

bool ol_object_read(struct ol_object *object, struct obstack *pool, const char *path)
{
    *object = (struct ol_object){.path = ol_pool_string(pool, path)};
    elf_version(EV_CURRENT);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    Elf *elf = fd < 0 ? NULL : elf_begin(fd, ELF_C_READ_MMAP, NULL);
    GElf_Ehdr header;
    bool good = elf && elf_kind(elf) == ELF_K_ELF && gelf_getehdr(elf, &header);
    if (good) {
        object->loader = loader_of(elf, pool);
        read_sections(object, pool, elf, header.e_machine == OL_ARCH_ELF);
    }
    elf_end(elf);
    if (fd >= 0)
        close(fd);
    return good;
}
