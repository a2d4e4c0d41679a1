/* SPDX-License-Identifier: MIT */
#ifndef ADDRESSES_H
#define ADDRESSES_H

extern int addresses_data[4];
extern const char *addresses_text;
extern __thread int addresses_local;
extern void (*addresses_hook)(void);

void addresses_work(void);
void addresses_run(void); /* calls the hook, and counts when that is not addresses_work */
int addresses_is_work(void (*function)(void));
int addresses_own(void);    /* calls of addresses_work */
int addresses_others(void); /* calls of other hooks */
int addresses_chosen(int x);

#endif
