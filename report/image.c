/* SPDX-License-Identifier: MIT */
/* Kinds of programs, by libelf. */
#include "image.h"

#include <fcntl.h>
#include <gelf.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arch/arch.h"
#include "pool.h"

#define LINE_MAX_KERNEL 256 /* of a #! line, BINPRM_BUF_SIZE */

static void read_script(struct ol_image *image, struct obstack *pool, char *line)
{
    line += strspn(line, " \t");
    size_t length = strcspn(line, " \t\r\n");
    const char *rest = line + length + strspn(line + length, " \t");
    size_t rest_length = strcspn(rest, "\r\n");
    if (!length)
        return;
    image->kind = OL_IMAGE_script;
    image->interpreter = ol_pool_copy(pool, line, length);
    image->arguments = rest_length ? ol_pool_copy(pool, rest, rest_length) : NULL;
}

/* The machine that offloop itself, and so its library, is built for. */
#define OWN_MACHINE OL_ARCH_ELF

/* The runtimes as libraries; clang links static ones by default. */
static bool is_sanitizer(const char *name)
{
    static const char *const beginnings[] = {"libasan.", "libtsan.", "liblsan.", "libhwasan.",
                                             "libclang_rt."};
    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++)
        if (strncmp(name, beginnings[i], strlen(beginnings[i])) == 0)
            return true;
    return false;
}

static void read_needed(struct ol_image *image, struct obstack *pool, Elf *elf, Elf_Scn *section)
{
    GElf_Shdr header;
    GElf_Dyn entry;
    Elf_Data *data = elf_getdata(section, NULL);
    if (!data || !gelf_getshdr(section, &header))
        return;
    for (int i = 0; gelf_getdyn(data, i, &entry) && entry.d_tag != DT_NULL; i++) {
        const char *name = entry.d_tag == DT_NEEDED
                               ? elf_strptr(elf, header.sh_link, entry.d_un.d_val)
                               : NULL;
        if (name && is_sanitizer(name))
            image->sanitizer = ol_pool_string(pool, name);
    }
}

static bool has_asan_options(Elf *elf, Elf_Scn *section, const GElf_Shdr *header)
{
    GElf_Sym symbol;
    Elf_Data *data = elf_getdata(section, NULL);
    for (int i = 0; data && gelf_getsym(data, i, &symbol); i++) {
        const char *name = elf_strptr(elf, header->sh_link, symbol.st_name);
        if (name && symbol.st_shndx != SHN_UNDEF && strcmp(name, "__asan_default_options") == 0)
            return true;
    }
    return false;
}

static void read_sections(struct ol_image *image, struct obstack *pool, Elf *elf)
{
    GElf_Shdr header;
    for (Elf_Scn *section = NULL; (section = elf_nextscn(elf, section));) {
        if (!gelf_getshdr(section, &header))
            continue;
        if (header.sh_type == SHT_DYNAMIC)
            read_needed(image, pool, elf, section);
        else if (header.sh_type == SHT_DYNSYM && has_asan_options(elf, section, &header))
            image->sets_asan_options = true;
    }
}

/* The dynamic loader that the program names, NULL when none. */
static const char *loader_of(Elf *elf, int fd, char path[static LINE_MAX_KERNEL])
{
    size_t count = 0;
    GElf_Phdr header;
    elf_getphdrnum(elf, &count);
    for (size_t i = 0; i < count; i++) {
        if (!gelf_getphdr(elf, (int)i, &header) || header.p_type != PT_INTERP)
            continue;
        ssize_t length = pread(fd, path, LINE_MAX_KERNEL - 1, (off_t)header.p_offset);
        path[length > 0 ? length : 0] = '\0';
        return path;
    }
    return NULL;
}

/* Does the file hold its segments, as the kernel and the dynamic loader will map them? */
static bool is_whole(Elf *elf, int fd)
{
    size_t count = 0;
    GElf_Phdr header;
    struct stat status;
    if (elf_getphdrnum(elf, &count) != 0 || fstat(fd, &status) != 0)
        return false;
    uint64_t size = (uint64_t)status.st_size;
    for (size_t i = 0; i < count; i++)
        if (!gelf_getphdr(elf, (int)i, &header) ||
            (header.p_type == PT_LOAD &&
             (header.p_offset > size || header.p_filesz > size - header.p_offset)))
            return false;
    return true;
}

/* Position-independent static programs and shared libraries both have no loader; only the former
 * say that they are programs, by a flag, or by an entry point. */
static enum ol_image_kind without_loader(const GElf_Ehdr *header)
{
    return header->e_type == ET_EXEC || header->e_entry ? OL_IMAGE_static : OL_IMAGE_library;
}

static void read_elf(struct ol_image *image, struct obstack *pool, Elf *elf, int fd)
{
    GElf_Ehdr header;
    char path[LINE_MAX_KERNEL];
    if (!gelf_getehdr(elf, &header))
        return;
    const char *loader = loader_of(elf, fd, path);
    if (header.e_type != ET_EXEC && header.e_type != ET_DYN)
        image->kind = OL_IMAGE_unknown;
    else if (header.e_ident[EI_CLASS] == ELFCLASS32)
        image->kind = OL_IMAGE_32bit;
    else if (header.e_machine != OWN_MACHINE)
        image->kind = OL_IMAGE_foreign;
    else if (!is_whole(elf, fd))
        image->kind = OL_IMAGE_damaged;
    else if (!loader)
        image->kind = without_loader(&header);
    else if (strstr(loader, "ld-musl"))
        image->kind = OL_IMAGE_musl;
    else
        image->kind = OL_IMAGE_dynamic;
    if (image->kind == OL_IMAGE_dynamic)
        read_sections(image, pool, elf);
}

static void read_file(struct ol_image *image, struct obstack *pool, int fd)
{
    char line[LINE_MAX_KERNEL];
    ssize_t length = pread(fd, line, sizeof line - 1, 0);
    line[length > 0 ? length : 0] = '\0';
    if (strncmp(line, "#!", 2) == 0) {
        read_script(image, pool, line + 2);
        return;
    }
    elf_version(EV_CURRENT);
    Elf *elf = elf_begin(fd, ELF_C_READ, NULL);
    if (elf && elf_kind(elf) == ELF_K_ELF)
        read_elf(image, pool, elf, fd);
    elf_end(elf);
}

void ol_image_read(struct ol_image *image, struct obstack *pool, const char *path)
{
    *image = (struct ol_image){.kind = OL_IMAGE_unknown};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0) {
        image->kind = OL_IMAGE_unreadable;
        return;
    }
    read_file(image, pool, fd);
    close(fd);
}
