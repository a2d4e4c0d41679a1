/* SPDX-License-Identifier: MIT */
/* Loads plugins to the same place in turn, and has hits inside of them. */
#include "turn.h"
#include <dlfcn.h>

int main(int argc, char **argv)
{
    for (int i = 0; i < 40; i++) {
        void *plugin = dlopen(argv[1 + i % (argc - 1)], RTLD_NOW);
        int (*deeper)(int) = (int (*)(int))dlsym(plugin, "plugin_deeper");
        turn();
        printf("%d\n", deeper(i % 7));
        dlclose(plugin);
        hit();
    }
}
