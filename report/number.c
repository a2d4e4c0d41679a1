/* SPDX-License-Identifier: MIT */
/* Numbers and times in words. */
#include "number.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "detector/text.h"
#include "pool.h"

const char *ol_number_duration(struct obstack *pool, uint64_t ns)
{
    char bytes[32];
    struct ol_text text = OL_TEXT(bytes);
    ol_text_add_duration(&text, ns);
    return ol_pool_string(pool, bytes);
}

const char *ol_number_count(struct obstack *pool, uint64_t number)
{
    char digits[24];
    size_t length = (size_t)snprintf(digits, sizeof digits, "%llu", (unsigned long long)number);
    for (size_t i = 0; i < length; i++) {
        if (i && (length - i) % 3 == 0)
            obstack_1grow(pool, ',');
        obstack_1grow(pool, digits[i]);
    }
    obstack_1grow(pool, '\0');
    return obstack_finish(pool);
}

const char *ol_number_stamp(struct obstack *pool, int64_t ns)
{
    struct tm parts;
    char day[32];
    time_t seconds = ns / 1000000000;
    if (ns < 0 || !gmtime_r(&seconds, &parts) ||
        !strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &parts))
        return NULL;
    return ol_pool_format(pool, "%s.%09dZ", day, (int)(ns % 1000000000));
}
