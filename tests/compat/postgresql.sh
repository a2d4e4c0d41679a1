#!/bin/sh
# SPDX-License-Identifier: MIT
# PostgreSQL's regression tests against a server that is started by the program $WATCHED.
# postgresql.sh SOURCE FOLDER-OF-REGRESS.SO FILES
set -eu
source=$1 libraries=$2 files=$3
bin=/usr/lib/postgresql/15/bin
data=$TMPDIR/data

as_user() { # the server refuses root
    if [ "$(id -u)" = 0 ]; then
        setpriv --reuid=postgres --regid=postgres --clear-groups env HOME="$TMPDIR" "$@"
    else
        "$@"
    fi
}

as_user $bin/initdb --pgdata="$data" --auth=trust --no-locale --encoding=UTF8 --no-sync >"$files/initdb.log"
as_user "$WATCHED" $bin/postgres -D "$data" -k "$TMPDIR" -c listen_addresses= -c fsync=off \
    >"$files/server.log" 2>&1 &
server=$!
tries=300
until as_user $bin/pg_isready -q -h "$TMPDIR"; do
    tries=$((tries - 1))
    [ $tries -gt 0 ] || { echo "the server does not start" && exit 1; }
    kill -0 $server
    sleep 0.2
done
mkdir -m 777 "$files/out"
status=0
as_user /usr/lib/postgresql/15/lib/pgxs/src/test/regress/pg_regress --host="$TMPDIR" --bindir=$bin \
    --inputdir="$source/src/test/regress" --outputdir="$files/out" --dlpath="$libraries" \
    --schedule="$source/src/test/regress/parallel_schedule" || status=$?
as_user $bin/pg_ctl stop --pgdata="$data" --mode=fast --silent || status=1
wait $server || status=1
exit $status
