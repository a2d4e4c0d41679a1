/* SPDX-License-Identifier: MIT */
/* Kinds of programs, by files that are made here. */
#include <criterion/criterion.h>
#include <elf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "report/image.h"
#include "report/pool.h"

static struct obstack pool;
static struct ol_image image;
static char path[] = "/tmp/offloop-image-XXXXXX";

static void begin(void)
{
    close(mkstemp(path));
    ol_pool_begin(&pool);
}

static void end(void)
{
    ol_pool_end(&pool);
    unlink(path);
}

static enum ol_image_kind kind_of(const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    fwrite(bytes, 1, size, file);
    fclose(file);
    ol_image_read(&image, &pool, path);
    return image.kind;
}

#if defined(__x86_64__)
#define OWN EM_X86_64
#define OTHER EM_AARCH64
#else
#define OWN EM_AARCH64
#define OTHER EM_X86_64
#endif

/* An ELF file of a header and, with `loader`, one that names a dynamic loader. */
static enum ol_image_kind elf(unsigned char class, int type, int machine, const char *loader)
{
    struct {
        Elf64_Ehdr header;
        Elf64_Phdr program;
        char loader[64];
    } file = {
        .header = {.e_ident = {0x7f, 'E', 'L', 'F', class, ELFDATA2LSB, EV_CURRENT},
                   .e_type = (Elf64_Half)type,
                   .e_machine = (Elf64_Half)machine,
                   .e_version = EV_CURRENT,
                   .e_entry = 0x1000,
                   .e_phoff = sizeof(Elf64_Ehdr),
                   .e_ehsize = sizeof(Elf64_Ehdr),
                   .e_phentsize = sizeof(Elf64_Phdr),
                   .e_phnum = loader != NULL},
        .program = {.p_type = PT_INTERP,
                    .p_offset = sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr),
                    .p_filesz = 64},
    };
    if (loader)
        strcpy(file.loader, loader);
    return kind_of(&file, sizeof file);
}

TestSuite(report_image, .init = begin, .fini = end);

Test(report_image, a_program_with_a_loader_can_be_watched)
{
    cr_assert_eq(elf(ELFCLASS64, ET_DYN, OWN, "/lib64/ld-linux-x86-64.so.2"), OL_IMAGE_dynamic);
}

Test(report_image, a_program_without_a_loader_is_static)
{
    cr_assert_eq(elf(ELFCLASS64, ET_EXEC, OWN, NULL), OL_IMAGE_static);
    cr_assert_eq(elf(ELFCLASS64, ET_DYN, OWN, NULL), OL_IMAGE_static);
}

Test(report_image, musl_is_known_by_its_loader)
{
    cr_assert_eq(elf(ELFCLASS64, ET_DYN, OWN, "/lib/ld-musl-x86_64.so.1"), OL_IMAGE_musl);
}

Test(report_image, another_machine_is_told_from_another_width)
{
    cr_assert_eq(elf(ELFCLASS64, ET_DYN, OTHER, NULL), OL_IMAGE_foreign);
    Elf32_Ehdr narrow = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS32, ELFDATA2LSB, EV_CURRENT},
                         .e_type = ET_EXEC,
                         .e_machine = EM_386,
                         .e_version = EV_CURRENT,
                         .e_ehsize = sizeof(Elf32_Ehdr)};
    cr_assert_eq(kind_of(&narrow, sizeof narrow), OL_IMAGE_32bit);
}

Test(report_image, scripts_name_their_interpreter)
{
    cr_assert_eq(kind_of("#! /usr/bin/env  -S python3 -u\r\nprint()", 40), OL_IMAGE_script);
    cr_assert_str_eq(image.interpreter, "/usr/bin/env");
    cr_assert_str_eq(image.arguments, "-S python3 -u");
    cr_assert_eq(kind_of("#!/bin/sh", 9), OL_IMAGE_script);
    cr_assert_null(image.arguments);
}

Test(report_image, anything_else_is_unknown)
{
    cr_assert_eq(kind_of("", 0), OL_IMAGE_unknown);
    cr_assert_eq(kind_of("#!\n", 3), OL_IMAGE_unknown);
    cr_assert_eq(kind_of("\177ELF", 4), OL_IMAGE_unknown);
    cr_assert_eq(kind_of("echo hello\n", 11), OL_IMAGE_unknown);
}
