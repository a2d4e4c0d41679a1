/* SPDX-License-Identifier: MIT */
/* Destructors of thread-local objects, and of keys, that make wrapped calls when a loop thread ends. */
extern "C" {
#include "turn.h"
}
struct Closer {
    int fd = open("/etc/hosts", O_RDONLY);
    ~Closer()
    {
        hit();
        printf("close %d\n", close(fd));
    }
};
static thread_local Closer closer;
static pthread_key_t key;

static void *loops(void *)
{
    struct epoll_event event;
    int own = epoll_create1(0);
    epoll_wait(own, &event, 1, 0);
    pthread_setspecific(key, &closer);
    hit();
    return nullptr;
}

int main()
{
    pthread_key_create(&key, [](void *) { hit(); puts("key"); });
    for (int i = 0; i < 300; i++) {
        pthread_t thread;
        pthread_create(&thread, nullptr, loops, nullptr);
        pthread_join(thread, nullptr);
    }
}
