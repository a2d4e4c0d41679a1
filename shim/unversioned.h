/* SPDX-License-Identifier: MIT */
/* Where references without a version lead; see unversioned.c. */
#ifndef OFFLOOP_UNVERSIONED_H
#define OFFLOOP_UNVERSIONED_H

/* At start, after ol_export_start(). Before that, each is found when it is called. */
void ol_unversioned_find_all(void);

/* Called by arch/<cpu>/unversioned.S, for a function that is called before the start. */
void ol_unversioned_find(void **slot);

#endif
