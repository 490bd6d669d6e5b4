//! No statement reads a whole table, row-level security and all.
//!
//! Row-level security keeps conditions that might leak rows away from indexes, so a harmless looking
//! condition can turn a look-up into a scan. This asks Postgres for the plan of every checked
//! statement, over tables of some size.

mod common;

use std::fmt::Write as _;

use booking_test_support::postgres::TestDatabase;
use serde_json::Value;

/// Four companies with twenty people, ten thousand appointments each, and what goes with them.
const FILL: &str = "
    INSERT INTO companies (company_id, name, time_zone, locale, retell)
    SELECT c, 'x', 'UTC', 'de', '{}' FROM generate_series(1, 4) c;
    INSERT INTO staff (id, company_id, name)
    SELECT c * 1000 + s, c, 's' FROM generate_series(1, 4) c, generate_series(1, 20) s;
    INSERT INTO services (id, company_id, name, aliases, duration_minutes, buffer_before_minutes,
                          buffer_after_minutes, capacity, opening_hours, group_id)
    SELECT c * 1000 + s, c, 's', '{}', 60, 0, 0, 1, '{}', c * 1000 + 1
    FROM generate_series(1, 4) c, generate_series(1, 5) s;
    INSERT INTO service_staff
    SELECT c, c * 1000 + v, c * 1000 + s, s
    FROM generate_series(1, 4) c, generate_series(1, 5) v, generate_series(1, 20) s;
    INSERT INTO customers (company_id, name, phone, email)
    SELECT 1 + n % 4, 'n', '+49' || 10000000 + n, n || '@x.example'
    FROM generate_series(1, 20000) n;
    INSERT INTO live_claims (company_id, resource_kind, resource_id, unit, family, slot_starts_at,
                             slot_ends_at, taken_from, taken_until, pinned)
    SELECT c, 1, c * 1000 + s, 0, gen_random_uuid(), t, t + '1h', t, t + '1h', false
    FROM generate_series(1, 4) c, generate_series(1, 20) s,
         generate_series(now() - interval '300 hours', now() + interval '200 hours', '1h') t;
    INSERT INTO appointments (company_id, id, service_id, customer_id, starts_at, ends_at,
                              time_zone, state, booking_source, sync_origin, sync_status,
                              created_by, metadata, version, created_at, updated_at)
    SELECT l.company_id, family, l.company_id * 1000 + 1, c.id, slot_starts_at, slot_ends_at,
           'UTC', 'confirmed', 'api', 'api', 'synced',
           CASE WHEN claim_id % 2 = 0 THEN 'call c' || claim_id || ' t' ELSE 'x' END, '{}', 1, now(),
           now()
    FROM live_claims l
    JOIN LATERAL (SELECT id FROM customers c WHERE c.company_id = l.company_id
                  OFFSET claim_id % 50 LIMIT 1) c ON true;
    INSERT INTO appointment_booking_uids SELECT company_id, id::text, id FROM appointments;
    INSERT INTO availability_versions (company_id, group_id, day, changed_xid)
    SELECT c, c * 1000 + 1, '2000-01-01'::date + n, (n::text)::xid8
    FROM generate_series(1, 4) c, generate_series(1, 9000) n;
    INSERT INTO outbox (company_id, appointment_id, sequence, event, due_at)
    SELECT company_id, id, 1, '{}', now() FROM appointments;
    INSERT INTO appointment_events (company_id, appointment_id, sequence, event, occurred_at)
    SELECT company_id, id, 1, '{}', now() FROM appointments;
    INSERT INTO calls (company_id, id, at, caller, content, call)
    SELECT company_id, split_part(created_by, ' ', 2), starts_at, starts_at::text,
           CASE WHEN random() < 0.1 THEN 'x' END, '{}'
    FROM appointments WHERE created_by <> 'x';
    INSERT INTO call_appointments
    SELECT company_id, split_part(created_by, ' ', 2), id FROM appointments WHERE created_by <> 'x';
    INSERT INTO audit_log (company_id, seq, at, actor, action, appointment_id, sequence)
    SELECT company_id, row_number() OVER (), now(), 'x', 'x', id, 1 FROM appointments;
    INSERT INTO notifications (company_id, id, appointment_id, sequence, channel, template, status,
                               created_at)
    SELECT company_id, id, id, 1, 'email', 'x', 'queued', now() FROM appointments;
    INSERT INTO campaigns (company_id, id, name, subject, body, segment, key, created_by, created_at)
    SELECT company_id, id, id::text, 'x', 'x', '{}', id::text, 'x', now() FROM appointments;
    INSERT INTO reviews (company_id, id, appointment_id, reason, detail, opened_at, resolved_at,
                         action, resolved_by)
    SELECT company_id, id, id, 'sync_failed', '', now(), CASE WHEN over THEN now() END,
           CASE WHEN over THEN 'dismiss' END, CASE WHEN over THEN 'x' END
    FROM appointments, LATERAL (SELECT random() < 0.999 AS over WHERE starts_at IS NOT NULL) d;
    INSERT INTO analytics_counted (company_id, appointment_id, sequence, counted_at)
    SELECT company_id, id, 1, now() FROM appointments;
    INSERT INTO sagas (company_id, id, appointment_id, kind, phase, saga, due_at, fence)
    SELECT company_id, id, id, 'create', CASE WHEN due THEN 'ready' ELSE 'done' END, '{}',
           CASE WHEN due THEN now() END, 1
    FROM appointments, LATERAL (SELECT random() < 0.001 AS due WHERE starts_at IS NOT NULL) d;
    INSERT INTO saga_attempts (company_id, saga_id, attempt, kind, fence, started_at)
    SELECT company_id, id, 1, 'call', 1, now() FROM sagas;
    INSERT INTO idempotency_keys SELECT company_id, id::text, 'x', id, '{}', now() FROM appointments;
    INSERT INTO webhook_inbox (company_id, key, trigger, booking_uid, received_at, status)
    SELECT company_id, id::text, 'BOOKING_CREATED', id::text, now(), 'processed' FROM appointments;
    INSERT INTO api_keys (digest, prefix, company_id, scopes, created_at)
    SELECT n::text, n::text, 1 + n % 4, '{}', now() FROM generate_series(1, 5000) n;
    VACUUM ANALYZE";

/// Plans above this read too much; a look-up costs some ten, a scan of a company thousands.
const MOST_COST: f64 = 800.0;

/// Every statement that the macros have checked, with the number of its parameters.
fn statements() -> Vec<(String, usize)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/.sqlx");
    let files = std::fs::read_dir(folder).expect("the prepared statements");
    files
        .map(|file| {
            let text = std::fs::read_to_string(file.expect("readable").path()).expect("readable");
            let file: Value = serde_json::from_str(&text).expect("JSON");
            let parameters = &file["describe"]["parameters"]["Left"];
            (
                file["query"].as_str().expect("a query").to_owned(),
                parameters.as_array().map_or(0, Vec::len),
            )
        })
        .collect()
}

async fn plans(database: &TestDatabase, statements: &[(String, usize)]) -> Vec<Value> {
    let mut sql = "SET ROLE booking_owner; SET app.company = '2'; \
         SET plan_cache_mode = force_generic_plan;"
        .to_owned();
    for (at, (query, parameters)) in statements.iter().enumerate() {
        let nulls = vec!["NULL"; *parameters].join(", ");
        let arguments = if nulls.is_empty() {
            nulls
        } else {
            format!("({nulls})")
        };
        let _ = write!(
            sql,
            "PREPARE q{at} AS {query};\nEXPLAIN (FORMAT JSON) EXECUTE q{at}{arguments};"
        );
    }
    let said = database
        .sql(&sql)
        .await
        .expect("every statement has a plan");
    serde_json::Deserializer::from_str(&said)
        .into_iter()
        .collect::<Result<_, _>>()
        .expect("JSON")
}

/// What the plan reads, and how: indexes by name, tables read as a whole as `all of …`.
fn reads(plan: &Value, found: &mut Vec<String>) {
    match plan {
        Value::Object(fields) => {
            let text = |field: &str| fields.get(field).and_then(Value::as_str);
            found.extend(text("Index Name").map(str::to_owned));
            if text("Node Type") == Some("Seq Scan") {
                found.extend(text("Relation Name").map(|table| format!("all of {table}")));
            }
            fields.values().for_each(|field| reads(field, found));
        }
        Value::Array(parts) => parts.iter().for_each(|part| reads(part, found)),
        _ => {}
    }
}

/// Small in any installation, or (the epoch) one row.
const SMALL: [&str; 9] = [
    "all of companies",
    "all of branches",
    "all of staff",
    "all of services",
    "all of service_staff",
    "all of cache_epoch",
    // What waits, what a person has to look at, and a handful.
    "all of jobs",
    "all of dead_jobs",
    "all of schedules",
];

fn is_bad(read: &str) -> bool {
    read == "live_claims_no_overlap" || (read.starts_with("all of") && !SMALL.contains(&read))
}

/// Turns red when `find` compares the id with a `coalesce`, or when a family is looked up in the
/// index of the exclusion constraint.
#[tokio::test]
async fn no_statement_reads_a_whole_table() {
    let database = common::database().await;
    for part in FILL.split(';') {
        database.sql(part).await.expect("filled");
    }
    let statements = statements();
    assert!(statements.len() > 40, "{} statements", statements.len());
    let plans = plans(&database, &statements).await;
    assert_eq!(plans.len(), statements.len());
    let mut bad = String::new();
    for ((query, _), plan) in statements.iter().zip(&plans) {
        let cost = plan[0]["Plan"]["Total Cost"].as_f64().expect("a cost");
        let mut found = Vec::new();
        reads(plan, &mut found);
        // Not knowing how few are due, or new, Postgres expects many in these.
        let queue = query.contains("SKIP LOCKED") || query.contains("pg_current_snapshot");
        // What is pruned once an hour is looked for among the versions of all days.
        let upkeep = query.contains("DELETE FROM availability_versions");
        if !queue && !upkeep && (cost > MOST_COST || found.iter().any(|read| is_bad(read))) {
            let _ = writeln!(bad, "cost {cost}, reads {found:?}:\n{query}\n");
        }
    }
    assert_eq!(bad, "");
}
