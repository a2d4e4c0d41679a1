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
#define JUDGED(call, ...)                                                                          \
    struct ol_hit hit;                                                                             \
    struct ol_argument argument = STRING(format);                                                  \
    ol_gate_judge(&hit, call, OL_RULE_syslog, OL_CALLER, &argument, OL_COUNTS);                    \
    __VA_ARGS__;                                                                                   \
    ol_gate_leave(&hit);

USED void wrap_vsyslog(int priority, const char *format, va_list list)
{
    if (ol_gate_is_open()) {
        REAL(vsyslog)(priority, format, list);
        return;
    }
    JUDGED(OL_CALL_vsyslog, REAL(vsyslog)(priority, format, list))
}

USED void wrap___vsyslog_chk(int priority, int flag, const char *format, va_list list)
{
    if (ol_gate_is_open()) {
        REAL(__vsyslog_chk)(priority, flag, format, list);
        return;
    }
    JUDGED(OL_CALL___vsyslog_chk, REAL(__vsyslog_chk)(priority, flag, format, list))
}

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
    JUDGED(OL_CALL_syslog, WITH_LIST(REAL(vsyslog)(priority, format, list)))
}

USED void judged___syslog_chk(int priority, int flag, const char *format, ...)
{
    if (ol_gate_is_open()) {
        WITH_LIST(REAL(__vsyslog_chk)(priority, flag, format, list))
        return;
    }
    JUDGED(OL_CALL___syslog_chk, WITH_LIST(REAL(__vsyslog_chk)(priority, flag, format, list)))
}

#ifdef __x86_64__
#define ENTRY(symbol)                                                                              \
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
#define ENTRY(symbol)                                                                              \
    extern __typeof(judged_##symbol) exported_##symbol __asm__(#symbol)                            \
        __attribute__((alias("judged_" #symbol), visibility("default")));
#endif

ENTRY(syslog)
ENTRY(__syslog_chk)
OL_EXPORT(vsyslog)
OL_EXPORT(__vsyslog_chk)
OL_CHECK_SIGNATURE(vsyslog)
