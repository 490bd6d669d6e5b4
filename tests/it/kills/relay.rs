//! Workers are killed again and again while they tell the listeners what happened. When all has
//! come to rest, every event has been heard once, by what it left behind, and each appointment's in
//! their order.
//!
//! Every kill is one of all workers, so that no lease is left but those of the dead: then the minute
//! is over at once that their leases would last.

use std::time::{Duration, Instant};

use anyhow::ensure;
use booking_test_support::dice::Dice;
use booking_test_support::process::GatewayProcess;
use booking_test_support::wait::until;
use reqwest::Method;
use serde_json::json;
use tokio::time::sleep;

use super::kills_wanted;
use crate::clients::seed;
use crate::days::{at, working_day};
use crate::installation::{Installation, Options};

const WORKERS: usize = 3;
const BOOKED: u8 = 8;
/// More than the workers take in one go, together with those that are booked.
const MADE_UP: usize = 250;
/// No more is written while so much is on its way.
const ENOUGH: usize = 600;
const LIMIT: Duration = Duration::from_secs(60);

/// Appointments of which there is nothing but events: figures and audit log ask for no more.
const MAKE_UP: &str = "INSERT INTO outbox (company_id, appointment_id, sequence, event, due_at)
     SELECT company_id, id, 1, event || jsonb_build_object('appointment', id, 'sequence', 1), now()
     FROM (SELECT * FROM appointment_events
           WHERE event ->> 'kind' = 'appointment_booked' LIMIT 1) AS model,
         (SELECT gen_random_uuid() AS id FROM generate_series(1, $n)) AS made_up";
/// Two more things that happened to many of them, in the order in which they are committed.
const MORE_EVENTS: &str = "WITH last AS (
         SELECT appointment_id, max(sequence) AS sequence
         FROM (SELECT appointment_id, sequence FROM outbox
               UNION ALL SELECT appointment_id, sequence FROM appointment_events) AS told
         GROUP BY appointment_id ORDER BY random() LIMIT 150)
     INSERT INTO outbox (company_id, appointment_id, sequence, event, due_at)
     SELECT company_id, appointment_id, last.sequence + n,
            event || jsonb_build_object('sequence', last.sequence + n, 'kind', kind), now()
     FROM last JOIN appointment_events AS model USING (appointment_id),
         (VALUES (1, 'appointment_rescheduled'), (2, 'appointment_cancelled')) AS more (n, kind)
     WHERE model.sequence = 1 ORDER BY n";
/// What was cut off: every worker leases its own until another moment.
const CUT_OFF: &str = "SELECT count(DISTINCT leased_until) FROM outbox WHERE leased_until > now()";
/// As if a minute had gone by.
const LEASES_OVER: &str = "UPDATE outbox SET leased_until = now() - interval '1 second'; \
     UPDATE jobs SET locked_until = now() - interval '1 second'";
const UNDER_WAY: &str = "SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM jobs)";
const HEARD: &str = "SELECT count(*) FROM analytics_counted";

/// Each is a fault, if it finds a row.
const FAULTS: [(&str, &str); 6] = [
    (
        "an event is lost",
        "SELECT * FROM (SELECT appointment_id, max(sequence), count(*) FROM appointment_events
                        GROUP BY appointment_id) AS of (id, last, told) WHERE last <> told",
    ),
    (
        "the figures do not show each event once",
        "SELECT * FROM (SELECT event ->> 'kind' AS kind, count(*) AS n FROM appointment_events
                        WHERE event ->> 'kind' LIKE 'appointment_%' GROUP BY 1) AS told
         FULL JOIN (SELECT outcome AS kind, sum(n) AS n FROM analytics_daily GROUP BY 1) AS counted
             USING (kind) WHERE told.n IS DISTINCT FROM counted.n",
    ),
    (
        "the audit log does not show each event once",
        "SELECT * FROM (SELECT appointment_id, sequence FROM appointment_events
                        WHERE event ->> 'kind' <> ALL ('{slot_reserved,sync_requested}')) AS told
         FULL JOIN (SELECT appointment_id, sequence, count(*) AS n FROM audit_log GROUP BY 1, 2)
             AS written USING (appointment_id, sequence)
         WHERE told.sequence IS NULL OR n IS DISTINCT FROM 1",
    ),
    (
        "the audit log is not in the order of each appointment",
        "SELECT * FROM (SELECT seq, appointment_id, sequence,
                            lag(sequence) OVER (PARTITION BY appointment_id ORDER BY seq) AS before
                        FROM audit_log) AS written WHERE before > sequence",
    ),
    (
        "a message is missing or twice there",
        "SELECT * FROM (SELECT appointment_id, sequence
                        FROM appointment_events e JOIN appointments a ON a.id = e.appointment_id
                        WHERE event ->> 'kind' = ANY ('{appointment_booked,
                              appointment_rescheduled,appointment_cancelled}')) AS told
         FULL JOIN (SELECT appointment_id, sequence, count(*) AS n FROM notifications GROUP BY 1, 2)
             AS written USING (appointment_id, sequence)
         WHERE told.sequence IS NULL OR n IS DISTINCT FROM 1",
    ),
    (
        "a message is on its way for ever",
        "SELECT * FROM notifications WHERE status <> 'not_sent'",
    ),
];

impl Installation {
    async fn number(&self, sql: &str) -> anyhow::Result<usize> {
        Ok(self.database.sql(sql).await?.parse()?)
    }

    async fn all_is_told(&self) -> anyhow::Result<()> {
        until(LIMIT, "everything is told", || async {
            let left = self.number(UNDER_WAY).await?;
            ensure!(left == 0, "{left} events and jobs");
            Ok(())
        })
        .await
    }
}

/// Red when events leave the outbox before they are told (`relay_events`), when figures, audit log or
/// messages are not written once (`ON CONFLICT DO NOTHING`), or when the later event of an
/// appointment is told first (`ORDER BY o.id` in `lease_due`).
#[tokio::test(flavor = "multi_thread")]
async fn every_event_is_heard_once_by_what_it_leaves() -> anyhow::Result<()> {
    let ((wanted, _), seed, began) = (kills_wanted(), seed(), Instant::now());
    let (it, mut workers) = workers().await?;
    let mut dice = Dice::new(seed);
    let (mut kills, mut amid) = (0, 0);
    while kills < wanted {
        let heard = it.number(HEARD).await?;
        if it.number(UNDER_WAY).await? < ENOUGH {
            it.database.sql(MORE_EVENTS).await?;
        }
        for worker in &mut workers {
            worker.restart().await?;
        }
        until(LIMIT, "something is heard", || async {
            Ok::<_, anyhow::Error>(
                it.number(HEARD).await? > heard || it.number(UNDER_WAY).await? == 0,
            )
        })
        .await?;
        sleep(Duration::from_millis(dice.below(200))).await;
        for worker in &mut workers {
            worker.kill9().await?;
            kills += 1;
        }
        amid += it.number(CUT_OFF).await?;
        it.database.sql(LEASES_OVER).await?;
    }
    for worker in &mut workers {
        worker.restart().await?;
    }
    it.all_is_told().await?;
    let told = it.number("SELECT count(*) FROM appointment_events").await?;
    println!(
        "{kills} kills, {amid} amid the work; {told} events told, {:.1?} in all; seed {seed}",
        began.elapsed()
    );
    for (fault, sql) in FAULTS {
        let rows = it.database.sql(sql).await?;
        ensure!(rows.is_empty(), "{fault} (seed {seed}):\n{rows}");
    }
    ensure!(10 * amid >= wanted, "the kills came too late: {amid}");
    Ok(())
}

/// An installation with a few booked appointments, and workers that are not running any more.
async fn workers() -> anyhow::Result<(Installation, Vec<GatewayProcess>)> {
    let mut it = Installation::start(Options::default()).await?;
    for hour in 0..BOOKED {
        let wish = json!({"service_id": 1, "start": at(working_day(3), 9 + hour),
            "customer": {"name": "Erika Muster", "email": format!("erika{hour}@mail.example")}});
        let (status, body) = it.ask(Method::POST, "/api/v1/bookings", wish).await?;
        ensure!(status == 201, "{status} {body}");
    }
    it.all_is_told().await?;
    it.database
        .sql(&MAKE_UP.replace("$n", &MADE_UP.to_string()))
        .await?;
    it.all_is_told().await?;
    it.gateways[0].kill9().await?;
    let mut workers = Vec::new();
    for _ in 0..WORKERS {
        let command = it.command(&["serve", "--role", "worker"]);
        workers.push(command.start().await?);
    }
    Ok((it, workers))
}
