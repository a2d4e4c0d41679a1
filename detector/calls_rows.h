/* SPDX-License-Identifier: MIT */
/* calls.def with the columns that every symbol has: define ROW(symbol, name, rule, fail) and
 * include this. */
#define ONE_CALL(symbol, name, rule, fail, ...) ROW(symbol, name, rule, fail)
#define ONE_SPELLING(symbol, name, rule, fail, ...) ROW(symbol, name, rule, fail)
#define ONE_NEAR(symbol, name, rule, fail, ...) ROW(symbol, name, rule, fail)
#define ONE_NULLARY(symbol, name, rule, fail, ...) ROW(symbol, name, rule, fail)
#define ONE_VARIADIC(symbol, name, rule, fail, ...) ROW(symbol, name, rule, fail)
#define ONE_ODD(symbol, name, rule, fail) ROW(symbol, name, rule, fail)
#include "calls_symbols.h"
