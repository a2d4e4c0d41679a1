/* SPDX-License-Identifier: MIT */
/* Slots of a loaded library's imports, redirected. The contract is in pipeless.h. */
#include "pipeless.h"

#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <link.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "dynamic.h"
#include "rawio.h"

/* Both ends of the pipe that is none: no descriptor can have these numbers. */
enum { READ_END = 0x7ffffff0, WRITE_END };

static int no_pipe2(int ends[2], int flags)
{
    (void)flags;
    ends[0] = READ_END;
    ends[1] = WRITE_END;
    return 0;
}

/* Always empty. */
static ssize_t no_read(int fd, void *buffer, size_t size)
{
    ssize_t count = fd == READ_END ? -EAGAIN : ol_raw_read(fd, buffer, size);
    if (count >= 0)
        return count;
    errno = (int)-count;
    return -1;
}

static int no_close(int fd)
{
    int result = fd == READ_END || fd == WRITE_END ? 0 : ol_raw_close(fd);
    if (result >= 0)
        return result;
    errno = -result;
    return -1;
}

/* Takes what can be read. */
static ssize_t no_write(int fd, const void *bytes, size_t size)
{
    char copy;
    ssize_t count = fd == WRITE_END ? (ol_raw_peek(bytes, &copy, 1) ? 1 : -EFAULT)
                                    : ol_raw_write(fd, bytes, size);
    if (count >= 0)
        return count;
    errno = (int)-count;
    return -1;
}

static long (*next_syscall)(long number, ...); /* not our own export, which judges */

static long no_syscall(long number, ...)
{
    va_list list;
    long words[6];
    va_start(list, number);
    for (int i = 0; i < 6; i++) /* the registers that the kernel reads, whatever was passed */
        words[i] = va_arg(list, long);
    va_end(list);
    if (number == SYS_write && (int)words[0] == WRITE_END)
        return no_write(WRITE_END, (const void *)words[1], (size_t)words[2]);
    return next_syscall(number, words[0], words[1], words[2], words[3], words[4], words[5]);
}

static int as_libc(long result)
{
    if (result >= 0)
        return (int)result;
    errno = (int)-result;
    return -1;
}

static int no_open(const char *path, int flags, ...)
{
    return as_libc(ol_raw_open(path, flags, 0));
}

static int no_getpid(void)
{
    return ol_raw_getpid();
}

/* Where the kernel must not be asked, what can be read is there. */
static int no_mincore(void *address, size_t size, unsigned char *pages)
{
    long result = ol_raw_mincore(address, size, pages);
    if (result != -EPERM)
        return as_libc(result);
    for (size_t at = 0; at < size; at += 4096) {
        if (!ol_raw_can_read((const char *)address + at))
            return as_libc(-ENOMEM);
        pages[at / 4096] = 1;
    }
    return 0;
}

extern __typeof(_dl_find_object) _dl_find_object __attribute__((weak));

/* What dl_iterate_phdr() would say of the object at that address; false: it is not known. */
static bool describe(void *address, struct dl_phdr_info *info)
{
    struct dl_find_object found;
    *info = (struct dl_phdr_info){0};
    if (_dl_find_object(address, &found) != 0)
        return true; /* in no object */
    const ElfW(Ehdr) *header = found.dlfo_map_start;
    if (memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 || header->e_phentsize != sizeof(ElfW(Phdr)))
        return false;
    info->dlpi_addr = found.dlfo_link_map->l_addr;
    info->dlpi_name = found.dlfo_link_map->l_name;
    info->dlpi_phdr = (const ElfW(Phdr) *)((const char *)header + header->e_phoff);
    info->dlpi_phnum = header->e_phnum;
    return true;
}

/* Without the loader's lock: a signal handler may have interrupted who holds it. libunwind looks
 * for one address, which is the first word that it hands its visitor (struct dwarf_callback_data,
 * in 1.1 to 1.8). */
static int no_iterate(int (*visit)(struct dl_phdr_info *info, size_t size, void *data), void *data)
{
    struct dl_phdr_info info;
    void *address;
    memcpy(&address, data, sizeof address);
    if (!_dl_find_object || !describe(address, &info))
        return dl_iterate_phdr(visit, data);
    return info.dlpi_phdr ? visit(&info, sizeof info, data) : 0;
}

typedef void function(void);

static function *replacement(const char *name)
{
    static const struct {
        const char *name;
        function *ours;
    } rows[] = {
        {"pipe2", (function *)no_pipe2},
        {"read", (function *)no_read},
        {"close", (function *)no_close},
        {"write", (function *)no_write},
        {"syscall", (function *)no_syscall},
        {"open", (function *)no_open},
        {"dl_iterate_phdr", (function *)no_iterate},
        {"getpid", (function *)no_getpid},
        {"mincore", (function *)no_mincore},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(name, rows[i].name) == 0)
            return rows[i].ours;
    return NULL;
}

/* Slots may be read-only by now. They stay writable: whether they were so is not known. */
static bool set_slot(function **slot, function *ours)
{
    uintptr_t page = (uintptr_t)slot & ~(uintptr_t)(sysconf(_SC_PAGESIZE) - 1);
    uintptr_t end = (uintptr_t)(slot + 1);
    if (mprotect((void *)page, end - page, PROT_READ | PROT_WRITE) != 0)
        return false;
    *slot = ours;
    return true;
}

/* How many slots were set. */
static unsigned redirect(const struct link_map *map, const struct ol_dynamic *dynamic, int table)
{
    const ElfW(Rela) *entries = dynamic->relocations[table];
    unsigned set = 0;
    for (size_t i = 0; entries && i < dynamic->counts[table]; i++) {
        uint32_t symbol = ELF64_R_SYM(entries[i].r_info);
        if (!symbol || entries[i].r_addend)
            continue;
        function *ours = replacement(dynamic->strings + dynamic->symbols[symbol].st_name);
        function **slot = (function **)(map->l_addr + entries[i].r_offset);
        set += ours && set_slot(slot, ours);
    }
    return set;
}

bool ol_pipeless_make(void *handle)
{
    struct link_map *map = NULL;
    struct ol_dynamic dynamic;
    int saved = errno;
    *(void **)&next_syscall = dlsym(RTLD_NEXT, "syscall");
    if (!next_syscall || dlinfo(handle, RTLD_DI_LINKMAP, &map) != 0 || !map)
        return false;
    unsigned set = 0;
    if (ol_dynamic_read(map->l_ld, map->l_addr, &dynamic)) /* full RELRO has all in the others */
        for (int table = 0; table < OL_DYNAMIC_RELOCATIONS; table++)
            set += redirect(map, &dynamic, table);
    errno = saved;
    return set > 0;
}
