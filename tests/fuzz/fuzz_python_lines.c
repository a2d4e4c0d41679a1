/* SPDX-License-Identifier: MIT */
/* Anything at all as the line table of a Python function, in each of its forms. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "python/inside.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size < 4)
        return -1;
    size_t rest = size - 4;
    uint8_t *table = malloc(rest ? rest : 1);
    memcpy(table, bytes + 4, rest);
    uint32_t first = bytes[0] & 1 ? UINT32_MAX - bytes[1] : bytes[1];
    for (int at = -1; at < 40; at++)
        ol_pylines_find((enum ol_pylines)(bytes[0] / 2 % 3), table, rest, first,
                        at < 0 ? at : at * (1 + bytes[2] * (int64_t)bytes[3]));
    free(table);
    return 0;
}
