/* SPDX-License-Identifier: MIT */
/* calls.def with the columns that every kind of row has: define ROW(symbol, name, rule, fail) and
 * include this. */
#define CALL(symbol, name, rule, fail, ...) ROW(symbol, name, rule, fail)
#define SPELLING(symbol, name, rule, fail, ...) ROW(symbol, name, rule, fail)
#define NEAR(symbol, name, rule, fail, ...) ROW(symbol, name, rule, fail)
#define NULLARY(symbol, name, rule, fail, ...) ROW(symbol, name, rule, fail)
#define VARIADIC(symbol, name, rule, fail, ...) ROW(symbol, name, rule, fail)
#define ODD(symbol, name, rule, fail) ROW(symbol, name, rule, fail)
#include "calls.def"
#undef CALL
#undef SPELLING
#undef NEAR
#undef NULLARY
#undef VARIADIC
#undef ODD
