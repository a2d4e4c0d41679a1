#!/bin/sh
# SPDX-License-Identifier: MIT
# A program of another C library can't be watched: `offloop run` says so and starts nothing, and the
# library in LD_PRELOAD does not make it crash. musl.sh COMMAND LIBRARY FILES; prints TAP.
set -eu
command=$1 library=$2 files=$3
printf '#include <stdio.h>\nint main(void) { puts("musl here"); return 7; }\n' >"$files/program.c"
number=0
holds() { # NAME CONDITION…
    name=$1
    shift
    number=$((number + 1))
    if "$@"; then echo "ok $number - $name"; else echo "not ok $number - $name"; fi
}
for how in dynamic static; do
    flags=
    [ $how = dynamic ] || flags=-static
    # shellcheck disable=SC2086 # one word or none
    musl-gcc $flags -o "$files/program" "$files/program.c"
    status=0
    "$command" run --out="$files/records" -- "$files/program" >"$files/said" 2>&1 || status=$?
    cat "$files/said"
    holds "$how: offloop run ends with 126" [ $status = 126 ]
    holds "$how: nothing but lines of offloop is printed" \
        [ "$(grep -c '^offloop: ' "$files/said")" = "$(wc -l <"$files/said")" ]
    holds "$how: the program is not started" [ "$(grep -c 'musl here' "$files/said")" = 0 ]
    status=0
    "$files/program" >"$files/plain" 2>&1 || status=$?
    holds "$how: without the library it runs" [ $status = 7 ]
    status=0
    LD_PRELOAD=$library "$files/program" >"$files/said" 2>&1 || status=$?
    holds "$how: preloaded by hand it ends without a signal" [ $status -lt 128 ]
done
