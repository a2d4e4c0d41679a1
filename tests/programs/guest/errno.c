/* SPDX-License-Identifier: MIT */
/* Every kind of call, once right and once wrong, its result and what errno is afterwards. */
#include "turn.h"
#include <dlfcn.h>
#include <glob.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/socket.h>

#define BAD ((void *)1)
#define SHOW(call)                                                                                 \
    do {                                                                                           \
        errno = 77;                                                                                \
        long result = (long)(call);                                                                \
        printf("%s: %s, errno %d\n", #call, result < 0 ? "-" : result ? "+" : "0", errno);         \
    } while (0)

static struct stat st;
static struct timespec tick = {0, 1000}, wrong = {0, -1};
static struct sockaddr_in nobody = {.sin_family = AF_INET};
static glob_t found;
static fd_set set;
static struct addrinfo *info;
static struct dirent **names;

/* A path that could be read a moment ago. */
static void gone(void)
{
    char *path = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    strcpy(path, "/etc/hosts");
    SHOW(stat(path, &st)); SHOW(close(open(path, O_PATH)));
    munmap(path, 4096);
    SHOW(rename(path, path)); SHOW(rmdir(path)); SHOW(stat(path, &st)); SHOW(open(path, O_PATH)); SHOW(open(path, 0));
}

static void all(void)
{
    int s = socket(AF_INET, SOCK_STREAM, 0);
    nobody.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    nobody.sin_port = htons(1);
    SHOW(close(open("/etc/hosts", O_RDONLY))); SHOW(open("/none", O_RDONLY)); SHOW(open(BAD, O_RDONLY));
    SHOW(openat(AT_FDCWD, "/none", O_RDONLY)); SHOW(openat(99, "none", O_RDONLY));
    SHOW(fclose(fopen("/etc/hosts", "r"))); SHOW(fopen("/none", "r")); SHOW(fopen("/none", "?"));
    SHOW(stat("/etc", &st)); SHOW(stat("/none", &st)); SHOW(stat(BAD, &st)); SHOW(stat("/etc", BAD));
    SHOW(lstat("/etc", &st)); SHOW(fstatat(99, "x", &st, 0)); SHOW(access("/etc", R_OK)); SHOW(access(BAD, 0));
    SHOW(mkdir("/etc", 0700)); SHOW(mkdir(BAD, 0)); SHOW(rmdir("/none")); SHOW(rename("/none", "/none2"));
    SHOW(rename(BAD, BAD)); SHOW(unlink("/none")); SHOW(unlink(BAD)); SHOW(unlinkat(99, "x", 0));
    SHOW(closedir(opendir("/etc"))); SHOW(opendir("/none")); SHOW(scandir("/none", &names, NULL, NULL));
    SHOW(glob("/etc/host*", 0, NULL, &found)); SHOW(glob("/none*", 0, NULL, &found));
    SHOW(nanosleep(&tick, NULL)); SHOW(nanosleep(&wrong, NULL)); SHOW(nanosleep(BAD, NULL)); SHOW(usleep(1));
    SHOW(clock_nanosleep(CLOCK_MONOTONIC, 0, &tick, NULL)); SHOW(clock_nanosleep(99, 0, &tick, NULL));
    SHOW(getaddrinfo("localhost", NULL, NULL, &info)); SHOW(connect(s, (void *)&nobody, sizeof nobody));
    SHOW(connect(-1, (void *)&nobody, sizeof nobody)); SHOW(connect(s, BAD, 16)); SHOW(fsync(-1)); SHOW(fsync(s));
    SHOW(waitpid(-1, NULL, 0)); SHOW(system("exit 3")); SHOW(pclose(popen("exit 4", "r"))); SHOW(popen("x", "?"));
    SHOW(dlopen("libnone.so", RTLD_NOW)); puts(dlerror()); SHOW(poll(NULL, 0, 1)); SHOW(poll(BAD, 1, 1));
    SHOW(select(0, NULL, NULL, NULL, &(struct timeval){0, 1})); SHOW(select(-1, &set, NULL, NULL, NULL));
    SHOW(epoll_wait(-1, BAD, 1, 1)); SHOW(epoll_wait(s, BAD, 1, 1)); SHOW(read(-1, BAD, 1)); SHOW(write(-1, "x", 1));
    SHOW(pread(s, BAD, 1, 0)); SHOW(pwrite(s, "x", 1, 0)); SHOW(pread(-1, BAD, 1, 0)); SHOW(write(epfd, "x", 1));
    close(s);
    gone();
    s = open("/etc/hosts", O_RDONLY);
    SHOW(write(s, "x", 1)); SHOW(pwrite(s, "x", 1, 0)); SHOW(pread(s, BAD, 1, 0));
    close(s);
}

int main(void)
{
    for (int round = 0; round < 2; round++) { /* a first hit, and one more */
        turn();
        all();
    }
}
