/* syslog(): variadic, with arguments of every kind, and nothing to jump to with a va_list at the
 * price of one jump. So on x86-64 the entry is a few lines of assembler that touch no argument: off
 * the loop they jump on, on it to the C function below them. Elsewhere that function serves alone.
 */
#include <stdarg.h>
#include <stddef.h>
#include <syslog.h>

#include "wrap.h"

extern void __vsyslog_chk(int priority, int flag, const char *format, va_list list);

#define USED static __attribute__((used))

/* What the format holds is not known before it is printed: the format is shown. */
#define JUDGED(call, caller, ...)                                                                  \
    struct ol_hit hit;                                                                             \
    struct ol_argument argument = STRING(format);                                                  \
    ol_gate_judge(&hit, call, OL_RULE_syslog, caller, &argument, OL_COUNTS);                       \
    __VA_ARGS__;                                                                                   \
    ol_gate_leave(&hit);

#define WITH_ITS_LIST(symbol, parameters, arguments)                                               \
    USED void wrap_##symbol parameters;                                                            \
    static                                                                                         \
        __attribute__((noinline)) void judged_##symbol(const void *caller, OL_UNWRAP parameters)   \
    {                                                                                              \
        if (ol_gate_is_open())                                                                     \
            REAL(symbol) arguments;                                                                \
        else {                                                                                     \
            JUDGED(OL_CALL_##symbol, caller, REAL(symbol) arguments)                               \
        }                                                                                          \
    }                                                                                              \
    OL_ENTRY(symbol, void, parameters, arguments)

WITH_ITS_LIST(vsyslog, (int priority, const char *format, va_list list), (priority, format, list))
WITH_ITS_LIST(__vsyslog_chk, (int priority, int flag, const char *format, va_list list),
              (priority, flag, format, list))

#define WITH_LIST(...)                                                                             \
    va_list list;                                                                                  \
    va_start(list, format);                                                                        \
    __VA_ARGS__;                                                                                   \
    va_end(list);

USED void judged_syslog(int priority, const char *format, ...)
{
    if (ol_gate_is_open()) {
        WITH_LIST(REAL(vsyslog)(priority, format, list))
        return;
    }
    JUDGED(OL_CALL_syslog, OL_CALLER, WITH_LIST(REAL(vsyslog)(priority, format, list)))
}

USED void judged___syslog_chk(int priority, int flag, const char *format, ...)
{
    if (ol_gate_is_open()) {
        WITH_LIST(REAL(__vsyslog_chk)(priority, flag, format, list))
        return;
    }
    JUDGED(OL_CALL___syslog_chk, OL_CALLER,
           WITH_LIST(REAL(__vsyslog_chk)(priority, flag, format, list)))
}

#ifdef __x86_64__
#define VARIADIC_ENTRY(symbol)                                                                     \
    __attribute__((naked, used, visibility("default"))) void wrap_##symbol(void);                  \
    __attribute__((naked, used)) void wrap_##symbol(void)                                          \
    {                                                                                              \
        __asm__("movq ol_self@gottpoff(%%rip), %%r11\n\t"                                          \
                "cmpb $0, %%fs:(%%r11)\n\t"                                                        \
                "jne judged_" #symbol "\n\t"                                                       \
                "leaq ol_real_slots(%%rip), %%r11\n\t"                                             \
                "movq %c0(%%r11), %%r11\n\t"                                                       \
                "testq %%r11, %%r11\n\t"                                                           \
                "je judged_" #symbol "\n\t"                                                        \
                "jmp *%%r11"                                                                       \
                :                                                                                  \
                : "i"(OL_SLOT_##symbol * sizeof(void *)));                                         \
    }                                                                                              \
    OL_EXPORT(symbol)
_Static_assert(offsetof(struct ol_thread, armed) == 0, "the assembler reads ol_self.armed");
#else
#define VARIADIC_ENTRY(symbol)                                                                     \
    extern __typeof(judged_##symbol) exported_##symbol __asm__(#symbol)                            \
        __attribute__((alias("judged_" #symbol), visibility("default")));
#endif

VARIADIC_ENTRY(syslog)
VARIADIC_ENTRY(__syslog_chk)
OL_CHECK_SIGNATURE(vsyslog)
