/* SPDX-License-Identifier: MIT */
/* The record's folder and name. The contract is in recorder_path.h. */
#include "recorder_path.h"

#include <fcntl.h>
#include <string.h>

#include "module.h"
#include "process.h"
#include "rawio.h"
#include "recorder.h"
#include "text.h"

#define ATTEMPTS 100u
#define ELSEWHERE 0x100u

#define EXISTS (-17)  /* EEXIST */
#define REFUSED (-13) /* EACCES */
#define TOO_LONG (-36)

static char record_path[4096], other_path[4096];
static bool elsewhere;

const char *ol_recorder_path(void)
{
    return record_path;
}

void ol_recorder_path_adopt(void)
{
    memcpy(record_path, other_path, sizeof record_path);
}

void ol_recorder_path_forget(void)
{
    record_path[0] = '\0';
}

bool ol_recorder_path_is_elsewhere(void)
{
    return elsewhere;
}

/* The default folder is made in the middle of somebody's sources. */
static void hide(const char *path)
{
    const char *name = ol_module_base_name(path);
    if (strcmp(name, OL_RECORD_FOLDER) != 0)
        return;
    struct ol_text file = OL_TEXT(other_path);
    ol_text_add(&file, path);
    ol_text_add(&file, "/.gitignore");
    int fd = ol_raw_open(file.bytes, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
    if (fd < 0)
        return;
    ol_raw_write(fd, "*\n", 2);
    ol_raw_close(fd);
}

/* A folder of ours, made where it is missing: not a link, not somebody else's. */
static bool private_folder(const char *path)
{
    struct stat status;
    if (path[0] != '/') /* relative to a working folder that is not known */
        return false;
    if (ol_raw_mkdir(path, 0700) == 0)
        hide(path);
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

static int image_pid(void)
{
    return ol_process.is_child ? ol_process.image_pid : ol_raw_getpid();
}

/* FOLDER/PROGRAM-PID.offloop; a number follows where a process of that pid has been before. */
static void name(struct ol_text *path, const char *folder, unsigned attempt)
{
    path->length = 0;
    ol_text_add(path, folder);
    ol_text_add_char(path, '/');
    ol_text_add(path, ol_process.program);
    ol_text_add_char(path, '-');
    ol_text_add_unsigned(path, (uint64_t)image_pid());
    if (attempt > 1) {
        ol_text_add_char(path, '-');
        ol_text_add_unsigned(path, attempt);
    }
    ol_text_add(path, OL_RECORD_SUFFIX);
}

static int create_in(const char *folder, ol_recorder_place *place)
{
    struct ol_text path = OL_TEXT(record_path);
    for (unsigned attempt = 1; attempt <= ATTEMPTS; attempt++) {
        name(&path, folder, attempt);
        int fd = path.cut ? TOO_LONG
                          : ol_raw_open(path.bytes, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
        *place = attempt;
        if (fd != EXISTS)
            return fd;
    }
    return EXISTS;
}

static char folder[4096]; /* one thread comes here, perhaps on a small stack */

static const char *folder_asked_for(void)
{
    struct ol_text where = OL_TEXT(folder);
    ol_text_add(&where, ol_process.out);
    return folder;
}

static const char *folder_elsewhere(void)
{
    struct ol_text where = OL_TEXT(folder);
    ol_text_add(&where, ol_process.temporary);
    ol_text_add(&where, "/offloop-");
    ol_text_add_unsigned(&where, (uint64_t)ol_raw_geteuid());
    return folder;
}

int ol_recorder_path_create(ol_recorder_place *place)
{
    folder_asked_for();
    make_parents(folder);
    int fd = private_folder(folder) ? create_in(folder, place) : REFUSED;
    if (fd >= 0)
        return fd;
    elsewhere = true;
    fd = private_folder(folder_elsewhere()) ? create_in(folder, place) : REFUSED;
    *place |= ELSEWHERE;
    if (fd < 0)
        ol_recorder_path_forget();
    return fd;
}

int ol_recorder_path_open(ol_recorder_place place)
{
    struct ol_text path = OL_TEXT(other_path);
    const char *where = place & ELSEWHERE ? folder_elsewhere() : folder_asked_for();
    name(&path, where, place & (ELSEWHERE - 1));
    return path.cut ? TOO_LONG : ol_raw_open(path.bytes, O_RDWR | O_NOFOLLOW | O_NONBLOCK, 0);
}
