/* SPDX-License-Identifier: MIT */
/* CPython's C API by name. The contract is in bridge_api.h. */
#include "bridge_api.h"

#include <stddef.h>

#include "../detector/symbol.h"

struct ol_pyapi ol_py;

static const struct {
    const char *name;
    size_t offset;
    bool needed;
} symbols[] = {
#define OL_PYAPI(result, name, parameters) {#name, offsetof(struct ol_pyapi, name), true},
#define OL_PYAPI_MAYBE(result, name, parameters) {#name, offsetof(struct ol_pyapi, name), false},
#define OL_PYDATA(name) {#name, offsetof(struct ol_pyapi, name), true},
#include "bridge_api.def"
#undef OL_PYAPI
#undef OL_PYAPI_MAYBE
#undef OL_PYDATA
};

const char *ol_pyapi_find(void)
{
    for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++) {
        void **slot = (void **)((char *)&ol_py + symbols[i].offset);
        *slot = ol_symbol_address(symbols[i].name);
        if (!*slot && symbols[i].needed)
            return symbols[i].name;
    }
    return NULL;
}

/* Two words of the runtime and a thread-local: what another thread does with them meanwhile makes
 * the answer late, never wrong. */
bool ol_pyapi_is_alive(void)
{
    int (*ends)(void) = ol_py.Py_IsFinalizing ? ol_py.Py_IsFinalizing : ol_py._Py_IsFinalizing;
    return ol_py.Py_IsInitialized() && !(ends && ends()) && ol_py.PyGILState_GetThisThreadState();
}
