/* SPDX-License-Identifier: MIT */
/* Lines of OFFLOOP_DEBUG. The contract is in debug.h. */
#include "debug.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>

#include "log.h"
#include "module.h"
#include "process.h"
#include "rawio.h"
#include "text.h"

#define LINE_MAX 700 /* the stack may be small; a line is cut */

uint32_t ol_debug_set;

static const char *const words[OL_DEBUG_COUNT] = {
#define DEBUG(id, text) [OL_DEBUG_##id] = #id,
#include "debug.def"
#undef DEBUG
};

void ol_debug_start(uint32_t set)
{
    ol_debug_set = set;
    if (ol_debug_has(OL_DEBUG_loop) || ol_debug_has(OL_DEBUG_gate))
        atomic_fetch_or(&ol_process_looks_closely, OL_PROCESS_PRINTS);
}

static void add_place(struct ol_text *line, const void *address)
{
    struct ol_module module;
    bool found = ol_module_find(address, &module);
    const char *name = found ? ol_module_base_name(module.path) : "jit";
    ol_text_add(line, found && !module.map->l_name[0] ? ol_process.program : name);
    ol_text_add_char(line, '+');
    ol_text_add_hex(line, (uint64_t)(uintptr_t)address - (found ? module.map->l_addr : 0));
}

static void add_word(struct ol_text *line, const char *format, va_list *list)
{
    switch (*format) {
    case 's':
        ol_text_add(line, va_arg(*list, const char *));
        break;
    case 'd':
        ol_text_add_signed(line, va_arg(*list, int));
        break;
    case 'u':
        ol_text_add_unsigned(line, va_arg(*list, unsigned));
        break;
    case 'l':
        ol_text_add_duration(line, va_arg(*list, unsigned long));
        break;
    default:
        add_place(line, va_arg(*list, const void *));
    }
}

static void add_words(struct ol_text *line, const char *format, va_list *list)
{
    for (; *format; format++) {
        if (*format != '%') {
            ol_text_add_char(line, *format);
            continue;
        }
        add_word(line, ++format, list);
        format += *format == 'l';
    }
}

static void add_head(struct ol_text *line, enum ol_debug_word word)
{
    char name[16];
    ol_text_add(line, "debug ");
    ol_text_add(line, words[word]);
    ol_text_add(line, ": thread ");
    ol_text_add_signed(line, ol_raw_gettid());
    ol_text_add_char(line, ' ');
    ol_text_add(line, ol_raw_thread_name(name) == 0 ? name : "");
    ol_text_add(line, ": ");
}

void ol_debug_say(enum ol_debug_word word, const char *format, ...)
{
    int saved = errno; /* the loader changes it */
    char bytes[LINE_MAX];
    struct ol_text line = OL_TEXT(bytes);
    va_list list;
    add_head(&line, word);
    va_start(list, format);
    add_words(&line, format, &list);
    va_end(list);
    ol_log_say(bytes);
    errno = saved;
}
