/* Which thread runs which loop. The contract is in affinity.h. */
#include "affinity.h"

#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

#include "guest.h"
#include "hash.h"
#include "loop.h"
#include "rawio.h"

const char ol_affinity_gtk[] = "gtk";

#define RUNNING_MAX 128
#define OBJECTS 8192u
#define OBJECT_PROBES 32u

/* One run of one loop. `tid` is written last and taken away first: 0 is free, -1 is being filled.
 */
struct running {
    _Atomic int tid;
    _Atomic int descriptor;
    const void *loop;
    char name[16];
};

static struct running runs[RUNNING_MAX];
static _Atomic unsigned runs_used; /* entries that were ever used */

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

int ol_affinity_begin(const void *loop, int descriptor)
{
    for (int i = 0; i < RUNNING_MAX; i++) {
        int expected = 0;
        struct running *run = &runs[i];
        if (atomic_load_explicit(&run->tid, memory_order_relaxed) ||
            !atomic_compare_exchange_strong(&run->tid, &expected, -1))
            continue;
        run->loop = loop;
        run->descriptor = descriptor;
        ol_raw_thread_name(run->name);
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
        if (atomic_load(&runs[i].tid) == own_tid() && runs[i].loop == loop)
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

/* What is known of loops and their objects, by address. A `locked` of -1: forgotten. */
struct object {
    _Atomic uintptr_t address;
    const void *loop;
    const void *parts[2]; /* objects that go with it: the buffers of a bufferevent */
    _Atomic int maker; /* the thread that made it, while no other has touched it; 0: another has */
    signed char locked;
};

static struct object objects[OBJECTS];

static struct object *object_of(const void *address)
{
    uint64_t at = ol_hash_mix(OL_HASH_START, (uintptr_t)address);
    for (unsigned probe = 0; probe < OBJECT_PROBES; probe++) {
        struct object *object = &objects[(at + probe) % OBJECTS];
        uintptr_t there = atomic_load_explicit(&object->address, memory_order_acquire);
        if (there == (uintptr_t)address)
            return object->locked < 0 ? NULL : object;
        if (!there)
            return NULL;
    }
    return NULL;
}

/* A place for it: its own, a forgotten one's, or a free one. */
void ol_affinity_bind(const void *address, const void *loop, bool locked)
{
    uint64_t at = ol_hash_mix(OL_HASH_START, (uintptr_t)address);
    for (unsigned probe = 0; address && probe < OBJECT_PROBES; probe++) {
        struct object *object = &objects[(at + probe) % OBJECTS];
        uintptr_t there = atomic_load(&object->address);
        if (there && there != (uintptr_t)address && object->locked >= 0)
            continue;
        if (!atomic_compare_exchange_strong(&object->address, &there, (uintptr_t)address))
            continue;
        object->loop = loop;
        object->parts[0] = object->parts[1] = NULL;
        atomic_store_explicit(&object->maker, own_tid(), memory_order_relaxed);
        object->locked = locked;
        return;
    }
}

bool ol_affinity_find(const void *address, const void **loop, bool *locked)
{
    const struct object *object = address ? object_of(address) : NULL;
    if (!object)
        return false;
    *loop = object->loop;
    *locked = object->locked;
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
    if (known && known->loop == object->loop && known->locked >= object->locked)
        return;
    ol_affinity_bind(part, object->loop, object->locked);
    known = object_of(part);
    if (known)
        known->maker = object->maker;
    object->parts[object->parts[0] && object->parts[0] != part] = part;
}

void ol_affinity_run_is_seen(const void *loop)
{
    if (loop && !object_of(loop))
        ol_affinity_bind(loop, loop, false);
}

static void forget(const void *address)
{
    struct object *object = address ? object_of(address) : NULL;
    if (object)
        object->locked = -1;
}

void ol_affinity_forget(const void *address)
{
    const struct object *object = address ? object_of(address) : NULL;
    if (!object)
        return;
    forget(object->parts[0]);
    forget(object->parts[1]);
    forget(address);
}

bool ol_affinity_is_locked(const void *address)
{
    const struct object *object = object_of(address);
    return object && object->locked;
}

/* Addresses in the first page are no pointers: NULL, and members of NULL. */
static bool is_pointer(const void *address)
{
    return (uintptr_t)address >= 4096;
}

/* Whoever made it gets it ready for a loop with a lock: nobody else has it in hand yet. */
static bool is_in_its_makers_hands(struct object *object)
{
    if (!object->maker)
        return false;
    if (object->maker != own_tid())
        object->maker = 0;
    return object->maker && ol_affinity_is_locked(object->loop);
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
        return known->locked || is_in_its_makers_hands(known) ? NULL : known->loop;
    const void *loop = object;
    if (function->indirect)
        memcpy(&loop, (const char *)object + function->offset, sizeof loop);
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

static bool runs_it(const struct running *run, const struct ol_function *function, const void *loop)
{
    switch ((enum ol_belongs)function->belongs) {
    case OL_BELONGS_any:
        return true;
    case OL_BELONGS_main:
        return run->tid == ol_guest.pid;
    default:
        if (run->loop)
            return run->loop == loop;
        return run->descriptor >= 0 && run->descriptor == descriptor_of(function, loop);
    }
}

/* Who runs the loop: this thread, when it is one of several; else the first of them. */
static const struct running *runner_of(const struct ol_function *function, const void *loop)
{
    const struct running *found = NULL;
    unsigned used = atomic_load_explicit(&runs_used, memory_order_relaxed);
    int self = own_tid();
    for (unsigned i = 0; i < used; i++) {
        const struct running *run = &runs[i];
        int tid = atomic_load_explicit(&run->tid, memory_order_acquire);
        if (tid <= 0 || !runs_it(run, function, loop))
            continue;
        if (tid == self)
            return run;
        if (!found)
            found = run;
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

static void tell(struct ol_text *words, const struct running *run)
{
    char name[16] = "";
    ol_raw_thread_name(name);
    ol_text_add(words, "called on thread ");
    add_thread(words, own_tid(), name);
    ol_text_add(words, ", loop runs on ");
    add_thread(words, run->tid, run->name);
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
    const struct running *run = runner_of(function, loop);
    if (!run)
        return false;
    bool here = run->tid == own_tid();
    if (here != (function->kind == OL_KIND_off_loop_only) || (here && !ol_self.armed))
        return false;
    tell(words, run);
    return true;
}
