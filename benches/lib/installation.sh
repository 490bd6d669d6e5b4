# The installation under test: set-up, Cal.com simulator, gateways. Sourced by benches/run.
#
# COMPANIES companies; company C has, in order, service C*10+1 (60 minutes, its free slots are asked
# for), C*10+2 (15 minutes, booked) and C*10+3 (15 minutes, booked, unknown to Cal.com), each with a
# person of its own, so that they do not affect one another.

SIMULATOR_PID= SIMULATOR= FIXED_PID= FIXED=
POSTGRES_GATEWAY_PID= POSTGRES_GATEWAY= QUIET_GATEWAY_PID= QUIET_GATEWAY=
SQLITE_GATEWAY_PID= SQLITE_GATEWAY= REDIS_GATEWAY_PID= REDIS_GATEWAY=
ENCRYPTION_KEY=$(printf '%s' "0123456789abcdef0123456789abcdef" | base64)

# Both files from one program, so that they cannot disagree.
write_setup() { # address of the simulator
  awk -v companies="$COMPANIES" -v calcom="$1" -v setup="$WORK/setup.json" -v world="$WORK/world.json" '
    function week(window,   days, i, text) {
      split("mon tue wed thu fri sat sun", days, " ")
      for (i = 1; i <= 7; i++) text = text (i > 1 ? "," : "") "\"" days[i] "\":[" window "]"
      return "{" text "}"
    }
    function token(c) { return sprintf("bk_bench_%012d", c) }
    function service(c, k, minutes, event, hours) {
      return sprintf("{\"id\":%d,\"branch_id\":%d,\"name\":\"Service %d\",\"duration_minutes\":%d,\"calcom_event_type_id\":%s,\"staff_ids\":[%d],\"opening_hours\":%s}",
        c * 10 + k, c, k, minutes, event, c * 10 + k, hours)
    }
    function person(c, k, calcom) {
      return sprintf("{\"id\":%d,\"name\":\"Person %d\",\"calcom_user_id\":%s}", c * 10 + k, k, calcom)
    }
    function host(c, k) {
      return sprintf("{\"id\":%d,\"name\":\"Person %d\",\"email\":\"p%d@bench.example\",\"username\":\"p%d\",\"time_zone\":\"Europe/Berlin\"}",
        c * 10 + k, k, c * 10 + k, c * 10 + k)
    }
    function event_type(c, k, minutes, hours) {
      return sprintf("{\"id\":%d,\"slug\":\"s%d\",\"title\":\"Service %d\",\"length_in_minutes\":%d,\"host_ids\":[%d],\"time_zone\":\"Europe/Berlin\",\"opening_hours\":%s}",
        c * 10 + k, c * 10 + k, k, minutes, c * 10 + k, hours)
    }
    BEGIN {
      day = week("[\"09:00\",\"18:00\"]"); always = week("[\"00:00\",\"24:00\"]")
      printf "{\"companies\":[" > setup
      printf "{\"settings\":{\"rate_limit_per_minute\":0},\"accounts\":[" > world
      for (c = 1; c <= companies; c++) {
        comma = c > 1 ? "," : ""
        printf "%s{\"id\":%d,\"name\":\"Company %d\",\"time_zone\":\"Europe/Berlin\",\"calcom\":{\"base_url\":\"%s\",\"api_key\":\"cal_bench_%d\",\"webhook_secret\":\"whsec_%d\"},\"branches\":[{\"id\":%d,\"name\":\"Mitte\"}],\"staff\":[%s,%s,%s],\"services\":[%s,%s,%s],\"api_keys\":[{\"token\":\"%s\",\"scopes\":[\"read\",\"book\"]}]}",
          comma, c, c, calcom, c, c, c,
          person(c, 1, c * 10 + 1), person(c, 2, c * 10 + 2), person(c, 3, "null"),
          service(c, 1, 60, c * 10 + 1, day), service(c, 2, 15, c * 10 + 2, always), service(c, 3, 15, "null", always),
          token(c) > setup
        printf "%s{\"api_key\":\"cal_bench_%d\",\"webhook_secret\":\"whsec_%d\",\"hosts\":[%s,%s],\"event_types\":[%s,%s]}",
          comma, c, c, host(c, 1), host(c, 2), event_type(c, 1, 60, day), event_type(c, 2, 15, always) > world
      }
      printf "]}\n" > setup
      printf "]}\n" > world
    }'
}

# Starts a program in the background, in an environment without settings of the caller's; its
# process id into $LAST_PID.
launch() { # log file, NAME=value…, program, arguments
  local log=$1 name
  shift
  (
    for name in $(compgen -e BOOKING__ || true); do unset "$name"; done
    exec env "$@"
  ) >/dev/null 2>"$log" </dev/null &
  LAST_PID=$!
}

start_fixed() {
  free_port && FIXED=127.0.0.1:$LAST_PORT
  launch "$WORK/fixed.log" "$YARDSTICK" serve "$FIXED"
  FIXED_PID=$LAST_PID
  wait_for_port "$LAST_PORT" "$FIXED_PID" || { cat "$WORK/fixed.log" >&2 && fail "no $YARDSTICK"; }
}

start_simulator() {
  free_port && SIMULATOR=127.0.0.1:$LAST_PORT
  # It has no switch for its log, which is a line per request.
  launch /dev/null "$GATEWAY_BIN" simulate-calcom --seed 7 --listen "$SIMULATOR"
  SIMULATOR_PID=$LAST_PID
  wait_for_port "$LAST_PORT" "$SIMULATOR_PID" || fail "the Cal.com simulator did not start"
  write_setup "http://$SIMULATOR"
  control PUT /_sim/world "@$WORK/world.json"
  control PUT /_sim/settings '{"rate_limit_per_minute":0}'
}

control() { # method, path, body
  curl -sS -f -o /dev/null -X "$1" -H 'Content-Type: application/json' --data-binary "$3" \
    "http://$SIMULATOR$2" || fail "the simulator refused $1 $2"
}

# Migrates, imports and serves; address and process id into LAST_ADDRESS and LAST_PID. The log goes
# where logs cost least: what is measured includes writing it, not keeping it.
start_gateway() { # name, NAME=value…
  local name=$1
  shift
  free_port && LAST_ADDRESS=127.0.0.1:$LAST_PORT
  local port=$LAST_PORT settings=("$@" "BOOKING__LISTEN=$LAST_ADDRESS" "BOOKING__RATE_LIMIT__PER_SECOND=0"
    "BOOKING__ENCRYPTION_KEY=$ENCRYPTION_KEY" "BOOKING__CACHE__TTL_SECONDS=3600"
    "BOOKING__CALCOM__REQUESTS_PER_MINUTE=1000000000")
  local step
  for step in migrate "tenant import $WORK/setup.json"; do
    # shellcheck disable=SC2086 # words
    env "${settings[@]}" "$GATEWAY_BIN" $step >"$WORK/$name.log" 2>&1 ||
      { cat "$WORK/$name.log" >&2 && fail "booking-gateway $step failed, see above"; }
  done
  launch /dev/null "${settings[@]}" "$GATEWAY_BIN" serve
  wait_for_port "$port" "$LAST_PID" || {
    env "${settings[@]}" "$GATEWAY_BIN" check-config >&2 || true
    fail "the gateway on $name did not start"
  }
  for _ in $(seq 100); do
    if curl -sS -f -o /dev/null "http://$LAST_ADDRESS/readyz" 2>/dev/null; then return; fi
    sleep 0.1
  done
  fail "the gateway on $name is not ready"
}

start_installation() {
  local postgres="BOOKING__DATABASE_URL=postgres://booking@127.0.0.1:$POSTGRES_PORT/booking"
  local redis="BOOKING__REDIS_URL=redis://127.0.0.1:$REDIS_PORT"
  start_simulator
  start_gateway postgres "$postgres" "$redis"
  POSTGRES_GATEWAY=$LAST_ADDRESS POSTGRES_GATEWAY_PID=$LAST_PID
  start_gateway quiet "$postgres" "$redis" BOOKING__LOG=warn
  QUIET_GATEWAY=$LAST_ADDRESS QUIET_GATEWAY_PID=$LAST_PID
  start_gateway redis "$postgres" "$redis" BOOKING__CACHE__IN_PROCESS=off
  REDIS_GATEWAY=$LAST_ADDRESS REDIS_GATEWAY_PID=$LAST_PID
  start_gateway sqlite "BOOKING__DATABASE_URL=sqlite://$WORK/gateway.db"
  SQLITE_GATEWAY=$LAST_ADDRESS SQLITE_GATEWAY_PID=$LAST_PID
}

stop_everything() {
  local pid
  for pid in $SQLITE_GATEWAY_PID $REDIS_GATEWAY_PID $QUIET_GATEWAY_PID $POSTGRES_GATEWAY_PID $SIMULATOR_PID $FIXED_PID; do
    stop TERM "$pid"
  done
  stop TERM "$REDIS_PID"
  stop QUIT "$POSTGRES_PID"
}
