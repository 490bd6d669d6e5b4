# Private servers for benches/run: Postgres that flushes (tests/run turns that off), and Redis.
# Sourced. Everything lives in $WORK and is stopped by process id.

POSTGRES_PID= POSTGRES_PORT= POSTGRES_BIN= REDIS_PID= REDIS_PORT= LAST_PORT=

# The newest installed Postgres.
find_postgres() {
  local bin
  for bin in $(ls -d /usr/lib/postgresql/*/bin /usr/pgsql-*/bin 2>/dev/null | sort -V -r); do
    if [ -x "$bin/initdb" ] && [ -x "$bin/pgbench" ]; then printf '%s\n' "$bin" && return; fi
  done
  for bin in initdb pgbench; do have "$bin" || return 1; done
  dirname "$(readlink -f "$(command -v initdb)")"
}

# Postgres refuses to run as root: then it runs as the user postgres or nobody.
unprivileged() {
  local user=nobody
  if [ "$(id -u)" -ne 0 ]; then "$@" && return; fi
  if id -u postgres >/dev/null 2>&1; then user=postgres; fi
  setpriv --reuid="$(id -u "$user")" --regid="$(id -g "$user")" --clear-groups -- "$@"
}

# A port nobody answers on, below the range from which the kernel takes ports for clients; into
# $LAST_PORT, each another one.
free_port() {
  local port
  while port=$((20000 + RANDOM % 12000)); do
    case " $USED_PORTS " in *" $port "*) continue ;; esac
    if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then break; fi
  done
  USED_PORTS="$USED_PORTS $port"
  LAST_PORT=$port
}
USED_PORTS=

start_postgres() {
  local directory=$WORK/pg
  POSTGRES_BIN=$(find_postgres)
  mkdir -m 777 "$directory"
  (cd "$directory" && unprivileged mkdir -m 700 "$directory/data" && unprivileged \
    "$POSTGRES_BIN/initdb" -D "$directory/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8) \
    >"$WORK/initdb.log" 2>&1 || { cat "$WORK/initdb.log" >&2 && fail "initdb failed"; }
  free_port && POSTGRES_PORT=$LAST_PORT
  (cd "$directory" && unprivileged "$POSTGRES_BIN/postgres" -D "$directory/data" \
    -p "$POSTGRES_PORT" -k "$directory" -c listen_addresses=127.0.0.1 -c max_connections=200 \
    -c shared_buffers=512MB -c max_wal_size=4GB -c checkpoint_timeout=30min -c jit=off \
    -c fsync=on -c full_page_writes=on -c synchronous_commit=on -c log_lock_waits=on) \
    >"$WORK/postgres.log" 2>&1 </dev/null &
  for _ in $(seq 300); do
    if "$POSTGRES_BIN/pg_isready" -q -h 127.0.0.1 -p "$POSTGRES_PORT"; then
      POSTGRES_PID=$(head -n 1 "$directory/data/postmaster.pid")
      sql postgres -c 'CREATE ROLE booking LOGIN' -c 'CREATE DATABASE booking OWNER booking' \
        -c 'CREATE DATABASE bench'
      sql bench -f "$BENCHES/pgbench/schema.sql"
      return
    fi
    kill -0 $! 2>/dev/null || break
    sleep 0.1
  done
  cat "$WORK/postgres.log" >&2
  fail "Postgres did not start, see above"
}

sql() { # database, arguments of psql
  local database=$1
  shift
  "$POSTGRES_BIN/psql" -X -q -A -t -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$POSTGRES_PORT" \
    -U postgres -d "$database" "$@"
}

start_redis() {
  free_port && REDIS_PORT=$LAST_PORT
  redis-server --port "$REDIS_PORT" --bind 127.0.0.1 --save "" --appendonly no --dir "$WORK" \
    >"$WORK/redis.log" 2>&1 </dev/null &
  REDIS_PID=$!
  wait_for_port "$REDIS_PORT" "$REDIS_PID" || { cat "$WORK/redis.log" >&2 && fail "no Redis"; }
}

wait_for_port() { # port, process
  for _ in $(seq 300); do
    if (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then return 0; fi
    kill -0 "$2" 2>/dev/null || return 1
    sleep 0.1
  done
  return 1
}

stop() { # signal, process
  [ -n "$2" ] || return 0
  kill "-$1" "$2" 2>/dev/null || return 0
  for _ in $(seq 100); do
    kill -0 "$2" 2>/dev/null || return 0
    sleep 0.1
  done
  kill -KILL "$2" 2>/dev/null || true
}
