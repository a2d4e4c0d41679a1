/* SPDX-License-Identifier: MIT */
/* Names as compilers write them into symbol tables, back into names of the language. */
#ifndef OFFLOOP_DEMANGLE_H
#define OFFLOOP_DEMANGLE_H

struct obstack;

/* "node::fs::ReadFileUtf8" of a C++ or Rust symbol: without parameters, and without the hash of old
 * Rust symbols, so that a name says the same in every build. `symbol` itself when it is none or
 * would become unreasonably long, NULL for NULL. In the pool. */
const char *ol_demangle(struct obstack *pool, const char *symbol);

#endif
