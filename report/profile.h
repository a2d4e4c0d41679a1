/* SPDX-License-Identifier: MIT */
/* Profiles: policies by the name of the system that acts like that. */
#ifndef OFFLOOP_PROFILE_H
#define OFFLOOP_PROFILE_H

#include <stddef.h>

struct obstack;

/* The policy of that profile, as for OFFLOOP_POLICY; what covers no rule of the ruleset that was
 * read is left out. NULL: there is no such profile. In the pool. */
const char *ol_profile_policy(struct obstack *pool, const char *name);

/* The rule packs that it needs, as for OFFLOOP_RULES; NULL: there is no such profile. Static. */
const char *ol_profile_rules(const char *name);

/* Names of the profiles by index; NULL behind the last. */
const char *ol_profile_name(size_t index);

/* ": did you mean …" or the names of all profiles. In the pool. */
const char *ol_profile_guess(struct obstack *pool, const char *name);

#endif
