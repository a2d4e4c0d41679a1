/* SPDX-License-Identifier: MIT */
/* A stub keeps what it finds in the frame, and no more. The contract is in arch.h. */
#include "../arch.h"

void ol_arch_state_start(void)
{
}
