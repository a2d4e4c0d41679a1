/* Lines of source files, as far as they are on this machine. */
#ifndef OFFLOOP_SOURCE_H
#define OFFLOOP_SOURCE_H

#include <stdint.h>

struct obstack;

/* Line `line` (1-based) of `file` (relative to `folder`, which may be NULL) without the blanks
 * around it, or NULL when it can't be read. Regular files only: a record may name anything. In the
 * pool. */
const char *ol_source_line(struct obstack *pool, const char *folder, const char *file,
                           uint32_t line);

#endif
