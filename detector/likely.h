/* SPDX-License-Identifier: MIT */
/* What branches of hot paths usually do. */
#ifndef OFFLOOP_LIKELY_H
#define OFFLOOP_LIKELY_H

#define OL_LIKELY(condition) __builtin_expect(!!(condition), 1)
#define OL_UNLIKELY(condition) __builtin_expect(!!(condition), 0)

#endif
