/* SPDX-License-Identifier: MIT */
/* Which thread runs which loop. The contract is in affinity.h. */
#include "affinity.h"

#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

#include "hash.h"
#include "process.h"
#include "rawio.h"
#include "thread.h"

const char ol_affinity_gtk[] = "gtk";

#define RUNNING_MAX 128
#define OBJECTS 8192u
#define OBJECT_PROBES 32u

/* One run of one loop. `tid` is written last and taken away first: 0 is free, -1 is being filled.
 * Whoever reads asks for it again afterwards. */
struct running {
    _Atomic int tid;
    _Atomic int descriptor;
    const void *_Atomic loop;
    _Atomic uint64_t name[2];
};

/* What is read of one. */
struct runner {
    int tid; /* 0: nobody */
    char name[17];
};

static struct running runs[RUNNING_MAX];
static _Atomic unsigned runs_used; /* entries that were ever used */

#define GET(member) atomic_load_explicit(&(member), memory_order_acquire)
#define SET(member, value) atomic_store_explicit(&(member), value, memory_order_relaxed)

static int own_tid(void)
{
    if (!ol_self.tid)
        ol_self.tid = ol_raw_gettid();
    return ol_self.tid;
}

static void raise_used(unsigned count)
{
    unsigned seen = atomic_load(&runs_used);
    while (seen < count && !atomic_compare_exchange_weak(&runs_used, &seen, count)) {
    }
}

static void note_name(struct running *run)
{
    uint64_t name[2] = {0};
    ol_raw_thread_name((char *)name);
    SET(run->name[0], name[0]);
    SET(run->name[1], name[1]);
}

int ol_affinity_begin(const void *loop, int descriptor)
{
    for (int i = 0; i < RUNNING_MAX; i++) {
        int expected = 0;
        struct running *run = &runs[i];
        if (atomic_load_explicit(&run->tid, memory_order_relaxed) ||
            !atomic_compare_exchange_strong(&run->tid, &expected, -1))
            continue;
        SET(run->loop, loop);
        SET(run->descriptor, descriptor);
        note_name(run);
        atomic_store_explicit(&run->tid, own_tid(), memory_order_release);
        raise_used((unsigned)i + 1);
        return i;
    }
    return -1;
}

void ol_affinity_end(int running)
{
    if (running >= 0 && atomic_load(&runs[running].tid) == own_tid())
        atomic_store(&runs[running].tid, 0);
}

void ol_affinity_left(int running)
{
    if (running >= 0 && atomic_load(&runs[running].tid) == own_tid())
        runs[running].descriptor = -1;
}

void ol_affinity_made(int descriptor)
{
    unsigned used = atomic_load(&runs_used);
    for (unsigned i = 0; i < used && descriptor >= 0; i++) {
        int there = descriptor;
        atomic_compare_exchange_strong(&runs[i].descriptor, &there, -1);
    }
}

bool ol_affinity_is_mine(const void *loop)
{
    unsigned used = atomic_load(&runs_used);
    for (unsigned i = 0; i < used; i++)
        if (atomic_load(&runs[i].tid) == own_tid() && GET(runs[i].loop) == loop)
            return true;
    return false;
}

void ol_affinity_thread_ends(void)
{
    unsigned used = atomic_load(&runs_used);
    for (unsigned i = 0; i < used; i++)
        ol_affinity_end((int)i);
}

void ol_affinity_forked(void)
{
    for (unsigned i = 0; i < RUNNING_MAX; i++)
        atomic_store(&runs[i].tid, 0);
}

/* Whoever changes an entry takes its state first. */
enum state { UNKNOWN, BEING_BOUND, UNLOCKED, LOCKED };

/* What is known of loops and their objects, by address. One whose state is UNKNOWN is forgotten. */
struct object {
    _Atomic uintptr_t address;
    const void *_Atomic loop;
    const void *_Atomic parts[2]; /* objects that go with it: the buffers of a bufferevent */
    _Atomic int maker; /* the thread that made it, while no other has touched it; 0: another has */
    _Atomic uint8_t state;
};

static struct object objects[OBJECTS];

static struct object *object_of(const void *address)
{
    uint64_t at = ol_hash_mix(OL_HASH_START, (uintptr_t)address);
    for (unsigned probe = 0; probe < OBJECT_PROBES; probe++) {
        struct object *object = &objects[(at + probe) % OBJECTS];
        uintptr_t there = atomic_load_explicit(&object->address, memory_order_acquire);
        if (there == (uintptr_t)address)
            return GET(object->state) >= UNLOCKED ? object : NULL;
        if (!there)
            return NULL;
    }
    return NULL;
}

static bool is_locked(const struct object *object)
{
    return GET(object->state) == LOCKED;
}

/* For that address: its own entry, a forgotten one or a free one, that nobody else is at. */
static bool take(struct object *object, uintptr_t address)
{
    uint8_t state = GET(object->state);
    uintptr_t there = GET(object->address);
    if (state == BEING_BOUND || (state != UNKNOWN && there != address) ||
        !atomic_compare_exchange_strong(&object->state, &state, BEING_BOUND))
        return false;
    if (state == UNKNOWN || GET(object->address) == address)
        return true;
    atomic_store_explicit(&object->state, state, memory_order_release); /* another's by now */
    return false;
}

void ol_affinity_bind(const void *address, const void *loop, bool locked)
{
    uint64_t at = ol_hash_mix(OL_HASH_START, (uintptr_t)address);
    for (unsigned probe = 0; address && probe < OBJECT_PROBES; probe++) {
        struct object *object = &objects[(at + probe) % OBJECTS];
        if (!take(object, (uintptr_t)address))
            continue;
        SET(object->address, (uintptr_t)address);
        SET(object->loop, loop);
        SET(object->parts[0], NULL);
        SET(object->parts[1], NULL);
        SET(object->maker, own_tid());
        atomic_store_explicit(&object->state, locked ? LOCKED : UNLOCKED, memory_order_release);
        return;
    }
}

bool ol_affinity_find(const void *address, const void **loop, bool *locked)
{
    const struct object *object = address ? object_of(address) : NULL;
    if (!object)
        return false;
    *loop = GET(object->loop);
    *locked = is_locked(object);
    return true;
}

/* One that has got a lock of its own keeps it. */
void ol_affinity_bind_part(const void *whole, const void *part)
{
    struct object *object = whole ? object_of(whole) : NULL;
    struct object *known = part ? object_of(part) : NULL;
    if (!object) {
        ol_affinity_forget(part);
        return;
    }
    const void *loop = GET(object->loop);
    if (known && GET(known->loop) == loop && is_locked(known) >= is_locked(object))
        return;
    ol_affinity_bind(part, loop, is_locked(object));
    known = object_of(part);
    if (known)
        SET(known->maker, GET(object->maker));
    const void *first = GET(object->parts[0]);
    SET(object->parts[first && first != part], part);
}

void ol_affinity_run_is_seen(const void *loop)
{
    if (loop && !object_of(loop))
        ol_affinity_bind(loop, loop, false);
}

static void forget(const void *address)
{
    struct object *object = address ? object_of(address) : NULL;
    uint8_t state = object ? GET(object->state) : UNKNOWN;
    if (state >= UNLOCKED)
        atomic_compare_exchange_strong(&object->state, &state, UNKNOWN);
}

void ol_affinity_forget(const void *address)
{
    const struct object *object = address ? object_of(address) : NULL;
    if (!object)
        return;
    forget(GET(object->parts[0]));
    forget(GET(object->parts[1]));
    forget(address);
}

bool ol_affinity_is_locked(const void *address)
{
    const struct object *object = object_of(address);
    return object && is_locked(object);
}

/* Addresses in the first page are no pointers: NULL, and members of NULL. */
static bool is_pointer(const void *address)
{
    return (uintptr_t)address >= 4096;
}

/* Whoever made it gets it ready for a loop with a lock: nobody else has it in hand yet. */
static bool is_in_its_makers_hands(struct object *object)
{
    int maker = GET(object->maker);
    if (!maker)
        return false;
    if (maker != own_tid())
        SET(object->maker, 0);
    return maker == own_tid() && ol_affinity_is_locked(GET(object->loop));
}

/* What the object points to there; NULL when it is no object: the call may fail, or crash, by
 * itself. */
static const void *pointer_at(const void *object, size_t offset)
{
    const char *at = (const char *)object + offset;
    const void *found;
    if (!ol_raw_can_read(at) || !ol_raw_can_read(at + sizeof found - 1))
        return NULL;
    memcpy(&found, at, sizeof found);
    return found;
}

/* The loop that the argument is or leads to; NULL: not known, or any thread may. An object without
 * a lock of its own is not saved by its loop's. */
static const void *loop_of(const struct ol_function *function, const void *object)
{
    if (!is_pointer(object))
        return NULL;
    if (function->getters[0])
        return object;
    struct object *known = object_of(object);
    if (known)
        return is_locked(known) || is_in_its_makers_hands(known) ? NULL : GET(known->loop);
    const void *loop = function->indirect ? pointer_at(object, function->offset) : object;
    return is_pointer(loop) && !ol_affinity_is_locked(loop) ? loop : NULL;
}

/* -1: not known. The loop may be no loop (uv_cancel), so the memory need not be there. */
static int descriptor_of(const struct ol_function *function, const void *loop)
{
    int descriptor;
    if (!function->descriptor || object_of(loop) ||
        !ol_raw_peek((const char *)loop + function->descriptor, &descriptor, sizeof descriptor))
        return -1;
    return descriptor;
}

static bool runs_it(const struct running *run, int tid, const struct ol_function *function,
                    const void *loop)
{
    const void *running = GET(run->loop);
    int descriptor = GET(run->descriptor);
    switch ((enum ol_belongs)function->belongs) {
    case OL_BELONGS_any:
        return true;
    case OL_BELONGS_main:
        return tid == ol_process.pid;
    default:
        if (running)
            return running == loop;
        return descriptor >= 0 && descriptor == descriptor_of(function, loop);
    }
}

/* Its runner, where it runs that loop from before it was looked at until after. */
static struct runner runner_in(const struct running *run, const struct ol_function *function,
                               const void *loop)
{
    struct runner runner = {.tid = GET(run->tid)};
    if (runner.tid <= 0 || !runs_it(run, runner.tid, function, loop))
        return (struct runner){.tid = 0};
    uint64_t name[2] = {GET(run->name[0]), GET(run->name[1])};
    memcpy(runner.name, name, sizeof name);
    if (GET(run->tid) != runner.tid)
        runner.tid = 0;
    return runner;
}

/* Who runs the loop: this thread, when it is one of several; else the first of them. */
static struct runner runner_of(const struct ol_function *function, const void *loop)
{
    struct runner found = {.tid = 0};
    unsigned used = atomic_load_explicit(&runs_used, memory_order_relaxed);
    int self = own_tid();
    for (unsigned i = 0; i < used; i++) {
        struct runner runner = runner_in(&runs[i], function, loop);
        if (runner.tid == self)
            return runner;
        if (!found.tid)
            found = runner;
    }
    return found;
}

static void add_thread(struct ol_text *words, int tid, const char *name)
{
    ol_text_add_signed(words, tid);
    ol_text_add(words, " (");
    ol_text_add_bytes(words, name, strnlen(name, 16));
    ol_text_add_char(words, ')');
}

static void tell(struct ol_text *words, const struct runner *runner)
{
    char name[16] = "";
    ol_raw_thread_name(name);
    ol_text_add(words, "called on thread ");
    add_thread(words, own_tid(), name);
    ol_text_add(words, ", loop runs on ");
    add_thread(words, runner->tid, runner->name);
}

bool ol_affinity_wrong(const struct ol_function *function, const void *object,
                       struct ol_text *words)
{
    const void *loop = NULL;
    if (function->belongs == OL_BELONGS_gtk)
        loop = ol_affinity_is_locked(ol_affinity_gtk) ? NULL : ol_affinity_gtk;
    else if (function->belongs == OL_BELONGS_argument)
        loop = loop_of(function, object);
    if (!loop && function->belongs >= OL_BELONGS_gtk)
        return false;
    struct runner runner = runner_of(function, loop);
    if (!runner.tid)
        return false;
    bool here = runner.tid == own_tid();
    if (here != (function->kind == OL_KIND_off_loop_only) || (here && !ol_self.armed))
        return false;
    tell(words, &runner);
    return true;
}
