/* The record's file: private (0600, folder 0700, no link followed), its space reserved when it is
 * made, since a page that finds the disk full later would kill the program (SIGBUS). No descriptor
 * stays open. Without a file there is a private mapping of the same shape, so that nothing else has
 * to ask. */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

#include "guest.h"
#include "module.h"
#include "rawio.h"
#include "recorder.h"
#include "text.h"

struct shape {
    uint32_t entry_size;
    uint32_t capacity;
};

/* 5.2 MB in all. Sites at 16 frames each use up frames and sites together. */
static const struct shape shapes[OL_SECTION_COUNT] = {
    [OL_SECTION_processes] = {sizeof(struct ol_process_entry), 1024},
    [OL_SECTION_loops] = {sizeof(struct ol_loop_entry), 128},
    [OL_SECTION_modules] = {sizeof(struct ol_module_entry), 1024},
    [OL_SECTION_sites] = {sizeof(struct ol_site_entry), 8192},
    [OL_SECTION_frames] = {sizeof(struct ol_frame_entry), 65536},
    [OL_SECTION_strings] = {1, 1536 * 1024},
    [OL_SECTION_blind_spots] = {sizeof(struct ol_blind_spot_entry), 128},
    [OL_SECTION_suppressed] = {sizeof(struct ol_suppressed_entry), 512},
};

static char record_path[4096];
static const char *trouble;
static bool elsewhere; /* not in the folder that was asked for */

const char *ol_recorder_path(void)
{
    return record_path;
}

const char *ol_recorder_trouble(void)
{
    return trouble;
}

static uint64_t aligned(uint64_t size)
{
    return (size + 63) & ~(uint64_t)63;
}

static uint64_t whole_size(void)
{
    uint64_t size = aligned(sizeof(struct ol_record));
    for (int i = 0; i < OL_SECTION_COUNT; i++)
        size += aligned((uint64_t)shapes[i].entry_size * shapes[i].capacity);
    return (size + 4095) & ~(uint64_t)4095;
}

/* A folder of ours, made where it is missing: not a link, not somebody else's. */
static bool private_folder(const char *path)
{
    struct stat status;
    if (path[0] != '/') /* relative to a working folder that is not known */
        return false;
    ol_raw_mkdir(path, 0700);
    return ol_raw_lstat(path, &status) == 0 && S_ISDIR(status.st_mode) &&
           (int)status.st_uid == ol_raw_geteuid();
}

/* Makes the parents too; the last folder is checked by private_folder. */
static void make_parents(char *path)
{
    for (char *slash = path[0] == '/' ? strchr(path + 1, '/') : NULL; slash;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        ol_raw_mkdir(path, 0700);
        *slash = '/';
    }
}

/* FOLDER/PROGRAM-PID.offloop; a number follows where a process of that pid has been before. */
static int create_in(const char *folder, struct ol_text *path)
{
    for (unsigned attempt = 1; attempt <= 100; attempt++) {
        path->length = 0;
        ol_text_add(path, folder);
        ol_text_add_char(path, '/');
        ol_text_add(path, ol_guest.program);
        ol_text_add_char(path, '-');
        ol_text_add_unsigned(path, (uint64_t)ol_raw_getpid());
        if (attempt > 1) {
            ol_text_add_char(path, '-');
            ol_text_add_unsigned(path, attempt);
        }
        ol_text_add(path, OL_RECORD_SUFFIX);
        int fd = path->cut ? -36
                           : ol_raw_open(path->bytes, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
        if (fd != -17) /* EEXIST */
            return fd;
    }
    return -17;
}

static int create_file(void)
{
    struct ol_text path = OL_TEXT(record_path);
    static char folder[4096]; /* one thread comes here, once, perhaps on a small stack */
    struct ol_text where = OL_TEXT(folder);
    ol_text_add(&where, ol_guest.out);
    make_parents(folder);
    int fd = private_folder(folder) ? create_in(folder, &path) : -13;
    if (fd >= 0)
        return fd;
    elsewhere = true;
    where.length = 0;
    ol_text_add(&where, ol_guest.temporary);
    ol_text_add(&where, "/offloop-");
    ol_text_add_unsigned(&where, (uint64_t)ol_raw_geteuid());
    return private_folder(folder) ? create_in(folder, &path) : -13;
}

/* Reserves the space and maps it; NULL says why in `trouble`. */
static struct ol_record *map_file(uint64_t size)
{
    int fd = create_file();
    if (fd < 0) {
        record_path[0] = '\0';
        trouble = "no folder for records could be written";
        return NULL;
    }
    struct ol_quiet quiet = ol_raw_quiet_begin(); /* a limit on the size of files sends SIGXFSZ */
    int reserved = ol_raw_fallocate(fd, size);
    if (reserved == -95 ||
        reserved == -38) /* EOPNOTSUPP, ENOSYS: that file system reserves nothing */
        reserved = ol_raw_ftruncate(fd, size);
    ol_raw_quiet_end(quiet);
    void *map = reserved == 0 ? ol_raw_mmap(size, PROT_READ | PROT_WRITE, MAP_SHARED, fd) : NULL;
    ol_raw_close(fd);
    if (map)
        return map;
    trouble = "no room for the record on its file system";
    if (!ol_guest.options.run) /* which looks for what is left of it */
        ol_raw_unlink(record_path);
    record_path[0] = '\0';
    return NULL;
}

static void lay_out(struct ol_record *record, uint64_t size)
{
    uint64_t offset = aligned(sizeof *record);
    for (int i = 0; i < OL_SECTION_COUNT; i++) {
        struct ol_section *section = &record->sections[i];
        section->offset = offset;
        section->entry_size = shapes[i].entry_size;
        section->capacity = shapes[i].capacity;
        offset += aligned((uint64_t)shapes[i].entry_size * shapes[i].capacity);
    }
    record->sections[OL_SECTION_strings].used = 1; /* string 0 is "" */
    record->version = OL_RECORD_VERSION;
    record->byte_order = OL_RECORD_BYTE_ORDER;
    record->header_size = sizeof *record;
    record->pointer_size = sizeof(void *);
    record->file_size = size;
    strncpy(record->offloop_version, OFFLOOP_VERSION, sizeof record->offloop_version - 1);
    record->started_ns = ol_guest.started_ns;
    record->started_realtime_ns = ol_guest.started_realtime_ns;
}

bool ol_recorder_open(void)
{
    static _Atomic int making;
    if (ol_recorder)
        return true;
    if (atomic_exchange(&making, 1))
        return false;
    uint64_t size = whole_size();
    struct ol_record *record = map_file(size);
    if (!record)
        record = ol_raw_mmap(size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1);
    if (!record)
        return false; /* stays in `making`: without memory there is no detector */
    lay_out(record, size);
    ol_recorder = record;
    record->exe = ol_recorder_string(ol_module_program());
    record->argv = ol_recorder_string(ol_guest.argv);
    record->cwd = ol_recorder_string(ol_guest.cwd);
    ol_recorder_process_started(ol_raw_getpid(), 0);
    if (elsewhere)
        ol_recorder_blind_spot(ol_guest.out, OL_RECORD_ELSEWHERE);
    memcpy(record->magic, OL_RECORD_MAGIC, sizeof record->magic);
    return true;
}

/* Does another process count into this record? A daemon's parents exit right after their fork(): a
 * child that has not begun yet has its entry all the same. */
static bool is_shared(void)
{
    const struct ol_section *section = &ol_recorder->sections[OL_SECTION_processes];
    for (uint32_t i = 0; i < section->used && i < section->capacity; i++) {
        const struct ol_process_entry *entry = ol_recorder_entry(OL_SECTION_processes, i);
        if (entry->state == OL_ENTRY_writing)
            return true;
        if (entry->state == OL_ENTRY_ready && entry->ended_ns == 0 && ol_raw_is_alive(entry->pid))
            return true;
    }
    return section->lost > 0;
}

void ol_recorder_discard_if_empty(void)
{
    if (!ol_recorder || !record_path[0] || ol_recorder->sections[OL_SECTION_loops].used ||
        ol_recorder->hits || is_shared())
        return;
    ol_raw_unlink(record_path);
}
