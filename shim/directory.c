/* SPDX-License-Identifier: MIT */
/* opendir() and the reads of its stream, which are one hit: the reads add their time to it. A
 * stream that was opened elsewhere (in a worker) counts once, at its first read here. */
#include <dirent.h>

#include "conditions.h"
#include "wrap.h"

/* The stream that this thread counted last, whether it has been read since, and its hit. */
static __thread const DIR *counted_stream __attribute__((tls_model("initial-exec")));
static __thread bool counted_read __attribute__((tls_model("initial-exec")));
static __thread struct ol_gate_rest counted_hit __attribute__((tls_model("initial-exec")));

static DIR *keep(DIR *stream, const struct ol_call *call)
{
    counted_stream = stream;
    counted_read = false;
    counted_hit = ol_gate_rest_of(call);
    return stream;
}

/* Is it the stream that was counted, and not another one at its address? Whatever was read is not
 * at its start any more. */
static bool is_counted(DIR *stream)
{
    if (stream != counted_stream || (counted_read && telldir(stream) == 0))
        return false;
    counted_read = true;
    return true;
}

typedef struct dirent *read_function(DIR *stream);

static __attribute__((noinline)) DIR *judged_opendir(const void *caller, const char *path)
{
    struct ol_call call;
    struct ol_argument argument = PATH(path);
    if (!ol_gate_enter(&call, OL_CALL_opendir, OL_RULE_readdir, caller, &argument))
        return OL_FAIL_VALUE_null;
    DIR *stream = ((DIR * (*)(const char *)) ol_real_get(OL_CALL_opendir))(path);
    ol_gate_leave(&call);
    return keep(stream, &call);
}

static __attribute__((used)) DIR *wrap_opendir(const char *path)
{
    if (ol_gate_is_open() || !names_file(path))
        return REAL(opendir)(path);
    return judged_opendir(OL_CALLER, path);
}

static __attribute__((noinline)) DIR *judged_fdopendir(const void *caller, int fd)
{
    struct ol_call call;
    struct ol_argument argument = FD(fd);
    if (!ol_gate_enter(&call, OL_CALL_fdopendir, OL_RULE_readdir, caller, &argument))
        return OL_FAIL_VALUE_null;
    DIR *stream = ((DIR * (*)(int)) ol_real_get(OL_CALL_fdopendir))(fd);
    ol_gate_leave(&call);
    return keep(stream, &call);
}

static __attribute__((used)) DIR *wrap_fdopendir(int fd)
{
    if (ol_gate_is_open())
        return REAL(fdopendir)(fd);
    return judged_fdopendir(OL_CALLER, fd);
}

/* A further read of a stream that was counted: only its time. */
static void *read_on(enum ol_call_id id, const void *caller, DIR *stream)
{
    read_function *real = (read_function *)ol_real_get(id);
    struct ol_argument argument = FD(dirfd(stream));
    struct ol_call call;
    ol_gate_resume(&call, &counted_hit, id, caller, &argument);
    void *entry = real(stream);
    ol_gate_leave(&call);
    counted_hit = ol_gate_rest_of(&call);
    return entry;
}

static __attribute__((noinline)) void *judged_read(enum ol_call_id id, const void *caller,
                                                   DIR *stream)
{
    if (is_counted(stream))
        return read_on(id, caller, stream);
    read_function *real = (read_function *)ol_real_get(id);
    struct ol_call call;
    struct ol_argument argument = FD(dirfd(stream));
    if (!ol_gate_enter(&call, id, OL_RULE_readdir, caller, &argument))
        return OL_FAIL_VALUE_null;
    void *entry = real(stream);
    ol_gate_leave(&call);
    keep(stream, &call);
    counted_read = true;
    return entry;
}

static __attribute__((used)) struct dirent *wrap_readdir(DIR *stream)
{
    return ol_gate_is_open() ? REAL(readdir)(stream)
                             : judged_read(OL_CALL_readdir, OL_CALLER, stream);
}

static __attribute__((used)) struct dirent64 *wrap_readdir64(DIR *stream)
{
    return ol_gate_is_open() ? REAL(readdir64)(stream)
                             : judged_read(OL_CALL_readdir64, OL_CALLER, stream);
}

OL_EXPORT(opendir)
OL_EXPORT(fdopendir)
OL_EXPORT(readdir)
OL_EXPORT(readdir64)
OL_CHECK_SIGNATURE(opendir)
OL_CHECK_SIGNATURE(fdopendir)
OL_CHECK_SIGNATURE(readdir)
OL_CHECK_SIGNATURE(readdir64)
