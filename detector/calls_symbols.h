/* SPDX-License-Identifier: MIT */
/* calls.def, one macro for each exported symbol: a row's own and those of its spellings, which take
 * from the row what they don't say themselves. Define what is of interest before including; what is
 * not defined is nothing:
 *
 *   ONE_CALL, ONE_SPELLING, ONE_NEAR(symbol, name, rule, fail, result, parameters, arguments, when,
 * argument) ONE_NULLARY(symbol, name, rule, fail, result, when, argument) ONE_VARIADIC(symbol,
 * name, rule, fail, result, parameters, last, listed, arguments, when, argument) ONE_ODD(symbol,
 * name, rule, fail) DECLARED(symbol, result, parameters) before each spelling of a CALL or a
 * VARIADIC: headers may declare it, in this way only, or not at all
 *
 * calls_rows.h does it for the columns that all have.
 */
#ifndef ONE_CALL
#define ONE_CALL(...)
#endif
#ifndef ONE_SPELLING
#define ONE_SPELLING(...)
#endif
#ifndef ONE_NEAR
#define ONE_NEAR(...)
#endif
#ifndef ONE_NULLARY
#define ONE_NULLARY(...)
#endif
#ifndef ONE_VARIADIC
#define ONE_VARIADIC(...)
#endif
#ifndef ONE_ODD
#define ONE_ODD(...)
#endif
#ifndef DECLARED
#define DECLARED(...)
#endif

/* What stands in the last columns: how it takes the row's columns, and its own. */
#define SAME(...) (same, __VA_ARGS__)
#define OTHER(...) (other, __VA_ARGS__)

/* For each of up to three spellings: OL_<kind>_<how>(columns of the spelling, columns of the row)
 */
#define OL_EACH(...)                                                                               \
    OL_EACH_OF(__VA_ARGS__, OL_EACH_3, OL_EACH_2, OL_EACH_1, OL_EACH_0, )(__VA_ARGS__)
#define OL_EACH_OF(kind, row, a, b, c, each, ...) each
#define OL_EACH_0(kind, row)
#define OL_EACH_1(kind, row, a) OL_SPELL(kind, OL_COLUMNS a, OL_COLUMNS row)
#define OL_EACH_2(kind, row, a, b)                                                                 \
    OL_EACH_1(kind, row, a) OL_SPELL(kind, OL_COLUMNS b, OL_COLUMNS row)
#define OL_EACH_3(kind, row, a, b, c)                                                              \
    OL_EACH_2(kind, row, a, b) OL_SPELL(kind, OL_COLUMNS c, OL_COLUMNS row)
#define OL_COLUMNS(...) __VA_ARGS__
#define OL_SPELL(kind, ...) OL_SPELL_AS(kind, __VA_ARGS__)
#define OL_SPELL_AS(kind, how, ...) OL_##kind##_##how(__VA_ARGS__)

#define CALL(symbol, name, rule, fail, result, parameters, arguments, when, shown, ...)            \
    ONE_CALL(symbol, name, rule, fail, result, parameters, arguments, when, shown)                 \
    OL_EACH(call, (name, rule, fail, result, parameters, arguments, when, shown), ##__VA_ARGS__)
#define SPELLING(symbol, name, rule, fail, result, parameters, arguments, when, shown, ...)        \
    ONE_SPELLING(symbol, name, rule, fail, result, parameters, arguments, when, shown)             \
    OL_EACH(call, (name, rule, fail, result, parameters, arguments, when, shown), ##__VA_ARGS__)
#define OL_call_same(symbol, name, rule, fail, result, parameters, arguments, when, shown)         \
    DECLARED(symbol, result, parameters)                                                           \
    ONE_CALL(symbol, name, rule, fail, result, parameters, arguments, when, shown)
#define OL_call_other(symbol, result, parameters, arguments, name, rule, fail, row_result,         \
                      row_parameters, row_arguments, when, shown)                                  \
    OL_call_same(symbol, name, rule, fail, result, parameters, arguments, when, shown)

#define NEAR(...) ONE_NEAR(__VA_ARGS__)

#define NULLARY(symbol, name, rule, fail, result, when, shown, ...)                                \
    ONE_NULLARY(symbol, name, rule, fail, result, when, shown)                                     \
    OL_EACH(nullary, (name, rule, fail, result, when, shown), ##__VA_ARGS__)
#define OL_nullary_same(...) ONE_NULLARY(__VA_ARGS__)

#define VARIADIC(symbol, name, rule, fail, result, parameters, last, listed, arguments, when,      \
                 shown, ...)                                                                       \
    ONE_VARIADIC(symbol, name, rule, fail, result, parameters, last, listed, arguments, when,      \
                 shown)                                                                            \
    OL_EACH(variadic,                                                                              \
            (name, rule, fail, result, parameters, last, listed, arguments, when, shown),          \
            ##__VA_ARGS__)
#define OL_variadic_same(symbol, listed, name, rule, fail, result, parameters, last, row_listed,   \
                         arguments, when, shown)                                                   \
    DECLARED(symbol, result, parameters)                                                           \
    ONE_VARIADIC(symbol, name, rule, fail, result, parameters, last, listed, arguments, when, shown)
#define OL_variadic_other(symbol, parameters, listed, arguments, name, rule, fail, result,         \
                          row_parameters, last, row_listed, row_arguments, when, shown)            \
    OL_variadic_same(symbol, listed, name, rule, fail, result, parameters, last, row_listed,       \
                     arguments, when, shown)

#define ODD(symbol, name, rule, fail, ...)                                                         \
    ONE_ODD(symbol, name, rule, fail)                                                              \
    OL_EACH(odd, (name, rule, fail), ##__VA_ARGS__)
#define OL_odd_same(...) ONE_ODD(__VA_ARGS__)

#include "calls.def"

#undef CALL
#undef SPELLING
#undef NEAR
#undef NULLARY
#undef VARIADIC
#undef ODD
#undef ONE_CALL
#undef ONE_SPELLING
#undef ONE_NEAR
#undef ONE_NULLARY
#undef ONE_VARIADIC
#undef ONE_ODD
#undef DECLARED
