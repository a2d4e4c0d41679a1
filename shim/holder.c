/* The table of holder.h. */
#include "holder.h"

_Atomic uint64_t ol_holders[OL_HOLDERS];
