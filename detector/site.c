/* SPDX-License-Identifier: MIT */
/* Sites, found by key in an open-addressing index beside the record; inserted by compare-and-swap.
 * The index is memory that is shared with forked children, as the record is; the command never
 * needs it. */
#include "site.h"

#include <string.h>
#include <sys/mman.h>

#include "debug.h"
#include "hash.h"
#include "process.h"
#include "rawio.h"
#include "recorder.h"
#include "ruleset.h"
#include "thread.h"

#define CACHE_SLOTS 8192u  /* 64 KiB: stacks, of which a site may have several */
#define INDEX_SLOTS 16384u /* twice the sites that a record holds */
#define INDEX_PROBES 128u
#define INNERMOST 24u

/* tag (28 bits) | rule (12) | site + 1 (24). Whoever finds a site here reads its words. */
static _Atomic uint64_t cache[CACHE_SLOTS];

bool ol_site_recall(uint64_t stack_hash, struct ol_site_ref *ref)
{
    uint64_t word = atomic_load_explicit(&cache[stack_hash % CACHE_SLOTS], memory_order_acquire);
    if (!(word & 0xffffff) || word >> 36 != stack_hash >> 36)
        return false;
    *ref = (struct ol_site_ref){.index = (uint32_t)(word & 0xffffff) - 1,
                                .rule = word >> 24 & 0xfff};
    return true;
}

void ol_site_remember(uint64_t stack_hash, struct ol_site_ref ref)
{
    uint64_t word = stack_hash >> 36 << 36 | (uint64_t)ref.rule << 24 | (ref.index + 1);
    atomic_store_explicit(&cache[stack_hash % CACHE_SLOTS], word, memory_order_release);
}

void ol_site_forget(void)
{
    for (unsigned i = 0; i < CACHE_SLOTS; i++)
        atomic_store_explicit(&cache[i], 0, memory_order_relaxed);
}

struct ol_site_entry *ol_site_entry_of(struct ol_site_ref ref)
{
    return ol_recorder_entry(OL_SECTION_sites, ref.index);
}

static void add(_Atomic uint64_t *counter, uint64_t more)
{
    if (more)
        atomic_fetch_add_explicit(counter, more, memory_order_relaxed);
}

static void take(_Atomic uint64_t *counter, uint64_t less)
{
    atomic_fetch_sub_explicit(counter, less, memory_order_relaxed);
}

void ol_site_add(struct ol_site_ref ref, const struct ol_site_sum *sum)
{
    add(&ol_recorder->hits, sum->count);
    add(&ol_recorder->time_lost_ns, ol_self.is_loop ? sum->ns : 0);
    if (ref.index == OL_SITE_LOST) {
        add(&ol_recorder->hits_lost, sum->count);
        return;
    }
    struct ol_site_entry *site = ol_site_entry_of(ref);
    add(&site->count, sum->count);
    add(&site->total_ns, sum->ns);
    add(&site->waits, sum->waits);
    add(&site->major_faults, sum->major_faults);
    ol_recorder_raise(&site->max_ns, sum->max_ns);
    /* a slow-only call is over before its site is made */
    if (sum->last_ns)
        atomic_store_explicit(&site->last_ns,
                              sum->last_ns > site->first_ns ? sum->last_ns : site->first_ns,
                              memory_order_relaxed);
}

void ol_site_take_back(struct ol_site_ref ref, const struct ol_site_sum *sum)
{
    struct ol_site_entry *site = ol_site_entry_of(ref);
    take(&ol_recorder->hits, sum->count);
    take(&ol_recorder->time_lost_ns, sum->ns);
    take(&site->count, sum->count);
    take(&site->total_ns, sum->ns);
    take(&site->waits, sum->waits);
    take(&site->major_faults, sum->major_faults);
}

/* tag of the key (40 bits) | site + 1 (24); 0: free. Made with the first site. */
static _Atomic uint64_t *_Atomic site_index;

bool ol_site_prepare(void)
{
    _Atomic uint64_t *none = NULL;
    size_t size = INDEX_SLOTS * sizeof *site_index;
    if (site_index)
        return true;
    void *made = ol_raw_mmap(size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1);
    if (made && !atomic_compare_exchange_strong(&site_index, &none, made))
        ol_raw_munmap(made, size);
    return made || site_index;
}

void ol_site_renew(void)
{
    site_index = NULL;
    ol_site_forget();
    ol_site_prepare();
}

static uint64_t key_of(const struct ol_site_facts *facts)
{
    const char *api = facts->words->verdict.api;
    uint64_t key = ol_hash_mix(facts->words->key,
                               facts->rule + ((uint64_t)facts->allowed_by << 32));
    key = ol_hash_string(key, *api ? api : facts->function);
    return facts->rule == OL_RULE_import ? ol_hash_string(key, facts->words->verdict.import_name)
                                         : key;
}

static void fill_words(struct ol_site_entry *site, const struct ol_site_facts *facts)
{
    const struct ol_rule_row *rule = ol_rule_row(facts->rule);
    const struct ol_verdict *verdict = &facts->words->verdict;
    site->kind = rule->kind;
    site->severity = (uint8_t)ol_ruleset_severity(facts->rule);
    site->action = ol_actions[facts->action].number;
    site->phase = verdict->during_import && facts->rule != OL_RULE_import ? OL_PHASE_import
                                                                          : OL_PHASE_running;
    site->rule = ol_recorder_string(rule->name);
    site->family = ol_recorder_string(ol_families[rule->family].name);
    site->function = ol_recorder_string(facts->rule == OL_RULE_import ? "import" : facts->function);
    site->api = ol_recorder_string(verdict->api);
    site->argument = ol_recorder_string(facts->argument);
    site->allowed_by = facts->allowed_by;
    site->hint = ol_recorder_string(facts->hint ? facts->hint : rule->hint);
}

/* OFFLOOP_LOOP=workers: they count like others. */
static uint16_t place_of_loop(void)
{
    return ol_self.is_worker && !ol_process.loop_choice.workers ? OL_ON_WORKER : OL_ON_LOOP;
}

static void fill_thread(struct ol_site_entry *site)
{
    site->pid = ol_process.pid;
    site->tid = ol_self.tid;
    ol_raw_thread_name(site->thread);
    site->on_loop = ol_self.is_loop ? place_of_loop() : OL_OFF_LOOP;
    site->loop = ol_self.is_loop ? (uint16_t)ol_self.loop : OL_NO_INDEX;
    site->first_ns = ol_raw_now();
    site->last_ns = site->first_ns;
}

/* The last quarter of the room is for the innermost frames only: a site without any has no place,
 * and of a program with a thousand sites (a test runner that loads its modules on the loop) the
 * last one may be the one that matters. */
static unsigned frames_kept(const struct ol_stack_words *words)
{
    uint32_t room = ol_recorder_sections[OL_SECTION_frames].capacity / 4 * 3;
    unsigned needed = words->culprit == OL_NO_INDEX ? 1 : words->culprit + 1u;
    unsigned few = needed > INNERMOST ? needed : INNERMOST;
    bool scarce = ol_recorder_used(OL_SECTION_frames) + words->count > room;
    return scarce && few < words->count ? few : words->count;
}

static void fill_frames(struct ol_site_entry *site, const struct ol_stack_words *words)
{
    unsigned count = frames_kept(words);
    int64_t first = count ? ol_recorder_claim(OL_SECTION_frames, count) : -1;
    site->culprit = OL_NO_INDEX;
    if (first < 0)
        return;
    memcpy(ol_recorder_entry(OL_SECTION_frames, (uint32_t)first), words->frames,
           count * sizeof *words->frames);
    site->first_frame = (uint32_t)first;
    site->frame_count = (uint16_t)count;
    site->culprit = words->culprit;
}

static uint32_t make_site(const struct ol_site_facts *facts, uint64_t key)
{
    int64_t index = ol_recorder_claim(OL_SECTION_sites, 1);
    if (index < 0)
        return OL_SITE_LOST;
    struct ol_site_entry *site = ol_recorder_entry(OL_SECTION_sites, (uint32_t)index);
    atomic_store(&site->state, OL_ENTRY_writing);
    site->key = key;
    fill_words(site, facts);
    fill_thread(site);
    fill_frames(site, facts->words);
    atomic_store_explicit(&site->state, OL_ENTRY_ready, memory_order_release);
    ol_debug(record, "site %u is made: rule %s, %s", (unsigned)index,
             ol_recorder_string_at(site->rule), ol_recorder_string_at(site->function));
    return (uint32_t)index;
}

/* Two threads that make the same site at once: the second one finds the first's in the index and
 * leaves its own unused entry behind, without hits. */
struct ol_site_ref ol_site_of(const struct ol_site_facts *facts, bool *made)
{
    struct ol_site_ref ref = {.index = OL_SITE_LOST, .rule = (uint16_t)facts->rule};
    *made = false;
    if (!ol_site_prepare())
        return ref;
    uint64_t key = key_of(facts);
    uint64_t tag = key >> 24 << 24;
    _Atomic uint64_t *slots = site_index;
    uint32_t made_index = OL_SITE_LOST; /* made once, whatever slot it gets in the end */
    for (unsigned probe = 0; probe < INDEX_PROBES; probe++) {
        _Atomic uint64_t *slot = &slots[(key + probe) % INDEX_SLOTS];
        uint64_t word = atomic_load(slot);
        if (!word) {
            if (made_index == OL_SITE_LOST)
                made_index = make_site(facts, key);
            if (made_index == OL_SITE_LOST)
                return ref;
            if (atomic_compare_exchange_strong(slot, &word, tag | (made_index + 1))) {
                *made = true;
                ref.index = made_index;
                return ref;
            }
        }
        if ((word & ~UINT64_C(0xffffff)) == tag) {
            uint32_t index = (uint32_t)(word & 0xffffff) - 1;
            if (ol_recorder_has(OL_SECTION_sites, index, 1))
                ref.index = index;
            return ref;
        }
    }
    return ref;
}
