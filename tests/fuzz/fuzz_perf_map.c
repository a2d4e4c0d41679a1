/* SPDX-License-Identifier: MIT */
/* Anything at all as a perf map. For the edges of each of its entries the name that is found is
 * that of the entry which a look at each of them, one by one, finds. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "report/perf_map.h"
#include "report/runtime/runtime.h"

#define ASKED 200    /* entries whose edges are asked for */
#define OVERLAPS 64u /* that perf_map.c looks at for one address */

struct entry {
    uint64_t start, size;
    const char *name;
};

static struct entry *entries;
static size_t count;

/* Up to 16 digits and a blank; NULL for anything else. */
static const char *read_hex(const char *text, uint64_t *number)
{
    static const char digits[] = "00112233445566778899aAbBcCdDeEfF";
    const char *digit;
    *number = 0;
    text += strspn(text, " ");
    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X') && text[2] && strchr(digits, text[2]))
        text += 2;
    const char *first = text;
    for (; *text && (digit = strchr(digits, *text)); text++) {
        if (*number >> 60)
            return NULL;
        *number = *number * 16 + (uint64_t)(digit - digits) / 2;
    }
    return text > first && *text == ' ' ? text + 1 : NULL;
}

static void read_entry(const char *line)
{
    struct entry entry;
    const char *rest = read_hex(line, &entry.start);
    rest = rest ? read_hex(rest, &entry.size) : NULL;
    if (!rest || !entry.size || entry.start + (entry.size - 1) < entry.start)
        return;
    entry.name = rest;
    entries[count++] = entry;
}

static void read_entries(char *text, size_t size)
{
    count = 0;
    entries = calloc(size + 1, sizeof *entries);
    for (char *line = text; line;) {
        char *end = strchr(line, '\n');
        if (end)
            *end++ = '\0';
        read_entry(line);
        line = end;
    }
}

static const struct entry *last_of(uint64_t address)
{
    for (size_t i = count; i > 0; i--)
        if (address - entries[i - 1].start < entries[i - 1].size)
            return &entries[i - 1];
    return NULL;
}

/* How many begin between the entry and the address: perf_map.c looks no further than OVERLAPS. */
static size_t between(uint64_t start, uint64_t address)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++)
        found += entries[i].start >= start && entries[i].start <= address;
    return found;
}

static void look_at_name(const char *name)
{
    struct obstack pool;
    struct ol_frame frame = {.function = NULL};
    ol_pool_begin(&pool);
    if (ol_runtime_name_made(&pool, name, &frame))
        DEMAND(frame.kind == OL_FRAME_js && *frame.function && frame.file);
    ol_pool_end(&pool);
}

static void ask(struct ol_perf_maps *maps, uint64_t address)
{
    const char *found = ol_perf_map_find(maps, 1, address);
    const struct entry *entry = last_of(address);
    if (found)
        look_at_name(found);
    DEMAND(!found || entry);
    if (entry && between(entry->start, address) < OVERLAPS)
        DEMAND(found && strcmp(found, entry->name) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char record[128];
    snprintf(record, sizeof record, "%s", fuzz_named_file("map.1.map", bytes, size));
    record[strlen(record) - strlen(".1.map")] = '\0';
    read_entries(fuzz_string(bytes, size), size);
    struct ol_perf_maps *maps = ol_perf_map_begin(record, 0);
    for (size_t i = 0; i < count && i < ASKED; i++) {
        ask(maps, entries[i].start - 1);
        ask(maps, entries[i].start);
        ask(maps, entries[i].start + entries[i].size - 1);
        ask(maps, entries[i].start + entries[i].size);
    }
    ask(maps, 0);
    ol_perf_map_end(maps);
    free(entries);
    fuzz_forget();
    return 0;
}
