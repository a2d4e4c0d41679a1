/* Submissions and their loops. The contract is in bridge_follow.h. */
#include "bridge_follow.h"

#include <string.h>
#include <sys/mman.h>

#include "../detector/gate.h"
#include "../detector/guest.h"
#include "../detector/python_inside.h"
#include "../detector/rawio.h"
#include "bridge_guard.h"

/* --- futures --- */

struct submission {
    struct ol_pyobject *reference; /* weak */
    struct ol_pyobject *gone;      /* its callback, made once for each place in `pool` */
    const struct ol_pyobject *future;
    const void *loop;
    int site;
    int pid; /* sites are those of a process */
    bool taken;
    uint16_t next;    /* of the same hash, or free: index + 1 */
    char outcome[64]; /* in words; "": none yet, or none that would be missed */
};

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

static void complain(struct submission *submission)
{
    if (submission->taken || !submission->outcome[0] || submission->site < 0 ||
        submission->pid != ol_guest.pid || !ol_guard_interpreter)
        return;
    submission->taken = true;
    ol_gate_count_place((uint32_t)submission->site, submission->outcome, "nobody fetched it");
}

static void give_back(struct submission *submission)
{
    uint16_t *at = head_of(submission->future);
    uint16_t number = (uint16_t)(submission - pool + 1);
    while (*at != number)
        at = &pool[*at - 1].next;
    *at = submission->next;
    submission->next = unused;
    unused = number;
    submission->future = NULL;
    ol_py.Py_DecRef(submission->reference);
    submission->reference = NULL;
}

/* Called with the dead reference; `self` is the submission's number. */
static struct ol_pyobject *gone(struct ol_pyobject *self, struct ol_pyobject *reference)
{
    struct submission *submission = &pool[ol_py.PyLong_AsLong(self)];
    if (submission->reference == reference) {
        complain(submission);
        give_back(submission);
    }
    return ol_py_new(ol_py_none());
}

static struct ol_pyobject *callback_of(unsigned number)
{
    static struct ol_pymethod method = {"offloop", (void *)gone, OL_PYMETHOD_o, NULL};
    struct ol_pyobject *self = ol_py.Py_BuildValue("I", number);
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
    if (!pool || used == FOLLOWED)
        return NULL;
    pool[used].gone = callback_of(used);
    return pool[used].gone ? &pool[used++] : NULL;
}

void ol_follow(struct ol_pyobject *future, const void *loop, int site)
{
    struct submission *submission = take_one();
    if (submission)
        submission->reference = ol_py.PyWeakref_NewRef(future, submission->gone);
    if (!submission || !submission->reference) {
        ol_py.PyErr_Clear();
        if (submission) {
            submission->next = unused;
            unused = (uint16_t)(submission - pool + 1);
        }
        return;
    }
    submission->future = future;
    submission->loop = loop;
    submission->site = site;
    submission->pid = ol_guest.pid;
    submission->taken = false;
    submission->outcome[0] = '\0';
    uint16_t *head = head_of(future);
    submission->next = *head;
    *head = (uint16_t)(submission - pool + 1);
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

static const struct ol_pyobject *disregarded;

void ol_follow_disregard(const struct ol_pyobject *code)
{
    disregarded = code;
}

void ol_follow_take_by(const struct ol_pyobject *future, const struct ol_pyobject *callback)
{
    struct submission *submission = find(future);
    if (!submission)
        return;
    const char *function = (const char *)callback;
    if (callback && callback->type == ol_pyruntime.function &&
        *(void *const *)(function + ol_pyruntime.layout.function_code) == disregarded)
        return;
    submission->taken = true;
}

/* A type's name without its module, which types of C have before it. */
static const char *name_of(const struct ol_pyobject *type)
{
    const char *name = *(const char *const *)((const char *)type + OL_PYTYPE_NAME);
    const char *dot = strrchr(name, '.');
    return dot ? dot + 1 : name;
}

void ol_follow_settle(const struct ol_pyobject *future, const struct ol_pyobject *outcome,
                      bool raised)
{
    struct submission *submission = find(future);
    if (!submission || !outcome || outcome == ol_py_none())
        return;
    struct ol_text words = OL_TEXT(submission->outcome);
    if (!raised)
        ol_text_add(&words, "a result, ");
    ol_text_add(&words, name_of(outcome->type));
    if (raised)
        ol_text_add(&words, " was raised");
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
    if (homes_pid != ol_guest.pid)
        return NULL;
    for (unsigned i = 0; i < home_count; i++)
        if (homes[i].loop == loop)
            return &homes[i];
    return NULL;
}

void ol_follow_home(const void *loop, struct ol_pyobject *name, bool is_method)
{
    if (homes_pid != ol_guest.pid)
        home_count = 0;
    homes_pid = ol_guest.pid;
    if (!home_of(loop) && home_count < HOMES)
        homes[home_count++] = (struct home){loop, name, is_method};
}

void ol_follow_no_home(const void *loop)
{
    struct home *home = home_of(loop);
    if (home)
        *home = homes[--home_count];
}

bool ol_follow_runs(struct ol_pyobject *loop)
{
    const struct home *home = home_of(loop);
    if (!home)
        return false;
    struct ol_pyobject *said = home->is_method
                                   ? ol_py.PyObject_CallMethodObjArgs(loop, home->name, NULL)
                                   : ol_py.PyObject_GetAttr(loop, home->name);
    if (!said) {
        ol_py.PyErr_Clear();
        return false;
    }
    bool runs = home->is_method ? said == ol_py._Py_TrueStruct : said != ol_py_none();
    ol_py.Py_DecRef(said);
    return runs;
}
