/* SPDX-License-Identifier: MIT */
/* What the fuzzers have in common. Each is one file that has one function,
 * LLVMFuzzerTestOneInput(): anything at all goes in, and what must hold for it is demanded. Built
 * and run by scripts/fuzz. */
#ifndef OFFLOOP_TESTS_FUZZ_H
#define OFFLOOP_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Ends the fuzzer where it does not hold. */
#define DEMAND(truth)                                                                              \
    do {                                                                                           \
        if (!(truth))                                                                              \
            __builtin_trap();                                                                      \
    } while (0)

/* A file of these bytes, by a name that does not change; it is there until the next call. */
const char *fuzz_file(const void *bytes, size_t size);

/* The same, by a name that ends so ("file.js"). */
const char *fuzz_named_file(const char *name, const void *bytes, size_t size);

/* A copy that ends with NUL, no byte longer than needed: reading over its end is found. Ends with
 * fuzz_forget(). */
char *fuzz_string(const void *bytes, size_t size);

/* Frees what was mapped by ol_raw_mmap(), which the library keeps for the life of a process, and
 * what fuzz_string() made. */
void fuzz_forget(void);

/* A complaint: a line without controls. `context` is a counter (unsigned). */
void fuzz_hear(void *context, const char *line);

#endif
