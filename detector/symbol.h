/* SPDX-License-Identifier: MIT */
/* Dynamic symbols by name, without the loader: dlsym() takes the lock that dlopen() holds while it
 * runs the constructors of what it loads, and where it fails it allocates, and the program's own
 * dlerror() is lost.
 *
 * By a walk of the loaded objects' own hash tables. Takes the lock of their list only
 * (dl_iterate_phdr), allocates nothing. For threads that may be in any place of the program.
 */
#ifndef OFFLOOP_SYMBOL_H
#define OFFLOOP_SYMBOL_H

#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ol_symbol {
    const void *address; /* of an indirect function: of what chooses it */
    size_t size;
};

/* The first definition in the order of loading, of an object that the loader is done with: that of
 * RTLD_DEFAULT, or where there is none, one that was loaded for somebody alone. */
bool ol_symbol_find(const char *name, struct ol_symbol *symbol);

/* The first one in an object behind that of `address`, as RTLD_NEXT has it. */
bool ol_symbol_find_behind(const void *address, const char *name, struct ol_symbol *symbol);

/* Its address, or NULL. */
void *ol_symbol_address(const char *name);

/* Visits every definition of that name, in the order of loading, until `visit` says true. What it
 * is given is good until it returns. May be called inside of dl_iterate_phdr. */
struct ol_symbol_seen {
    const struct dl_phdr_info *object;
    unsigned number; /* of the object in the order of loading */
    const ElfW(Sym) * symbol;
    bool hidden; /* one of several versions, and not the default */
};
typedef bool ol_symbol_visitor(void *context, const struct ol_symbol_seen *seen);
void ol_symbol_visit(const char *name, ol_symbol_visitor *visit, void *context);

/* Whether a function of that name is at that address: not an object, not a thread-local variable.
 * False too for one whose arguments are in registers that calls usually clobber (aarch64's variant
 * procedure call standard). May be called inside of dl_iterate_phdr. */
bool ol_symbol_is_function(const char *name, const void *address);

#endif
