/* SPDX-License-Identifier: MIT */
/* CPython's row in the table of runtimes (detector/runtimes.def). */
#include "inside.h"

extern const struct ol_runtime ol_python_runtime;

/* The loop object is the first argument of what runs it. */
const struct ol_runtime ol_python_runtime = {
    .name = "python",
    .kind = OL_FRAME_python,
    .find = ol_python_find,
    .forked = ol_python_forked,
    .version = ol_python_version,
    .trouble = ol_python_trouble,
    .address = ol_python_address,
    .walk = ol_python_walk,
    .mix_frames = ol_python_mix_frames,
    .mix = ol_python_mix,
    .anchor = ol_python_anchor,
    .place = ol_python_place,
    .may_be_elsewhere = ol_python_may_be_elsewhere,
    .loop_of = ol_pyframe_first_local,
    .describe = ol_python_describe,
    .module_name = ol_python_module_name,
    .judge = ol_python_judge,
    .wait = ol_python_wait,
    .has_run = ol_python_has_run,
    .given = ol_python_given,
    .imports = ol_python_imports,
};
