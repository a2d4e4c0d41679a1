/* Calls one function N times off any loop: scripts/bench counts instructions with the library and without it. */
#include <dirent.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct stat status;
static struct statx statx_status;

static void do_nothing(void) {}
static void do_open(void) { open("", O_RDONLY); }
static void do_openat(void) { openat(AT_FDCWD, "", O_RDONLY); }
static void do_stat(void) { stat("", &status); }
static void do_fstatat(void) { fstatat(AT_FDCWD, "", &status, 0); }
static void do_statx(void) { statx(AT_FDCWD, "", 0, 0, &statx_status); }
static void do_access(void) { access("", R_OK); }
static void do_rename(void) { rename("", ""); }
static void do_unlink(void) { unlink(""); }
static void do_fsync(void) { fsync(-1); }
static void do_opendir(void) { opendir(""); }
static void do_nanosleep(void) { nanosleep(&(struct timespec){0, -1}, NULL); }
static void do_waitpid(void) { waitpid(-2, NULL, WNOHANG); }
static void do_connect(void) { connect(-1, NULL, 0); }
static void do_close(void) { close(-1); }
static void do_poll(void) { poll(NULL, 0, 0); }
static void do_select(void) { select(0, NULL, NULL, NULL, &(struct timeval){0, 0}); }

static const struct {
    const char *name;
    void (*call)(void);
} functions[] = {
    {"nothing", do_nothing},     {"open", do_open},     {"openat", do_openat}, {"stat", do_stat},
    {"fstatat", do_fstatat},     {"statx", do_statx},   {"access", do_access}, {"rename", do_rename},
    {"unlink", do_unlink},       {"fsync", do_fsync},   {"opendir", do_opendir}, {"nanosleep", do_nanosleep},
    {"waitpid", do_waitpid},     {"connect", do_connect}, {"close", do_close}, {"poll", do_poll},
    {"select", do_select},
};

int main(int argc, char **argv)
{
    size_t count = sizeof functions / sizeof *functions;
    for (size_t i = 0; argc < 2 && i < count; i++)
        puts(functions[i].name);
    for (size_t i = 0; argc == 3 && i < count; i++)
        for (long n = strcmp(functions[i].name, argv[1]) == 0 ? atol(argv[2]) : 0; n > 0; n--)
            functions[i].call();
    return 0;
}
