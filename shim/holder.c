/* SPDX-License-Identifier: MIT */
/* The table of holder.h. */
#include "holder.h"

unsigned char ol_holders[65536 + sizeof(uint64_t)];
__thread uint64_t ol_holder_self;
