/* SPDX-License-Identifier: MIT */
/* Submissions and their loops. The contract is in bridge_follow.h. */
#include "bridge_follow.h"

#include <pthread.h>
#include <string.h>
#include <sys/mman.h>

#include "../detector/gate.h"
#include "../detector/process.h"
#include "../detector/rawio.h"
#include "bridge_guard.h"
#include "inside.h"

/* --- futures --- */

struct submission {
    struct ol_pyobject *reference; /* weak; NULL: no loop has taken it up */
    struct ol_pyobject *gone;      /* its callback, made once for each place in `pool`, or NULL */
    const struct ol_pyobject *future; /* NULL: not in use */
    const void *loop;
    struct ol_pyobject *outcome; /* type of what nobody fetched so far, or NULL */
    int site;                    /* -1: not to be told */
    uint16_t next;               /* of the same hash, or not in use: index + 1 */
    bool raised;
    bool taken;
};

unsigned ol_follow_missed;

enum { FOLLOWED = 4096, HEADS = 4096 };

static struct submission *pool; /* FOLLOWED of them, mapped when the first one is needed */
static unsigned used;           /* of the pool, ever */
static uint16_t unused;         /* the first one that was given back: index + 1 */
static uint16_t heads[HEADS];   /* index + 1 */

static uint16_t *head_of(const struct ol_pyobject *future)
{
    return &heads[((uintptr_t)future >> 4) * UINT64_C(0x9e3779b97f4a7c15) >> 52];
}

static struct submission *find(const struct ol_pyobject *future)
{
    uint16_t at = *head_of(future);
    while (at && pool[at - 1].future != future)
        at = pool[at - 1].next;
    return at ? &pool[at - 1] : NULL;
}

static uint16_t number_of(const struct submission *submission)
{
    return (uint16_t)(submission - pool + 1);
}

/* A type's name without its module, which types of C have before it. */
static const char *name_of(const struct ol_pyobject *type)
{
    const char *name = *(const char *const *)((const char *)type + OL_PYTYPE_NAME);
    const char *dot = strrchr(name, '.');
    return dot ? dot + 1 : name;
}

/* Sites are those of a process: what a forked child has inherited is its parent's to tell. */
static void forget_the_parents(void)
{
    static int pid;
    if (pid == ol_process.pid)
        return;
    pid = ol_process.pid;
    for (unsigned i = 0; i < used; i++)
        pool[i].site = -1;
}

static void complain(struct submission *submission)
{
    forget_the_parents();
    if (submission->taken || !submission->outcome || submission->site < 0)
        return;
    char bytes[200];
    struct ol_text words = OL_TEXT(bytes);
    if (!submission->raised)
        ol_text_add(&words, "a result, ");
    ol_text_add(&words, name_of(submission->outcome));
    if (submission->raised)
        ol_text_add(&words, " was raised");
    submission->taken = true;
    ol_gate_count_place((uint32_t)submission->site, bytes, "nobody fetched it");
}

static void give_back(struct submission *submission)
{
    uint16_t *at = head_of(submission->future);
    while (*at != number_of(submission))
        at = &pool[*at - 1].next;
    *at = submission->next;
    submission->next = unused;
    unused = number_of(submission);
    submission->future = NULL;
    if (submission->reference)
        ol_py.Py_DecRef(submission->reference);
    if (submission->outcome)
        ol_py.Py_DecRef(submission->outcome);
    submission->reference = submission->outcome = NULL;
}

/* Called with the dead reference; `self` is the submission's index. */
static struct ol_pyobject *gone(struct ol_pyobject *self, struct ol_pyobject *reference)
{
    struct submission *submission = &pool[ol_py.PyLong_AsLong(self)];
    if (submission->reference == reference) {
        if (ol_guard_interpreter)
            complain(submission);
        give_back(submission);
    }
    return ol_py_new(ol_py_none());
}

static struct ol_pyobject *callback_of(const struct submission *submission)
{
    static struct ol_pymethod method = {"offloop", (void *)gone, OL_PYMETHOD_o, NULL};
    struct ol_pyobject *self = ol_py.Py_BuildValue("I", (unsigned)(submission - pool));
    struct ol_pyobject *callback = self ? ol_py.PyCFunction_NewEx(&method, self, NULL) : NULL;
    if (self)
        ol_py.Py_DecRef(self);
    return callback;
}

/* NULL: all are in use. */
static struct submission *take_one(void)
{
    if (unused) {
        struct submission *submission = &pool[unused - 1];
        unused = submission->next;
        return submission;
    }
    if (!pool)
        pool = ol_raw_mmap(FOLLOWED * sizeof *pool, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS, -1);
    return pool && used < FOLLOWED ? &pool[used++] : NULL;
}

const void *ol_follow_loop(const struct ol_pyobject *future)
{
    const struct submission *submission = find(future);
    return submission ? submission->loop : NULL;
}

bool ol_follow_take(const struct ol_pyobject *future)
{
    struct submission *submission = find(future);
    if (submission)
        submission->taken = true;
    return submission;
}

/* The loop has the future now, and keeps it until it has an outcome. */
static void take_up(struct submission *submission, struct ol_pyobject *future)
{
    if (submission->reference)
        return;
    if (!submission->gone)
        submission->gone = callback_of(submission);
    if (submission->gone)
        submission->reference = ol_py.PyWeakref_NewRef(future, submission->gone);
    if (!submission->reference) {
        ol_py.PyErr_Clear();
        give_back(submission);
    }
}

static const struct ol_pyobject *own_code;

void ol_follow_learn_own(const struct ol_pyobject *code)
{
    own_code = code;
}

static bool is_own(const struct ol_pyobject *callback)
{
    return callback && callback->type == ol_pyruntime.function &&
           *(const void *const *)((const char *)callback + ol_pyruntime.layout.function_code) ==
               own_code;
}

void ol_follow_call_back(struct ol_pyobject *future, const struct ol_pyobject *callback)
{
    struct submission *submission = find(future);
    if (!submission)
        ol_follow_missed++;
    else if (is_own(callback))
        take_up(submission, future);
    else
        submission->taken = true;
}

/* One that no loop took up may be gone, and this another future in its place; but what can not even
 * become a task ends in its loop's thread. */
void ol_follow_settle(struct ol_pyobject *future, const struct ol_pyobject *outcome, bool raised)
{
    struct submission *submission = find(future);
    if (!submission) {
        ol_follow_missed++;
        return;
    }
    if (!submission->reference && submission->loop != ol_guard_self.loop) {
        give_back(submission);
        return;
    }
    if (submission->taken || submission->outcome || !outcome || outcome == ol_py_none())
        return;
    submission->outcome = ol_py_new(outcome->type);
    submission->raised = raised;
    take_up(submission, future);
}

/* The outcome that a future has already. */
static void look_at(struct ol_pyobject *future)
{
    static const char *const fields[] = {"_result", "_exception"};
    for (int raised = 0; raised < 2; raised++) {
        struct ol_pyobject *outcome = ol_py.PyObject_GetAttrString(future, fields[raised]);
        ol_follow_settle(future, outcome, raised);
        if (outcome)
            ol_py.Py_DecRef(outcome);
        else
            ol_py.PyErr_Clear();
    }
}

void ol_follow(struct ol_pyobject *future, const void *loop, int site, bool missed)
{
    struct submission *submission = find(future); /* one that no loop took up, and is gone */
    if (submission)
        give_back(submission);
    forget_the_parents();
    submission = take_one();
    if (!submission)
        return;
    submission->future = future;
    submission->loop = loop;
    submission->site = site;
    submission->taken = false;
    uint16_t *head = head_of(future);
    submission->next = *head;
    *head = number_of(submission);
    if (missed) {
        take_up(submission, future);
        look_at(future);
    }
}

void ol_follow_end(void)
{
    for (unsigned i = 0; i < used; i++)
        if (pool[i].future)
            complain(&pool[i]);
}

/* --- loops --- */

enum { HOMES = 16 };

static struct home {
    const void *loop;
    struct ol_pyobject *name;
    bool is_method;
} homes[HOMES];
static unsigned home_count;
static int homes_pid; /* a forked child inherits loops that look as if they ran */

static struct home *home_of(const void *loop)
{
    if (homes_pid != ol_process.pid)
        return NULL;
    for (unsigned i = 0; i < home_count; i++)
        if (homes[i].loop == loop)
            return &homes[i];
    return NULL;
}

void ol_follow_home(const void *loop, struct ol_pyobject *name, bool is_method)
{
    if (homes_pid != ol_process.pid)
        home_count = 0;
    homes_pid = ol_process.pid;
    if (!home_of(loop) && home_count < HOMES)
        homes[home_count++] = (struct home){loop, name, is_method};
}

void ol_follow_no_home(const void *loop)
{
    struct home *home = home_of(loop);
    if (home)
        *home = homes[--home_count];
    for (unsigned i = 0; i < used; i++)
        if (pool[i].future && pool[i].loop == loop && !pool[i].reference)
            give_back(&pool[i]);
}

bool ol_follow_runs_elsewhere(struct ol_pyobject *loop)
{
    const struct home *home = home_of(loop);
    if (!home)
        return false;
    struct ol_pyobject *said = home->is_method
                                   ? ol_py.PyObject_CallMethodObjArgs(loop, home->name, NULL)
                                   : ol_py.PyObject_GetAttr(loop, home->name);
    bool runs;
    if (!said)
        runs = false;
    else if (home->is_method)
        runs = said == ol_py._Py_TrueStruct && !ol_guard_runs_here(loop);
    else
        runs = said != ol_py_none() && ol_py.PyLong_AsLong(said) != (long)pthread_self();
    if (said)
        ol_py.Py_DecRef(said);
    if (!said || (!runs && ol_py.PyErr_Occurred()))
        ol_py.PyErr_Clear();
    return runs;
}
