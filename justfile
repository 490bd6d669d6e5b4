# A name for everything a person runs. `just` lists them; every line also works without just.

[private]
default:
    @just --list --unsorted

# everything that must hold, or only some sections: just test fmt clippy
test *sections:
    tests/run {{sections}}

# formatting and lints
lint:
    tests/run fmt clippy

# format the code
fmt:
    cargo fmt --all

# private Postgres and Redis for work at a terminal; end of input stops them
servers *names:
    tests/run --servers {{names}}

# how fast it is, as ratios to what this machine can do (docs/figures.md)
bench *flags:
    benches/run {{flags}}

# how long a caller waits, with fifty calls at once (docs/figures.md)
bench-voice:
    benches/voice

# the MCP clients of others against a demo; needs PyPI and npm
mcp-clients:
    tests/clients/run

# reads judged while Redis fails, with real servers; a million takes half an hour
soak-cache reads="1000000":
    BOOKING_SOAK_READS={{reads}} cargo test --locked -p booking-e2e --test it staleness::no_answer -- --nocapture

# the gateways are killed so often while clients book, with Postgres and Redis now and then; and the workers while they tell the listeners
soak-kill kills="500":
    BOOKING_SOAK_KILLS={{kills}} cargo test --locked -p booking-e2e --test it kills -- --nocapture --test-threads=1

# so many contended holds straight on Postgres
soak-holds holds="100000":
    BOOKING_SOAK_HOLDS={{holds}} cargo test --locked -p booking-postgres --test contention thousands -- --nocapture

# Cal.com is cut off for so many seconds under load
soak-outage seconds="30":
    BOOKING_SOAK_OUTAGE={{seconds}} cargo test --locked -p booking-e2e --test it outage_under_load -- --nocapture

# a synthetic day at several rates: how often the cache answers, how often Cal.com is asked
day-of-traffic reads="5000,50000,500000":
    BOOKING_DAY_READS={{reads}} cargo test --locked -p booking-application --test day_of_traffic -- --ignored --nocapture

# everything embedded, no server needed
demo *flags:
    cargo run --locked -p booking-gateway -- demo {{flags}}

# the real thing, from configuration
serve *flags:
    cargo run --locked -p booking-gateway -- serve {{flags}}

# the Cal.com simulator alone
simulate-calcom *flags:
    cargo run --locked -p booking-gateway -- simulate-calcom {{flags}}

# print the API description
openapi:
    @cargo run --locked --quiet -p booking-gateway -- openapi

# write the query data anew after a change of SQL or schema
sqlx-prepare:
    crates/postgres/prepare.sh
