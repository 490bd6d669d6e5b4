# One measurement at a time. Sourced by benches/run. Every measurement appends a line to
# $WORK/results: round, name, value, p50 ms, p99 ms, failures, note, percent of the processors that
# others used meanwhile.

record() { # name, value, p50, p99, failures, note
  printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$ROUND" "$@" "$OTHERS" >>"$WORK/results"
  printf '  %-22s %7.0f   p50 %7.2f ms   p99 %7.2f ms   failed %s   %s' "$@" >&2
  if [ "$OTHERS" -gt 10 ]; then printf '   (others: %s %%)' "$OTHERS" >&2; fi
  printf '\n' >&2
}

# --- what processes use ---------------------------------------------------------------------------

# Processor time of these processes and of their children that have ended, so far, in hundredths of
# a second.
ticks() {
  local pid files=()
  for pid in "$@"; do if [ -r "/proc/$pid/stat" ]; then files+=("/proc/$pid/stat"); fi; done
  if [ ${#files[@]} -eq 0 ]; then echo 0; else
    cat "${files[@]}" 2>/dev/null | awk '{ sub(/.*\) /, ""); n += $12 + $13 + $14 + $15 } END { print n + 0 }'
  fi
}

# The server and those it works through.
postgres_processes() { echo "$POSTGRES_PID" && pgrep -P "$POSTGRES_PID" || true; }

# gateway, postgres, redis, simulator; all of ours with the load; all of everybody; all there is
snapshot() { # gateway
  # shellcheck disable=SC2046 # words
  echo "$(ticks "$1") $(ticks $(postgres_processes)) $(ticks "$REDIS_PID") $(ticks "$SIMULATOR_PID")" \
    "$(ticks $$ $(postgres_processes) $(pgrep -P $$))" \
    "$(awk '/^cpu /{ print $2 + $3 + $4 + $7 + $8, $2 + $3 + $4 + $5 + $6 + $7 + $8 + $9 }' /proc/stat)"
}

# Between two snapshots: what others used goes to $OTHERS, what an operation cost to $NOTE.
compare() { # before, after, operations
  OTHERS=$(echo "$1 $2" | awk '{
    share = $14 > $7 ? 100 * (($13 - $6) - ($12 - $5)) / ($14 - $7) : 0
    printf "%.0f", (share > 0 ? share : 0) }')
  NOTE=$(awk -v before="$1" -v after="$2" -v n="$3" 'BEGIN {
    split(before, b, " "); split(after, a, " ")
    split("gateway postgres redis simulator", names, " ")
    for (i = 1; i <= 4; i++) if (n > 0) {
      used = (a[i] - b[i]) * 10000 / n
      if (used >= 0.5) printf "%s%s %.0f", (said++ ? ", " : ""), names[i], used
    }
    if (said) printf " µs"
  }')
}

busy_share() { # of all processors, in the next second: percent
  local before after
  before=$(awk '/^cpu /{ print $2 + $3 + $4 + $7 + $8, $5 + $6 }' /proc/stat)
  sleep 1
  after=$(awk '/^cpu /{ print $2 + $3 + $4 + $7 + $8, $5 + $6 }' /proc/stat)
  echo "$before $after" | awk '{ busy = $3 - $1; idle = $4 - $2; printf "%.0f", 100 * busy / (busy + idle) }'
}

resident() { awk '/^VmRSS/{ printf "%.1f", $2 / 1024 }' "/proc/$1/status"; }

# --- load -----------------------------------------------------------------------------------------

# wrk, once: sets RATE, P50, P99, FAILED, COUNT.
run_wrk() { # seconds, address with path, script
  local out
  out=$(wrk -t2 -c"$CONNECTIONS" -d"$1s" --timeout 10s --latency ${3:+-s "$BENCHES/wrk/$3"} "http://$2" 2>&1) ||
    { printf '%s\n' "$out" >&2 && fail "wrk failed"; }
  read -r RATE P50 P99 FAILED COUNT < <(printf '%s\n' "$out" | awk '
    function ms(x) {
      if (x ~ /us$/) return x / 1000
      if (x ~ /ms$/) return x + 0
      if (x ~ /m$/) return x * 60000
      return x * 1000
    }
    $1 == "50%" { p50 = ms($2) }
    $1 == "99%" { p99 = ms($2) }
    /Requests\/sec/ { rate = $2 }
    /requests in/ { count = $1 }
    /Non-2xx/ { failed += $NF }
    /Socket errors/ { gsub(",", ""); failed += $4 + $6 + $8 + $10 }
    END { print rate + 0, p50 + 0, p99 + 0, failed + 0, count + 0 }')
}

measure_wrk() { # name, gateway's process, address with path, script
  local before after
  before=$(snapshot "$2")
  run_wrk "$SECONDS_EACH" "$3" "${4:-}"
  after=$(snapshot "$2")
  compare "$before" "$after" "$COUNT"
  record "$1" "$RATE" "$P50" "$P99" "$FAILED" "$NOTE"
}

measure_pgbench() { # name, script, arguments
  local name=$1 script=$2 out rate percentiles failed before after count
  shift 2
  sql bench -c 'TRUNCATE appointments, outbox, inbox' -c CHECKPOINT
  before=$(snapshot 0)
  out=$(cd "$WORK" && "$POSTGRES_BIN/pgbench" -h 127.0.0.1 -p "$POSTGRES_PORT" -U postgres -n \
    -M prepared -c 32 -j 2 -T "$SECONDS_EACH" -f "$BENCHES/pgbench/$script.sql" -l \
    --log-prefix="$WORK/pgbench" "$@" bench 2>&1) || { printf '%s\n' "$out" >&2 && fail "pgbench failed"; }
  after=$(snapshot 0)
  rate=$(printf '%s\n' "$out" | awk '/^tps/{ print $3 }')
  count=$(printf '%s\n' "$out" | awk '/actually processed/{ print $NF + 0 }')
  failed=$(printf '%s\n' "$out" | awk '/failed transactions/{ print $5 }')
  percentiles=$(cat "$WORK"/pgbench.* | awk '{ print $3 }' | sort -n |
    awk '{ a[NR] = $1 } END { print a[int(NR * .5) + 1] / 1000, a[int(NR * .99) + 1] / 1000 }')
  rm -f "$WORK"/pgbench.*
  compare "$before" "$after" "$count"
  # shellcheck disable=SC2086 # two words
  record "$name" "$rate" $percentiles "${failed:-0}" "$NOTE"
}

# --- the measurements -----------------------------------------------------------------------------

measure_fixed() { measure_wrk fixed "$FIXED_PID" "$FIXED/fixed"; }

# Days and slots: all ahead of now, and each run of bookings has a region of its own.
export COMPANIES
FIRST_DAY=$(($(date +%s) / 86400 + 2))
export FIRST_DAY
BOOKINGS_FROM=$(((FIRST_DAY + 60) * 86400))
REGION=0

measure_availability() { # name, gateway's process, gateway
  measure_wrk "$1" "$2" "$3/" availability.lua
}

# A booking takes a slot of its company: the region is larger than what a run can use up.
next_region() { # companies
  FROM=$((BOOKINGS_FROM + REGION * 86400))
  REGION=$((REGION + SECONDS_EACH * 20000 / $1 / 96 + 1))
  RUN=r$REGION
}

measure_bookings() { # name, service's last digit, companies, gateway's process, gateway
  next_region "$3"
  sql postgres -c CHECKPOINT
  COMPANIES=$3 SERVICE=$2 FROM=$FROM RUN=$RUN measure_wrk "$1" "$4" "$5/" book.lua
}

measure_simulator() {
  next_region "$COMPANIES"
  FROM=$FROM RUN=$RUN measure_wrk simulator 0 "$SIMULATOR/" simulator.lua
}

measure_pgbench_contended() {
  local out ms winners before
  sql bench -c 'TRUNCATE appointments, outbox, inbox' -c CHECKPOINT
  before=$(snapshot 0)
  out=$("$POSTGRES_BIN/pgbench" -h 127.0.0.1 -p "$POSTGRES_PORT" -U postgres -n -M prepared \
    -f "$BENCHES/pgbench/contended.sql" -D slot=1900000000 -c 32 -j 2 -t 32 bench 2>&1) ||
    { printf '%s\n' "$out" >&2 && fail "pgbench failed"; }
  compare "$before" "$(snapshot 0)" 0
  ms=$(printf '%s\n' "$out" | awk '/^tps/{ printf "%.1f", 1000 / $3 * 1000 }')
  winners=$(sql bench -c 'SELECT count(*) FROM outbox')
  record pgbench_contended "$ms" 0 0 0 "$winners got it"
}

# 1000 requests for one slot at Cal.com, another slot each time.
measure_contended() {
  local body start out before
  start=$(date -u -d "@$((BOOKINGS_FROM - 10 * 86400 + ATTEMPT * 3600))" +%Y-%m-%dT%H:%M:%SZ)
  # `{n}` becomes six digits: three more, twice.
  body='{"service_id":12,"start":"'$start'","customer":{"name":"Kunde {n}","email":"k{n}@mail.example"}}'
  before=$(snapshot "$POSTGRES_GATEWAY_PID")
  out=$(printf 'POST /api/v1/bookings HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer bk_bench_%012d\r\nContent-Type: application/json\r\nIdempotency-Key: c%s.{n}\r\nContent-Length: %d\r\n\r\n%s' \
    1 "$ATTEMPT" $((${#body} + 6)) "$body" |
    "$YARDSTICK" burst "$POSTGRES_GATEWAY" 1000) || fail "the burst failed"
  compare "$before" "$(snapshot "$POSTGRES_GATEWAY_PID")" 1000
  # shellcheck disable=SC2046 # words
  record contended $(printf '%s\n' "$out" | awk '{
    for (i = 1; i <= NF; i++) {
      split($i, pair, "=")
      if (pair[1] !~ /^[0-9]+$/) value[pair[1]] = pair[2]
      else if (pair[1] != 201 && pair[1] != 202 && pair[1] != 409) bad += pair[2]
    }
    print value["wall_ms"], value["p50_ms"], value["p99_ms"], bad + 0 }') "answers ${out#*p99_ms=* }; $NOTE"
}

# --- webhooks -------------------------------------------------------------------------------------

# A payload of Cal.com's, shortened, for `uid`, `ours`, `c`, `starts`, `ends`.
PAYLOAD="json_build_object('triggerEvent', 'BOOKING_CREATED', 'createdAt', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'),
  'payload', json_build_object('uid', uid, 'type', 'service-2', 'title', 'Service 2 zwischen Person 2 und Tom',
    'startTime', to_char(starts AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'),
    'endTime', to_char(ends AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'),
    'length', 15, 'eventTypeId', c * 10 + 2, 'status', 'ACCEPTED', 'iCalUID', uid || '@Cal.com',
    'organizer', json_build_object('id', c * 10 + 2, 'name', 'Person 2', 'email', 'p' || c * 10 + 2 || '@bench.example',
      'timeZone', 'Europe/Berlin', 'language', json_build_object('locale', 'de')),
    'attendees', json_build_array(json_build_object('name', 'Tom Tester', 'email', 'tom@mail.example',
      'timeZone', 'Europe/Berlin', 'language', json_build_object('locale', 'de'))),
    'responses', json_build_object('name', json_build_object('label', 'your_name', 'value', 'Tom Tester'),
      'notes', json_build_object('label', 'additional_notes', 'value', repeat('Bitte klingeln. ', 12))),
    'metadata', CASE WHEN ours IS NULL THEN '{}'::json ELSE json_build_object('gw_booking', ours) END))"

# Signs what `rows` names, a line per delivery.
write_deliveries() { # file, query
  sql booking -c "CREATE EXTENSION IF NOT EXISTS pgcrypto" 2>/dev/null
  sql booking -F $'\t' -c "
    SELECT c, encode(hmac(body, 'whsec_' || c, 'sha256'), 'hex'), body
    FROM (SELECT c, $PAYLOAD::text AS body FROM ($2) AS rows) AS bodies" >"$1"
  [ -s "$1" ] || fail "there are no deliveries to make"
}

# News of bookings that we made ourselves and know: what most webhooks are.
measure_webhook_echo() {
  write_deliveries "$WORK/echo" "
    SELECT company_id AS c, booking_uid AS uid, id AS ours, starts_at AS starts, ends_at AS ends
    FROM appointments WHERE booking_uid IS NOT NULL ORDER BY id DESC LIMIT 4000"
  sql postgres -c CHECKPOINT
  DELIVERIES=$WORK/echo RUN=e$ATTEMPT measure_wrk webhook_echo "$POSTGRES_GATEWAY_PID" "$POSTGRES_GATEWAY/" webhook.lua
}

# News of bookings that somebody made at Cal.com: each becomes an appointment.
measure_webhook_new() {
  next_region "$COMPANIES"
  write_deliveries "$WORK/new" "
    SELECT n % $COMPANIES + 1 AS c, '$RUN' || 'x' || n AS uid, NULL::uuid AS ours,
           to_timestamp($FROM + n / $COMPANIES * 900) AS starts,
           to_timestamp($FROM + n / $COMPANIES * 900 + 900) AS ends
    FROM generate_series(0, $((SECONDS_EACH * 5000))) AS n"
  sql postgres -c CHECKPOINT
  DELIVERIES=$WORK/new RUN=n$ATTEMPT measure_wrk webhook_new "$POSTGRES_GATEWAY_PID" "$POSTGRES_GATEWAY/" webhook.lua
}

# As many bytes as a delivery has.
measure_pgbench_inbox() { measure_pgbench pgbench_inbox inbox -D n=0 -D bytes=1000; }
