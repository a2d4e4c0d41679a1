/* SPDX-License-Identifier: MIT */
/* Loaded objects: which one an address lies in, whose code it is, its build-id, the symbol that
 * covers an address.
 *
 * By glibc's _dl_find_object (2.35), which takes no lock; older ones fall back to dladdr1. No
 * allocation. For the slow path (first hits, first waits), not for signal handlers.
 */
#ifndef OFFLOOP_MODULE_H
#define OFFLOOP_MODULE_H

#include <link.h>
#include <stdbool.h>
#include <stdint.h>

#include "record.h"

struct ol_module {
    const struct link_map *map;
    const char *path; /* of the file, absolute where the loader knows it so; lives as long as the
                         object is loaded */
    uintptr_t start;  /* first and one past the last mapped address */
    uintptr_t end;
};

/* Reads where the program's own file is. Once, before there are threads: a path that is half there
 * is somebody else's. */
void ol_module_start(void);

/* The program's own file, absolute; "" when it is not known. */
const char *ol_module_program(void);

/* How many objects the process has unloaded so far. Takes the loader's lock. */
unsigned long long ol_module_unloaded(void);

/* The object that the address lies in; false for JIT code, the stack and the like. */
bool ol_module_find(const void *address, struct ol_module *module);

/* Whether two addresses lie in the same object; false where either lies in none. */
bool ol_module_is_same(const void *a, const void *b);

/* Calls `what` while no object can go away, so that paths, symbols and tables of those that it
 * finds stay: in the loader's list lock, where _dl_find_object spares it the other one. Not for
 * long, and not while the process may fork (forking.h). */
void ol_module_hold(void (*what)(void *context), void *context);

/* Whether the loader is done with the object that the address lies in: objects are listed while
 * they are being relocated. -1: this C library does not tell. Takes no lock. */
int ol_module_is_ready(const void *address);

/* "libuv.so.1" of a path. */
const char *ol_module_base_name(const char *path);

/* Whether the file name is the library's, whatever its version: ("/usr/lib/libuv.so.1.0.0",
 * "libuv") is true. */
bool ol_module_is(const char *path, const char *library);

/* Whose code the object is. */
enum ol_owner_class ol_module_class(const struct ol_module *module);

/* Whose it is by its name alone; false: it is not known. */
bool ol_module_known_class(const char *path, enum ol_owner_class *owner_class);

/* Which of its waits are a loop's, beside epoll: poll() and select() of GLib, libevent, Qt, …, or
 * those that are made while a reactor runs that waits through it; waits for an io_uring too of
 * those that run loops on one. */
enum ol_loops_by { OL_LOOPS_BY_none, OL_LOOPS_BY_reactors, OL_LOOPS_BY_polls, OL_LOOPS_BY_rings };
enum ol_loops_by ol_module_loops_by(const char *path);

/* Whether an object with `name` in its path was ever loaded. Seldom asked: takes the loader's lock.
 * `there` and `loaded` begin zeroed; threads may ask at once. */
struct ol_module_seen {
    const char *name;
    _Atomic unsigned long long loaded; /* objects when they were last looked through */
    _Atomic bool there;
};
bool ol_module_was_loaded(struct ol_module_seen *seen);

/* Build-id bytes into `id`; their number, 0 when there is none. */
unsigned ol_module_build_id(const struct ol_module *module, uint8_t id[static 20]);

/* Name of the function, or of the variable, whose dynamic symbol covers the address, or NULL; it
 * lives as long as the object is loaded. */
const char *ol_module_symbol(const struct ol_module *module, const void *address);

/* Whether the object has that dynamic symbol, or asks for it. */
bool ol_module_names(const struct ol_module *module, const char *symbol);

/* Code was unloaded: what is remembered of its symbols is void. */
void ol_module_forget(void);

/* Whether that (mangled) name is of the standard library of C++ or Rust: instances of its templates
 * stand in the program that uses them. */
bool ol_module_symbol_is_standard(const char *symbol);
const char *ol_module_object(const struct ol_module *module, const void *address);

#endif
