/* SPDX-License-Identifier: MIT */
/* Looks at the addresses of a library's functions in every way that there is, calls them, and reads
 * the library's data, on the loop. */
#include "addresses.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include "turn.h"

static void (*volatile in_data)(void) = addresses_work;
static int wrong;

static void expect(int good, const char *what)
{
    if (!good)
        printf("wrong: %s\n", what);
    wrong |= !good;
}

static void look(void)
{
    void (*volatile here)(void) = addresses_work;
    void (*asked)(void) = (void (*)(void))dlsym(RTLD_DEFAULT, "addresses_work");
    expect(here == in_data, "the address here and in data");
    expect(here == addresses_hook, "the address here and in the library");
    expect(here == asked, "the address here and from dlsym()");
    expect(addresses_is_work(here) && addresses_is_work(asked), "the address, as the library sees it");
    addresses_hook = here;
    for (int i = 0; i < 3; i++)
        addresses_run(), addresses_work();
    expect(addresses_own() == 6 && addresses_others() == 0, "whose function it is");
    expect(addresses_chosen(4) == 5, "a function that was chosen");
    expect(addresses_data[3] == 4 && strcmp(addresses_text, "text") == 0, "data");
    addresses_data[3] = 7;
    expect(addresses_local++ == 5 && addresses_data[3] == 7, "data that is written");
    fprintf(stdout, "looked\n");
}

int main(void)
{
    turn(look);
    puts("done");
    return wrong;
}
