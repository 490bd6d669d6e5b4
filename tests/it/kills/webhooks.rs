//! A gateway is killed while webhooks pour in. Whatever was answered 2xx is in the inbox and has
//! taken effect, once; what was not is sent again.
//!
//! Strangers book and cancel at Cal.com, which tells nobody; the webhooks that it would have sent
//! are posted from here, many at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use booking_test_support::dice::Dice;
use booking_test_support::wait::until;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::clients::seed;
use crate::days::working_day;
use crate::installation::{Installation, Options};

const BOOKINGS: usize = 240;
/// So many of them are called off again: one in so many.
const CANCELLED: usize = 3;
const SENDERS: usize = 24;
const KILLS: usize = 6;
const LEASES_OVER: &str =
    "UPDATE webhook_inbox SET converge_at = now() WHERE (company_id, key) IN (
    SELECT company_id, key FROM webhook_inbox WHERE converge_at > now() FOR UPDATE SKIP LOCKED)";
const LIMIT: Duration = Duration::from_secs(60);

/// What each webhook came to: booking, trigger, rows in the inbox, whether it is settled.
const FILED: &str = "SELECT booking_uid, trigger, count(*), bool_and(status = 'processed') \
    FROM webhook_inbox GROUP BY 1, 2";
/// What each booking came to: the appointments that bear it, their state, and how often each was
/// told to be booked and cancelled.
const APPLIED: &str = "SELECT u.booking_uid, count(DISTINCT a.id), min(a.state), \
        count(*) FILTER (WHERE e.event ->> 'kind' = 'appointment_booked'), \
        count(*) FILTER (WHERE e.event ->> 'kind' = 'appointment_cancelled') \
    FROM appointment_booking_uids u JOIN appointments a ON a.id = u.appointment_id \
    JOIN (SELECT appointment_id, event FROM outbox \
          UNION ALL SELECT appointment_id, event FROM appointment_events) e ON e.appointment_id = a.id \
    GROUP BY 1";

/// A webhook as Cal.com would have sent it.
#[derive(Debug)]
struct Delivery {
    uid: String,
    trigger: String,
    signature: String,
    body: String,
}

/// What the senders share.
struct Burst {
    http: Client,
    url: String,
    deliveries: Vec<Delivery>,
    next: AtomicUsize,
    answered: AtomicUsize,
    /// Answers that were neither 2xx nor the silence of a dead process.
    wrong: Mutex<Vec<String>>,
}

impl Burst {
    /// Sends what comes next, again and again until it is answered.
    async fn send(self: Arc<Self>) {
        while let Some(one) = self
            .deliveries
            .get(self.next.fetch_add(1, Ordering::SeqCst))
        {
            while !self.is_taken(one).await {
                sleep(Duration::from_millis(20)).await;
            }
            self.answered.fetch_add(1, Ordering::SeqCst);
        }
    }

    async fn is_taken(&self, one: &Delivery) -> bool {
        let request = self.http.post(&self.url).body(one.body.clone());
        let request = request.header("content-type", "application/json");
        let request = request.header("x-cal-signature-256", &one.signature);
        let Ok(answer) = request.send().await else {
            return false;
        };
        let status = answer.status();
        if !status.is_success() {
            let text = answer.text().await.unwrap_or_default();
            let mut wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
            wrong.push(format!("{} {}: {status} {text}", one.trigger, one.uid));
        }
        status.is_success()
    }
}

/// Red when the answer goes out before the commit, or when what was applied is not remembered in
/// the same commit.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_is_filed_and_applied_once() -> anyhow::Result<()> {
    let (seed, began) = (seed(), Instant::now());
    let mut it = Installation::start(Options::default()).await?;
    let burst = Arc::new(burst(&it).await?);
    let senders: Vec<_> = (0..SENDERS)
        .map(|_| tokio::spawn(burst.clone().send()))
        .collect();
    let mut dice = Dice::new(seed);
    for kill in 1..=KILLS {
        let enough = burst.deliveries.len() * kill / (KILLS + 1);
        until(LIMIT, "answers", || async {
            burst.answered.load(Ordering::SeqCst) >= enough
        })
        .await?;
        sleep(Duration::from_millis(dice.below(10))).await;
        it.gateways[0].kill9().await?;
        it.gateways[0].restart().await?;
        it.gateways[0].wait_ready().await?;
    }
    for sender in senders {
        sender.await?;
    }
    let wrong = burst
        .wrong
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    ensure!(wrong.is_empty(), "unexpected answers: {wrong:#?}");
    println!(
        "{KILLS} kills, {} webhooks in {:.1?}; seed {seed}",
        burst.deliveries.len(),
        began.elapsed()
    );
    // A cancellation that came before its booking waits until the booking is read at Cal.com; who
    // was killed reading it has it for two minutes yet.
    it.database.sql(LEASES_OVER).await?;
    until(LIMIT, "everything is applied", || {
        judge(&it, &burst.deliveries)
    })
    .await
    .with_context(|| format!("seed {seed}"))
}

async fn judge(it: &Installation, deliveries: &[Delivery]) -> anyhow::Result<()> {
    let expected: BTreeSet<_> = deliveries
        .iter()
        .map(|it| format!("{}|{}|1|t", it.uid, it.trigger))
        .collect();
    let printed = it.database.sql(FILED).await?;
    let filed: BTreeSet<_> = printed.lines().map(str::to_owned).collect();
    let differ: Vec<_> = expected.symmetric_difference(&filed).collect();
    ensure!(differ.is_empty(), "the inbox differs in {differ:#?}");
    let mut expected = BTreeMap::new();
    for one in deliveries {
        let cancelled = one.trigger == "BOOKING_CANCELLED";
        let state = if cancelled {
            "1|cancelled|1|1"
        } else {
            "1|confirmed|1|0"
        };
        let known = expected.entry(&one.uid).or_insert(state);
        if cancelled {
            *known = state;
        }
    }
    let expected: BTreeSet<_> = expected
        .iter()
        .map(|(uid, is)| format!("{uid}|{is}"))
        .collect();
    let printed = it.database.sql(APPLIED).await?;
    let applied: BTreeSet<_> = printed.lines().map(str::to_owned).collect();
    let differ: Vec<_> = expected.symmetric_difference(&applied).collect();
    ensure!(differ.is_empty(), "the appointments differ in {differ:#?}");
    Ok(())
}

/// Strangers at Cal.com, and what it would have told of them.
async fn burst(it: &Installation) -> anyhow::Result<Burst> {
    it.faults(json!([{"webhooks": {"drop": true}}])).await?;
    for n in 0..BOOKINGS {
        // Two people, 24 quarters from 09:00 to 15:00 in UTC: it is open in Berlin.
        let (day, quarter, host) = (working_day(2 + n / 48), n / 2 % 24, 501 + n % 2);
        let start = format!("{day}T{:02}:{:02}:00Z", 9 + quarter / 4, quarter % 4 * 15);
        let wish = json!({"event_type_id": 2_563_194, "start": start, "host_id": host,
                          "email": format!("stranger{n}@mail.example")});
        let path = "/_sim/outsider/bookings";
        let made = it.simulate(Method::POST, path, wish).await?;
        if n % CANCELLED == 0 {
            let uid = made["booking"]["uid"]
                .as_str()
                .with_context(|| made.to_string())?;
            let path = format!("/_sim/outsider/bookings/{uid}/cancel");
            it.simulate(Method::POST, &path, json!({})).await?;
        }
    }
    let logged = it
        .simulate(Method::GET, "/_sim/deliveries", Value::Null)
        .await?;
    let logged = logged["deliveries"].as_array().context("deliveries")?;
    let text = |it: &Value| it.as_str().map(str::to_owned).context("a text");
    let deliveries = logged.iter().map(|it| {
        Ok(Delivery {
            uid: text(&it["bookingUid"])?,
            trigger: text(&it["trigger"])?,
            signature: text(&it["signature"])?,
            body: text(&it["body"])?,
        })
    });
    let deliveries = deliveries.collect::<anyhow::Result<Vec<_>>>()?;
    ensure!(
        deliveries.len() == BOOKINGS + BOOKINGS / CANCELLED,
        "{}",
        deliveries.len()
    );
    Ok(Burst {
        http: it.http.clone(),
        url: it.gateways[0].url("/api/calcom/webhook/15"),
        deliveries,
        next: AtomicUsize::new(0),
        answered: AtomicUsize::new(0),
        wrong: Mutex::default(),
    })
}
