/* SPDX-License-Identifier: MIT */
/* Rules that users write: allow rules, severities, names of loop threads, functions (function.h).
 * Read once at start, from the packs that are built in (packs.def) and from the files of
 * OFFLOOP_RULES. One rule a
 * line; the grammar is in docs/rules-files.md.
 *
 * No allocation but one private mapping a file, which stays for the life of the process: rules
 * point into it.
 */
#ifndef OFFLOOP_RULESET_H
#define OFFLOOP_RULESET_H

#include <stdbool.h>
#include <stdint.h>

#include "option.h"
#include "rule.h"
#include "word.h"

/* Frames of a language: both are globs. */
struct ol_allow_code {
    const char *module; /* NULL: any frames */
    const char *function;
    enum ol_frame_kind kind; /* native: of any language */
};

/* allow RULE [path=GLOB] [caller=GLOB] [symbol=GLOB] [LANGUAGE=MODULE:FUNCTION]
 * [under=MODULE:FUNCTION] [frames=N] [unless=GLOB] [limit=MS]: all that is given has to match. */
struct ol_allow_rule {
    struct ol_word text;       /* the line as written, without its comment: what the report shows */
    const char *rule;          /* glob */
    const char *path;          /* glob for the argument; NULL: any */
    const char *caller;        /* glob for the file name of a native frame's module */
    const char *symbol;        /* glob for a native frame's function */
    const char *unless;        /* glob for a native frame's function that must not stand there */
    uint32_t frames;           /* so many native frames have to match at least */
    struct ol_allow_code code; /* what this code does itself: python=…, ruby=… */
    struct ol_allow_code under; /* all that is done below it, the user's code too */
    uint32_t limit_ms; /* a call that takes longer is reported all the same: OL_ALLOW_LIMIT_* */
    bool off;          /* taken back by no-allow */
    bool shipped;      /* of the built-in pack */
    bool path_alone;   /* the path is all there is to match */
    uint16_t
        prefix; /* then: length of `path` before its only `*`, at its end; 0: not of that form */
    uint64_t rules[(OL_RULE_MAX + 63) / 64]; /* and the rules it covers, a bit each */
};

#define OL_ALLOW_MAX 250
#define OL_ALLOW_LIMIT_stall UINT32_MAX /* OFFLOOP_STALL_MS */
#define OL_ALLOW_LIMIT_none 0u

struct ol_ruleset {
    struct ol_allow_rule allow[OL_ALLOW_MAX];
    unsigned allow_count;
    uint8_t severity[OL_RULE_MAX]; /* enum ol_severity, or OL_RULE_AS_WRITTEN: the rule's own */
};

#define OL_RULE_AS_WRITTEN 0xff

extern struct ol_ruleset ol_ruleset;

/* The severity of a rule, after `severity` lines. */
enum ol_severity ol_ruleset_severity(unsigned rule);

/* Reads the packs that are always read, and the files, colon-separated. A bad line is complained of
 * ("FILE:LINE: reason") and skipped, as is a file that can't be read. */
void ol_ruleset_read(const char *files, ol_complain *complain, void *context);

/* A pack that is read only when it is needed (OL_PACK_WHEN_imported): is it there, and read it. One
 * thread at a time. False: it was there. */
bool ol_ruleset_has_pack(int pack);
bool ol_ruleset_read_pack(int pack);

/* All packs that are read only when they are needed. False: they were there. */
bool ol_ruleset_read_rest(void);

#endif
