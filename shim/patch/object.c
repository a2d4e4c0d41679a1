/* SPDX-License-Identifier: MIT */
/* A loaded object as the scan of import slots sees it. The contract is in object.h. */
#include "object.h"

#include <sys/auxv.h>
#include <sys/mman.h>

#include "../../detector/module.h"
#include "../../detector/recorder.h"
#include "patch.h"

/* 64 KiB on some aarch64. */
static uintptr_t page_size(void)
{
    static uintptr_t size;
    if (!size)
        size = getauxval(AT_PAGESZ);
    return size;
}

bool ol_patch_object_read_tables(struct ol_patch_object *object)
{
    return ol_dynamic_read(object->dynamic, object->base, &object->tables);
}

static void note_mapping(struct ol_patch_object *object, const ElfW(Phdr) * segment)
{
    uintptr_t start = object->base + segment->p_vaddr;
    uintptr_t end = start + segment->p_memsz;
    if (!object->end || start < object->start)
        object->start = start;
    if (end > object->end)
        object->end = end;
    if ((segment->p_flags & (PF_R | PF_X)) == (PF_R | PF_X) &&
        segment->p_filesz > object->code_size) {
        object->code = (const uint8_t *)start;
        object->code_size = segment->p_filesz;
    }
}

bool ol_patch_object_read(const struct dl_phdr_info *info, struct ol_patch_object *object)
{
    *object = (struct ol_patch_object){.base = info->dlpi_addr, .path = info->dlpi_name};
    for (unsigned i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        uintptr_t start = info->dlpi_addr + segment->p_vaddr;
        if (segment->p_type == PT_LOAD) {
            note_mapping(object, segment);
        } else if (segment->p_type == PT_DYNAMIC) {
            object->dynamic = (const void *)start;
        } else if (segment->p_type == PT_GNU_RELRO) {
            object->protected_start = start / page_size() * page_size();
            object->protected_end = (start + segment->p_memsz) / page_size() * page_size();
        }
    }
    object->is_loop_library = ol_patch_is_loop_library(object->path);
    return object->dynamic &&
           (uintptr_t)ol_patch_object_read - object->start >= object->end - object->start;
}

bool ol_patch_is_loop_library(const char *path)
{
    const struct ol_module module = {.path = path};
    return path && path[0] && ol_module_class(&module) == OL_CODE_framework;
}

bool ol_patch_object_lift(struct ol_patch_object *object, const void *slot)
{
    uintptr_t at = (uintptr_t)slot;
    if (at < object->protected_start || at >= object->protected_end || object->writable)
        return true;
    object->writable = mprotect((void *)object->protected_start,
                                object->protected_end - object->protected_start,
                                PROT_READ | PROT_WRITE) == 0;
    if (!object->writable)
        ol_recorder_blind_spot(object->path, "its imports are read-only for good: functions of "
                                             "rules files are not seen from there");
    return object->writable;
}

void ol_patch_object_put_back(struct ol_patch_object *object)
{
    if (object->writable)
        mprotect((void *)object->protected_start, object->protected_end - object->protected_start,
                 PROT_READ);
    object->writable = false;
}
