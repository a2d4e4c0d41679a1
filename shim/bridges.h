/* SPDX-License-Identifier: MIT */
/* What a runtime's other half is told, which acts inside the interpreter (rules about callables of
 * the language, doors of its import machinery): ol_NAME_bridge of detector/runtimes.def.
 *
 * Bridges never wait for an interpreter's lock, nor allocate without it: these note what is wanted.
 * They keep errno; no trouble of their own leaves them. */
#ifndef OFFLOOP_BRIDGES_H
#define OFFLOOP_BRIDGES_H

struct ol_bridge {
    /* The calling thread has made that descriptor, which a loop may wait for: with rules for
     * callables the bridge is to be there before the loop runs. */
    void (*expect)(int epoll);

    /* A loop of the calling thread waits, or has waited, and is not met: ol_self.unmet. */
    void (*meet)(void);

    /* In a forked child. */
    void (*forked)(void);
};

void ol_bridges_expect(int epoll);
void ol_bridges_meet(void);
void ol_bridges_forked(void);

#endif
