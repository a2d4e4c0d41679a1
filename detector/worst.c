/* SPDX-License-Identifier: MIT */
/* The longest hit of each site. The contract is in worst.h. */
#include "worst.h"

#include <string.h>

#include "process.h"
#include "recorder.h"

#define LEAST UINT64_C(100000)       /* ns: below, a look would cost more than the hit */
#define NO_MATTER UINT64_C(10000000) /* ns: from here on it costs a hundredth at most */
#define OFTEN 64

void ol_worst_begin(struct ol_site_ref ref, uint64_t ns)
{
    if (ref.index != OL_SITE_LOST)
        ol_recorder_raise(&ol_site_entry_of(ref)->shown_ns, ns);
}

bool ol_worst_is(struct ol_site_ref ref, uint64_t ns)
{
    if (ref.index == OL_SITE_LOST || ns < LEAST)
        return false;
    const struct ol_site_entry *site = ol_site_entry_of(ref);
    uint64_t shown = atomic_load_explicit(&site->shown_ns, memory_order_relaxed);
    return ns / 2 >= shown || (ns >= NO_MATTER && ns > shown && site->worst_count < OFTEN);
}

/* Frames that are there already, in the same order. */
static bool are_at(uint32_t first, unsigned there, const struct ol_stack_words *words)
{
    return there == words->count && ol_recorder_has(OL_SECTION_frames, first, there) &&
           memcmp(ol_recorder_entry(OL_SECTION_frames, first), words->frames,
                  words->count * sizeof *words->frames) == 0;
}

/* Of the room for frames a quarter is left to sites that are still to come. */
static bool make_room(struct ol_site_worst *slot, unsigned count)
{
    uint32_t room = ol_recorder_sections[OL_SECTION_frames].capacity / 4 * 3;
    if (slot->own_room >= count)
        return ol_recorder_has(OL_SECTION_frames, slot->own_frames, count);
    if (ol_recorder_used(OL_SECTION_frames) + count > room)
        return false;
    int64_t first = ol_recorder_claim(OL_SECTION_frames, count);
    if (first < 0)
        return false;
    slot->own_frames = (uint32_t)first;
    slot->own_room = count;
    return true;
}

/* The first hit's frames stay what they are; the other slot's do not. */
static bool fill_frames(struct ol_site_worst *slot, const struct ol_site_entry *site,
                        const struct ol_stack_words *words)
{
    bool same = are_at(site->first_frame, site->frame_count, words);
    if (!same && !make_room(slot, words->count))
        return false;
    slot->first_frame = same ? site->first_frame : slot->own_frames;
    slot->frame_count = (uint16_t)words->count;
    slot->culprit = words->culprit;
    if (!same)
        memcpy(ol_recorder_entry(OL_SECTION_frames, slot->own_frames), words->frames,
               words->count * sizeof *words->frames);
    return true;
}

void ol_worst_keep(struct ol_site_ref ref, const struct ol_site_facts *facts, uint64_t ns)
{
    struct ol_site_entry *site = ol_site_entry_of(ref);
    if (atomic_exchange(&site->worst_state, OL_ENTRY_writing) == OL_ENTRY_writing)
        return; /* by another thread, or one that died meanwhile */
    unsigned next = site->shown == 1 ? 2 : 1;
    struct ol_site_worst *slot = &site->worst[next - 1];
    if (ns > site->shown_ns && fill_frames(slot, site, facts->words)) {
        slot->function = ol_recorder_string(facts->function);
        slot->argument = ol_recorder_string(facts->argument);
        slot->pid = ol_process.pid;
        atomic_store_explicit(&site->shown, next, memory_order_release);
    }
    site->worst_count++;
    ol_recorder_raise(&site->shown_ns, ns);
    atomic_store_explicit(&site->worst_state, OL_ENTRY_free, memory_order_release);
}

struct ol_worst_shown ol_worst_shown(const struct ol_site_entry *site)
{
    uint32_t shown = atomic_load_explicit(&site->shown, memory_order_acquire);
    if (!shown || shown > sizeof site->worst / sizeof *site->worst)
        return (struct ol_worst_shown){site->function, site->argument, site->first_frame,
                                       site->frame_count, site->culprit};
    const struct ol_site_worst *worst = &site->worst[shown - 1];
    return (struct ol_worst_shown){worst->function, worst->argument, worst->first_frame,
                                   worst->frame_count, worst->culprit};
}
