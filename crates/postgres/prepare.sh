#!/bin/sh
# Writes crates/postgres/.sqlx anew: what the query macros read instead of a database.
#
# Starts a private Postgres in a temporary folder, applies the migrations, compiles the crate
# against it and stops it again. Needs initdb, pg_ctl and psql (Debian: apt-get install postgresql).
# With BOOKING_PREPARE_POSTGRES_URL set, that (empty, owned) database is used instead.
set -eu
cd "$(dirname "$0")/../.."

find_program() {
    command -v "$1" || ls -1 /usr/lib/postgresql/*/bin/"$1" 2>/dev/null | sort -V | tail -n 1
}
as_server_user() {
    # Postgres refuses to run as root.
    if [ "$(id -u)" = 0 ]; then su postgres -s /bin/sh -c "$1"; else sh -c "$1"; fi
}

url="${BOOKING_PREPARE_POSTGRES_URL:-}"
if [ -z "$url" ]; then
    initdb=$(find_program initdb) pg_ctl=$(find_program pg_ctl)
    folder=$(mktemp -d)
    chmod 755 "$folder"
    if [ "$(id -u)" = 0 ]; then chown postgres "$folder"; fi
    trap 'as_server_user "$pg_ctl -D $folder/data -m immediate stop" >/dev/null 2>&1; rm -rf "$folder"' EXIT
    as_server_user "$initdb -D $folder/data -U prepare -A trust --no-sync -E UTF8 --locale=C" >/dev/null
    as_server_user "$pg_ctl -D $folder/data -l $folder/log -w -o \"-c listen_addresses='' -c unix_socket_directories=$folder\" start" >/dev/null
    url="postgres://prepare@localhost/postgres?host=$folder"
fi

for migration in migrations/postgres/*.sql; do
    psql -q -X -v ON_ERROR_STOP=1 -d "$url" -f "$migration" >/dev/null
done

# Files of queries that are gone are not removed by the macros, so the folder starts empty; and the
# crate has to be compiled, even if nothing changed.
mkdir -p crates/postgres/.sqlx
rm -f crates/postgres/.sqlx/query-*.json
touch crates/postgres/src/lib.rs
SQLX_OFFLINE=false SQLX_OFFLINE_DIR="$PWD/crates/postgres/.sqlx" DATABASE_URL="$url" \
    cargo check -p booking-postgres
touch crates/postgres/src/lib.rs
SQLX_OFFLINE=true cargo check -p booking-postgres
