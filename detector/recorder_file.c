/* SPDX-License-Identifier: MIT */
/* The record's memory: mapped from a file, which the processes of a family share, whichever of them
 * sees a loop first. No descriptor stays open. Without a file there is memory of the same shape, so
 * that nothing else has to ask. */
#include <string.h>
#include <sys/mman.h>

#include "debug.h"
#include "module.h"
#include "process.h"
#include "rawio.h"
#include "recorder.h"
#include "recorder_path.h"
#include "recorder_process.h"
#include "recorder_room.h"

#define SIZE sizeof(struct ol_recorder_file)
#define BEHIND 131072 /* zeros, so that a string that was made endless ends: two pages anywhere */

static const char *trouble;

const char *ol_recorder_trouble(void)
{
    return trouble;
}

/* What a family knows of its record, in memory that all of it shares: made before the first fork.
 */
static _Atomic ol_recorder_place *_Atomic family;

static void publish(_Atomic ol_recorder_place *known, ol_recorder_place *place)
{
    ol_recorder_place nobodys = 0;
    if (*place && !atomic_compare_exchange_strong(known, &nobodys, *place))
        *place = nobodys;
}

static ol_recorder_place own_place;

void ol_recorder_share(void)
{
    _Atomic ol_recorder_place *none = NULL;
    if (family)
        return;
    void *shared = ol_raw_mmap(OL_RECORDER_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                               -1);
    if (!shared)
        return;
    if (!atomic_compare_exchange_strong(&family, &none, shared)) {
        ol_raw_munmap(shared, OL_RECORDER_PAGE);
        return;
    }
    ol_recorder_place place = own_place;
    publish(shared, &place);
}

static struct ol_recorder_file *reserve(void)
{
    return ol_raw_mmap(SIZE + BEHIND, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

static void give_back(struct ol_recorder_file *file)
{
    ol_raw_munmap(file, SIZE + BEHIND);
}

/* NULL says why in `trouble`. */
static bool map_file(struct ol_recorder_file *file)
{
    int fd = ol_recorder_path_create(&own_place);
    bool mapped = fd >= 0 && ol_recorder_room_make(fd, file);
    if (fd >= 0)
        ol_raw_close(fd);
    if (mapped)
        return true;
    trouble = fd < 0 ? "no folder for records could be written"
                     : "no room for the record on its file system";
    if (fd >= 0 && !ol_process.options.run) /* which looks for what is left of it */
        ol_raw_unlink(ol_recorder_path());
    ol_recorder_path_forget();
    own_place = 0;
    return false;
}

static bool map_memory(struct ol_recorder_file *file)
{
    ol_recorder_room_is_memory();
    return ol_raw_mmap_over(file, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1);
}

static void lay_out(struct ol_record *record)
{
    for (int i = 0; i < OL_SECTION_COUNT; i++) {
        record->sections[i].offset = ol_recorder_sections[i].offset;
        record->sections[i].entry_size = ol_recorder_sections[i].entry_size;
        record->sections[i].capacity = ol_recorder_sections[i].capacity;
    }
    record->sections[OL_SECTION_strings].used = 1; /* string 0 is "" */
    record->version = OL_RECORD_VERSION;
    record->byte_order = OL_RECORD_BYTE_ORDER;
    record->header_size = sizeof *record;
    record->pointer_size = sizeof(void *);
    record->file_size = SIZE;
    strncpy(record->offloop_version, OFFLOOP_VERSION, sizeof record->offloop_version - 1);
    record->started_ns = ol_process.started_ns;
    record->started_realtime_ns = ol_process.started_realtime_ns;
}

static void begin(struct ol_record *record)
{
    lay_out(record);
    ol_recorder = record;
    record->exe = ol_recorder_string(ol_module_program());
    record->argv = ol_recorder_string(ol_process.argv);
    record->cwd = ol_recorder_string(ol_process.cwd);
    ol_recorder_process_begin();
    if (ol_recorder_path_is_elsewhere())
        ol_recorder_blind_spot(ol_process.out, OL_RECORD_ELSEWHERE);
    memcpy(record->magic, OL_RECORD_MAGIC, sizeof record->magic);
}

static bool is_whole(int fd)
{
    struct ol_record header;
    return ol_raw_pread(fd, &header, sizeof header, 0) == sizeof header &&
           memcmp(header.magic, OL_RECORD_MAGIC, sizeof header.magic) == 0 &&
           header.version == OL_RECORD_VERSION && header.header_size == sizeof header;
}

/* Maps the family's record over that memory, which stays as it is when there is none. */
static bool take(struct ol_recorder_file *file, ol_recorder_place place)
{
    int fd = ol_recorder_path_open(place);
    bool taken = fd >= 0 && is_whole(fd) && ol_recorder_room_join(fd, file);
    if (fd >= 0)
        ol_raw_close(fd);
    return taken;
}

bool ol_recorder_join(void)
{
    _Atomic ol_recorder_place *known = family;
    ol_recorder_place place = known ? *known : 0;
    if (ol_recorder || !place)
        return ol_recorder;
    struct ol_recorder_file *file = reserve();
    if (!file || !take(file, place)) {
        if (file)
            give_back(file);
        return false;
    }
    ol_recorder_path_adopt();
    own_place = place;
    ol_recorder = &file->header;
    ol_recorder_process_join();
    ol_debug(record, "counts into %s, which another process of the family has made",
             ol_recorder_path());
    return true;
}

bool ol_recorder_open(void)
{
    if (ol_recorder || ol_recorder_join())
        return true;
    struct ol_recorder_file *file = reserve();
    if (!file)
        return false;
    if (!map_file(file) && !map_memory(file)) {
        give_back(file);
        return false;
    }
    begin(&file->header);
    if (own_place)
        ol_debug(record, "is %s", ol_recorder_path());
    else
        ol_debug(record, "is in memory alone: %s", trouble);
    return true;
}

/* Several processes of a family may begin their loops at once: the first one's record stays. */
bool ol_recorder_publish(void)
{
    ol_recorder_place place = own_place;
    if (!family)
        return true;
    if (!place)
        return false;
    publish(family, &place);
    if (place == own_place)
        return true;
    if (!take((struct ol_recorder_file *)(void *)ol_recorder, place))
        return false;
    ol_raw_unlink(ol_recorder_path());
    ol_debug(record, "another process of the family was first: this one is removed");
    ol_recorder_path_adopt();
    own_place = place;
    ol_recorder_process_join();
    return true;
}

static bool is_empty(void)
{
    for (uint32_t i = 0; i < ol_recorder_used(OL_SECTION_loops); i++) {
        const struct ol_loop_entry *loop = ol_recorder_entry(OL_SECTION_loops, i);
        if (loop->state == OL_ENTRY_ready)
            return false;
    }
    return !ol_recorder->hits;
}

void ol_recorder_discard_if_empty(void)
{
    if (!ol_recorder || !own_place || !is_empty() || ol_recorder_process_is_shared())
        return;
    ol_debug(record, "nothing is in it: %s is removed", ol_recorder_path());
    ol_raw_unlink(ol_recorder_path());
}
