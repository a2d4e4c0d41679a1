/* SPDX-License-Identifier: MIT */
/* The record: the contract between the preloaded library, which writes it, and the `offloop`
 * command, which reads it.
 *
 * One file per program image, mapped shared; forked children count into the same one. Layout:
 * struct ol_record, then the sections it lists, each an array of fixed entries at `offset`.
 * Everything is in the byte order and alignment of the machine that wrote it (little-endian 64-bit
 * so far; `byte_order` tells). All times are CLOCK_MONOTONIC nanoseconds; `started_realtime_ns` and
 * `started_ns` are the same moment on both clocks.
 *
 * Writers: counters by atomic add, entries by claiming an index with an atomic add of `used` (which
 * may pass `capacity`: what is over did not fit, and is counted in `lost`). An entry is whole when
 * its `state` is OL_ENTRY_READY, stored last with release order; any other state is an entry whose
 * writer is under way or died: skip it. Readers: trust nothing. Check every offset, index and
 * string against the file's real size.
 *
 * Raise OL_RECORD_VERSION when an old reader would misread a new file: a changed meaning, size or
 * order of a field. Readers refuse other versions and name both.
 */
#ifndef OFFLOOP_RECORD_H
#define OFFLOOP_RECORD_H

#include <stdatomic.h>
#include <stdint.h>

#define OL_RECORD_MAGIC "offloop\n"
#define OL_RECORD_VERSION 2u
#define OL_RECORD_BYTE_ORDER 0x01020304u
#define OL_RECORD_SUFFIX                                                                           \
    ".offloop" /* files are named PROGRAM-PID.offloop, or PROGRAM-PID-N.offloop */
#define OL_RECORD_FOLDER "offloop-out" /* where they are unless OFFLOOP_OUT says otherwise */

/* The numbers in these enums are part of the format, and written out: what moves keeps its own. */
enum ol_kind {
    OL_KIND_blocking = 0,
    OL_KIND_loop_only = 1,
    OL_KIND_off_loop_only = 2,
    OL_KIND_stall = 3,
    OL_KIND_misuse = 4,
    OL_KIND_COUNT
};
/* mildest first: compared as numbers */
enum ol_severity {
    OL_SEVERITY_note = 0,
    OL_SEVERITY_warning = 1,
    OL_SEVERITY_error = 2,
    OL_SEVERITY_COUNT
};
enum ol_phase { OL_PHASE_running = 0, OL_PHASE_import = 1, OL_PHASE_shutdown = 2, OL_PHASE_COUNT };
/* The frame of Python, without a file, that stands for the garbage collector: the culprit of what
 * finalizers do. The frames before it are those that it runs. */
#define OL_COLLECTOR_FUNCTION "the garbage collector"
#define OL_COLLECTOR_MODULE "gc"

/* JavaScript is recorded as native code of no module; the command gives it its kind. */
enum ol_frame_kind { OL_FRAME_native = 0, OL_FRAME_python = 1, OL_FRAME_js = 2, OL_FRAME_ruby = 3 };

/* Whose code a frame is. The culprit is chosen by it: nearest USER frame of the turn, else nearest
 * LIBRARY frame. */
enum ol_owner_class {
    OL_CODE_unknown = 0,
    OL_CODE_system = 1, /* libc, the dynamic loader, liboffloop, the interpreter, TLS libraries */
    OL_CODE_stdlib = 2, /* the language's standard library */
    OL_CODE_import = 3, /* the import machinery (importlib's bootstrap, zipimport) */
    OL_CODE_framework = 4, /* loop frameworks: asyncio, uvloop, libuv, libevent, GLib */
    OL_CODE_library = 5,   /* installed third-party code: site-packages, /usr/lib */
    OL_CODE_user = 6
};
/* Where a violation was: in a turn of a loop thread; of a worker's, which gates pass over. */
enum ol_on_loop { OL_OFF_LOOP = 0, OL_ON_LOOP = 1, OL_ON_WORKER = 2 };
enum ol_entry_state { OL_ENTRY_free = 0, OL_ENTRY_writing = 1, OL_ENTRY_ready = 2 };

/* Index into the bytes of the strings section; the string there ends with NUL, is at most
 * OL_STRING_MAX bytes and not necessarily UTF-8. 0: none. */
typedef uint32_t ol_string;
#define OL_STRING_MAX 4096u

#define OL_NO_INDEX 0xffffu

enum ol_section_id {
    OL_SECTION_processes = 0,
    OL_SECTION_loops = 1,
    OL_SECTION_modules = 2,
    OL_SECTION_sites = 3,
    OL_SECTION_frames = 4,
    OL_SECTION_strings = 5, /* entries of one byte; the first byte is a NUL */
    OL_SECTION_blind_spots = 6,
    OL_SECTION_suppressed = 7,
    OL_SECTION_COUNT
};

struct ol_section {
    uint64_t offset;       /* from the start of the file, a multiple of 8 */
    uint32_t entry_size;   /* bytes */
    uint32_t capacity;     /* entries */
    _Atomic uint32_t used; /* entries claimed; may exceed capacity */
    _Atomic uint32_t lost; /* entries that found no room */
};

struct ol_record {
    char magic[8];
    uint32_t version;
    uint32_t byte_order;
    uint32_t header_size; /* sizeof(struct ol_record) of the writer */
    uint32_t pointer_size;
    uint64_t file_size;
    char offloop_version[16]; /* NUL-padded */
    int64_t started_realtime_ns;
    int64_t started_ns;
    ol_string exe; /* absolute path of the program's image */
    /* the arguments, joined by blanks, shell-quoted where needed, cut at OL_STRING_MAX */
    ol_string argv;
    ol_string cwd;              /* working folder at start */
    ol_string language;         /* "python 3.11.2" where an interpreter was found, else 0 */
    _Atomic uint64_t hits;      /* every violation counted, also those whose site found no room */
    _Atomic uint64_t hits_lost; /* of those, the ones without a site entry */
    _Atomic uint64_t time_lost_ns; /* time that loop threads spent in them */
    struct ol_section sections[OL_SECTION_COUNT];
};

/* A process that counts into this record: the first is the one that loaded the image, others are
 * forked from it. */
struct ol_process_entry {
    _Atomic uint32_t state;
    int32_t pid;
    int32_t parent;
    int32_t exit_status; /* as given to exit(); meaningful when ended_ns is not 0 */
    int64_t started_ns;
    _Atomic int64_t ended_ns; /* 0: still running, or ended without exit() */
};

#define OL_TURN_BUCKETS 160 /* see ol_turn_bucket() */

/* A thread's life as a loop thread of that name: its loops, one after the other. The section's last
 * entry is that of all threads which found no other: it has no tid. */
struct ol_loop_entry {
    _Atomic uint32_t state;
    int32_t pid;
    int32_t tid;              /* 0: of several threads */
    ol_string wait;           /* "epoll_wait", "poll", …, or "api"; of its latest loop */
    char name[16];            /* thread name, NUL-padded */
    uint32_t worker;          /* 1: its loop serves one caller, so it is in nobody's way */
    _Atomic uint32_t loops;   /* how many it has begun; one that is taken up again begins anew */
    _Atomic uint32_t threads; /* how many count into this entry */
    uint32_t reserved;
    int64_t started_ns;
    _Atomic int64_t ended_ns;      /* 0: still a loop, or the process died */
    _Atomic int64_t turn_began_ns; /* of the turn that is not over; 0: none is */
    _Atomic uint64_t turns;
    _Atomic uint64_t busy_ns; /* sum of the turns */
    _Atomic uint64_t longest_turn_ns;
    _Atomic uint64_t stalls; /* turns longer than OFFLOOP_STALL_MS */
    _Atomic uint32_t histogram[OL_TURN_BUCKETS];
};

/* Log-linear histogram, four buckets an octave: bucket b holds turns from ol_turn_bucket_low(b) up
 * to, not including, ol_turn_bucket_low(b + 1) ns. */
static inline uint64_t ol_turn_bucket_low(unsigned bucket)
{
    return bucket < 4 ? bucket : (uint64_t)(4 + bucket % 4) << (bucket / 4 - 1);
}

static inline unsigned ol_turn_bucket(uint64_t ns)
{
    if (ns < 4)
        return (unsigned)ns;
    unsigned octave = 63u - (unsigned)__builtin_clzll(ns);
    unsigned bucket = (octave - 1) * 4 + (unsigned)(ns >> (octave - 2) & 3);
    return bucket < OL_TURN_BUCKETS ? bucket : OL_TURN_BUCKETS - 1;
}

/* A loaded object that native frames lie in. */
struct ol_module_entry {
    _Atomic uint32_t state;
    ol_string path;
    uint64_t base; /* load bias: file virtual address + base = run-time address */
    uint64_t end;
    uint8_t build_id[20];
    uint32_t build_id_size; /* 0: none */
};

struct ol_frame_entry {
    uint8_t kind;        /* enum ol_frame_kind */
    uint8_t owner_class; /* enum ol_owner_class */
    uint16_t module; /* native: index of its module entry, or OL_NO_INDEX (JIT or unknown code) */
    uint32_t line;   /* python: 1-based, 0 unknown */
    union {
        uint64_t offset; /* native: return address - module base, or the bare address without one */
        ol_string loaded_as; /* python: the culprit's module by its `__name__`, else 0 */
    };
    /* python: qualified name; native: dynamic symbol where one covers it, else 0 */
    ol_string function;
    ol_string file;        /* python: co_filename */
    ol_string module_name; /* python: dotted module name as far as the path tells, else 0 */
    ol_string owner;       /* python: its owner by an `owner` rule, else 0 */
};

/* A hit that took longer than a site's first one, in the words that differ. */
struct ol_site_worst {
    ol_string function;
    ol_string argument;
    int32_t pid;
    uint32_t first_frame;
    uint16_t frame_count;
    uint16_t culprit;
    uint32_t own_frames; /* the writer's: frames that only this slot uses, and how many */
    uint32_t own_room;
};

struct ol_site_entry {
    _Atomic uint32_t state;
    uint8_t kind;         /* enum ol_kind */
    uint8_t severity;     /* enum ol_severity */
    uint8_t action;       /* what the policy said at the first hit: a number of actions.def */
    uint8_t phase;        /* enum ol_phase of the first hit */
    _Atomic uint64_t key; /* in-process identity; 0 while free */
    ol_string rule;
    ol_string family;
    ol_string function; /* the libc or library function, or the Python callable */
    ol_string api;      /* 0: the function itself */
    ol_string argument; /* of the first hit, like `function`, `pid` and the frames; 0: none */
    ol_string hint;
    int32_t pid; /* of the first hit */
    int32_t tid;
    char thread[16];
    uint32_t first_frame; /* index of the innermost frame; the others follow */
    uint16_t frame_count;
    uint16_t culprit;     /* index into the site's frames, or OL_NO_INDEX */
    uint16_t on_loop;     /* enum ol_on_loop */
    uint16_t loop;        /* index of the loop entry, or OL_NO_INDEX */
    ol_string allowed_by; /* the allow rule that would have suppressed its hits, had they not taken
                             OFFLOOP_STALL_MS; else 0 */
    int64_t first_ns;
    _Atomic int64_t last_ns;
    _Atomic uint64_t count;
    _Atomic uint64_t blocked; /* hits whose call did not happen */
    _Atomic uint64_t total_ns;
    _Atomic uint64_t max_ns;
    _Atomic uint64_t
        waits; /* voluntary context switches of the thread during the hits: it did wait */
    _Atomic uint64_t major_faults; /* pages that came from disk during the hits */
    _Atomic uint64_t shown_ns;     /* what the hit took whose words are shown */
    _Atomic uint32_t shown;        /* 0: the first hit; n: worst[n - 1], the other one may be in the
                                      making */
    _Atomic uint32_t worst_state;  /* OL_ENTRY_writing while one is made */
    _Atomic uint32_t worst_count;  /* how many were made so far */
    _Atomic uint32_t told_us; /* what the last live line said that a hit took; all bits: no time */
    struct ol_site_worst worst[2];
};

/* Why, for a folder: the record should be there, and its process may not write into it. */
#define OL_RECORD_ELSEWHERE "records could not be written there, so this one is in $TMPDIR"

/* Something that could not be watched, and why. */
struct ol_blind_spot_entry {
    _Atomic uint32_t state;
    ol_string what;
    ol_string why;
    uint32_t reserved;
};

/* An allow rule, with the hits that it suppressed. */
struct ol_suppressed_entry {
    _Atomic uint32_t state;
    ol_string rule; /* its line as written */
    _Atomic uint64_t hits;
    uint32_t shipped; /* 1: of the pack that is built in; 0: the user's own */
    uint32_t reserved;
};

_Static_assert(sizeof(struct ol_section) == 24, "sections are packed without holes");
_Static_assert(sizeof(struct ol_frame_entry) == 32, "frames are 32 bytes");
_Static_assert(sizeof(struct ol_site_entry) % 8 == 0, "sites stay aligned");

#endif
