//! Each listener can be switched off by itself: what it does is not done then, what the others do
//! is.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Context, ensure};
use booking_test_support::wait::until;
use reqwest::Method;
use serde_json::{Value, json};

use crate::days::{at, cold_day};
use crate::edge::{Sink, TOKEN};
use crate::installation::{Installation, Options};

const SOON: Duration = Duration::from_secs(60);

const ALL: [&str; 7] = [
    "invalidate_caches",
    "purge_edge",
    "sync_calcom",
    "notify",
    "analytics",
    "audit_log",
    "reconcile",
];

/// What those who write into the database have left there about this appointment.
const WRITTEN: &str = "SELECT 'notify' FROM notifications WHERE appointment_id = '$id'
    UNION SELECT 'analytics' FROM analytics_counted WHERE appointment_id = '$id'
    UNION SELECT 'audit_log' FROM audit_log WHERE appointment_id = '$id'
    UNION SELECT 'reconcile' FROM jobs
        WHERE kind = 'read_booking' AND payload ->> 'appointment' = '$id'";
/// All that the listeners want to hear of, said of this appointment, once everything else was told.
const MORE_EVENTS: &str = "INSERT INTO outbox (company_id, appointment_id, sequence, event, due_at)
    SELECT company_id, appointment_id, sequence + 100 + n,
           event || jsonb_build_object('sequence', sequence + 100 + n, 'kind', kind), now()
    FROM (SELECT * FROM appointment_events WHERE appointment_id = '$id' LIMIT 1) AS model,
        (VALUES (1, 'appointment_booked'), (2, 'review_requested')) AS more (n, kind)";

struct Scene {
    it: Installation,
    sink: Sink,
    /// So many rounds so far: each has a day of its own.
    rounds: usize,
}

impl Scene {
    async fn start() -> anyhow::Result<Self> {
        let (sink, url) = Sink::start().await?;
        let it = Installation::start(Options {
            settings: vec![
                ("BOOKING__EDGE__PURGE_URL", url),
                ("BOOKING__EDGE__PURGE_TOKEN", TOKEN.to_owned()),
            ],
            ..Options::default()
        })
        .await?;
        let rounds = 0;
        Ok(Self { it, sink, rounds })
    }

    /// A gateway in which this listener alone is off, if any.
    async fn switch_off(&mut self, name: Option<&str>) -> anyhow::Result<()> {
        let gateway = &mut self.it.gateways[0];
        for known in ALL {
            let variable = format!("BOOKING__LISTENERS__{}", known.to_uppercase());
            let off = (name == Some(known)).then(|| "off".to_owned());
            gateway.next_time(&variable, off);
        }
        gateway.restart().await?;
        gateway.wait_ready().await
    }

    /// Something is read, booked, and has happened to it: who has had an effect? And the appointment.
    async fn effects(&mut self) -> anyhow::Result<(BTreeSet<String>, String)> {
        let day = cold_day(self.rounds);
        self.rounds += 1;
        self.sink.purges();
        let read = format!("/api/v1/availability?service_id=1&start={day}&end={day}");
        ensure!(self.it.ask(Method::GET, &read, Value::Null).await?.0 == 200);
        let wish = json!({"service_id": 1, "start": at(day, 9),
                          "customer": {"name": "Erika Muster", "email": "erika@mail.example"}});
        let (status, booked) = self.it.ask(Method::POST, "/api/v1/bookings", wish).await?;
        let id = booked["id"]
            .as_str()
            .with_context(|| booked.to_string())?
            .to_owned();
        self.everything_is_told().await?;
        self.it
            .database
            .sql(&MORE_EVENTS.replace("$id", &id))
            .await?;
        self.everything_is_told().await?;
        let written = self.it.database.sql(&WRITTEN.replace("$id", &id)).await?;
        let mut effects: BTreeSet<_> = written.lines().map(str::to_owned).collect();
        let seen = [
            ("sync_calcom", status == 201),
            ("purge_edge", !self.sink.purges().is_empty()),
            ("invalidate_caches", self.entries_were_deleted().await?),
        ];
        let seen = seen.into_iter().filter(|(_, had)| *had);
        effects.extend(seen.map(|(name, _)| name.to_owned()));
        Ok((effects, id))
    }

    async fn everything_is_told(&self) -> anyhow::Result<()> {
        until(SOON, "everything is told", || async {
            let left = self.it.database.sql("SELECT count(*) FROM outbox").await?;
            ensure!(left == "0", "{left} events");
            anyhow::Ok(())
        })
        .await
    }

    /// Since the process was started.
    async fn entries_were_deleted(&self) -> anyhow::Result<bool> {
        let metrics = self.it.metrics_of(0).await?;
        let deleted = "booking_cache_keys_deleted_total{layer=\"calcom_slots\"} ";
        let deleted = metrics.lines().find_map(|line| line.strip_prefix(deleted));
        Ok(deleted.context("the counter")? != "0")
    }
}

/// Red when a switch is not heeded, switches off another, or what was accepted while Cal.com was not
/// to be told does not go there afterwards.
#[tokio::test]
async fn each_is_switched_off_alone() -> anyhow::Result<()> {
    let mut scene = Scene::start().await?;
    let mut waiting = String::new();
    let mut unheard = String::new();
    for off in ALL {
        scene.switch_off(Some(off)).await?;
        let (effects, id) = scene.effects().await?;
        let mut expected: BTreeSet<_> = ALL.map(str::to_owned).into();
        expected.remove(off);
        ensure!(effects == expected, "{off} is off: {effects:?}");
        match off {
            "sync_calcom" => waiting = id,
            "analytics" => unheard = id,
            _ => {}
        }
    }
    scene.switch_off(None).await?;
    let (effects, _) = scene.effects().await?;
    ensure!(effects.len() == ALL.len(), "all are on: {effects:?}");
    let path = format!("/api/v1/bookings/{waiting}");
    until(SOON, "what waited is booked", || async {
        let (_, now) = scene.it.ask(Method::GET, &path, Value::Null).await?;
        ensure!(now["status"] == "confirmed", "{now}");
        anyhow::Ok(())
    })
    .await?;
    // Events pass by who is off, and do not come again.
    let counted =
        format!("SELECT count(*) FROM analytics_counted WHERE appointment_id = '{unheard}'");
    ensure!(scene.it.database.sql(&counted).await? == "0");
    Ok(())
}
