/* SPDX-License-Identifier: MIT */
/* A library with functions, one that is chosen when it is loaded, data and a thread-local variable,
 * of one beginning of their names. It knows its own function when it sees it. */
#include "addresses.h"

int addresses_data[4] = {1, 2, 3, 4};
const char *addresses_text = "text";
__thread int addresses_local = 5;
void (*addresses_hook)(void) = addresses_work;
static int own, others;

void addresses_work(void)
{
    own++;
}

void addresses_run(void)
{
    if (addresses_hook == addresses_work)
        addresses_work();
    else
        others++, addresses_hook();
}

int addresses_is_work(void (*function)(void))
{
    return function == addresses_work;
}

int addresses_own(void)
{
    return own;
}

int addresses_others(void)
{
    return others;
}

static int chosen_one(int x)
{
    return x + 1;
}

static int (*choose(void))(int)
{
    return chosen_one;
}

int addresses_chosen(int x) __attribute__((ifunc("choose")));
