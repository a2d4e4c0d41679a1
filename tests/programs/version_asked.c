/* SPDX-License-Identifier: MIT */
/* Py_GetVersion() of CPython up to 3.11 at its worst moment: whoever asks but the interpreter itself
 * finds the buffer empty. Preloaded (tests/e2e/test_first_loops.py). */
#include <dlfcn.h>
#include <string.h>

const char *Py_GetVersion(void)
{
    const char *(*real)(void);
    Dl_info asker;
    *(void **)&real = dlsym(RTLD_NEXT, "Py_GetVersion");
    if (real && dladdr(__builtin_return_address(0), &asker) && strstr(asker.dli_fname, "python"))
        return real();
    return "";
}
