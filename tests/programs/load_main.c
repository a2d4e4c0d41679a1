/* SPDX-License-Identifier: MIT */
/* Loads argv[1], a victim that was built as a library, and runs its victim_main() with the words
 * behind: so its loop's library comes with it. */
#include <dlfcn.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    int (*run)(int, char **);
    void *library = argc > 1 ? dlopen(argv[1], RTLD_NOW) : NULL;
    *(void **)&run = library ? dlsym(library, "victim_main") : NULL;
    if (!run)
        return puts(dlerror()), 1;
    return run(argc - 1, argv + 1);
}
