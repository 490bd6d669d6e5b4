//! Many calls to a slow Cal.com at the same time: nobody waits for anybody.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, ensure};
use booking_test_support::wait::until;
use futures_util::future::try_join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::contention::no_deadlock;
use crate::days::working_day;
use crate::installation::{Installation, Options};

const SOON: Duration = Duration::from_secs(60);
/// More than a process has connections to Postgres for companies' work.
const AT_ONCE: usize = 40;
/// `SyncSlow` in the alerts looks at the same figure, with a bound of ten seconds.
const BOUND_SECONDS: f64 = 5.0;

impl Installation {
    /// Books the `n`th quarter of an hour, two at a time: there are two people.
    async fn book_quarter(&self, n: usize) -> anyhow::Result<(u16, Value)> {
        let (day, quarter) = (working_day(2 + n / 48), n / 2 % 24);
        let start = format!("{day}T{:02}:{:02}:00Z", 9 + quarter / 4, quarter % 4 * 15);
        let wish = json!({"service_id": 2, "start": start,
            "customer": {"name": "Erika Muster", "email": format!("erika{n}@mail.example")}});
        self.ask(Method::POST, "/api/v1/bookings", wish).await
    }
}

/// Cal.com delivers the news of each booking before it answers the call that made it. The calls are
/// more than there are connections, and all under way together, when the news comes.
///
/// Red when a connection is kept across a call to Cal.com, or when news waits for the saga.
#[tokio::test(flavor = "multi_thread")]
async fn news_is_taken_in_while_every_call_is_open() -> anyhow::Result<()> {
    let it = Installation::start(Options::default()).await?;
    let slow =
        json!([{"route": "POST /v2/bookings", "latency_ms": 1_000, "answer_latency_ms": 500}]);
    it.faults(slow).await?;
    for (status, body) in try_join_all((0..AT_ONCE).map(|n| it.book_quarter(n))).await? {
        ensure!(
            status == 201 && body["status"] == "confirmed",
            "{status} {body}"
        );
    }
    let logged = it
        .simulate(Method::GET, "/_sim/deliveries", Value::Null)
        .await?;
    let logged = logged["deliveries"].as_array().context("deliveries")?;
    ensure!(logged.len() == AT_ONCE, "{} deliveries", logged.len());
    for delivery in logged {
        let taken = delivery["state"] == "delivered" && delivery["status"] == 200;
        ensure!(taken, "{delivery}");
    }
    let settled = "SELECT count(*) FROM webhook_inbox WHERE status = 'processed'";
    ensure!(it.database.sql(settled).await? == AT_ONCE.to_string());
    let made =
        "SELECT count(*) FROM appointments WHERE state = 'confirmed' AND review_reason IS NULL";
    ensure!(it.database.sql(made).await? == AT_ONCE.to_string());
    no_deadlock(&it)
}

/// Red when a booking waits for the worker's next look instead of going to Cal.com at once, often
/// enough; or when what waited is not measured.
#[tokio::test(flavor = "multi_thread")]
async fn bookings_reach_a_slow_calcom_soon() -> anyhow::Result<()> {
    const BOOKINGS: usize = 60;
    let it = Installation::start(Options::default()).await?;
    it.faults(json!([{"latency_ms": 300}])).await?;
    for some in (0..BOOKINGS).collect::<Vec<_>>().chunks(10) {
        for (status, body) in try_join_all(some.iter().map(|n| it.book_quarter(*n))).await? {
            ensure!(status == 201, "{status} {body}");
        }
    }
    until(SOON, "all are counted", || async {
        let counted = latencies(&it.metrics_of(0).await?)?.1;
        ensure!(counted == BOOKINGS as f64, "{counted}");
        Ok(())
    })
    .await?;
    let (buckets, all) = latencies(&it.metrics_of(0).await?)?;
    let enough = |share: f64| {
        let found = buckets.iter().find(|(_, n)| **n >= share * all);
        found
            .map(|(bound, _)| f64::from_bits(*bound))
            .context("a bucket")
    };
    let (p50, p95) = (enough(0.5)?, enough(0.95)?);
    println!("{all} bookings with 300 ms for each call: p50 <= {p50} s, p95 <= {p95} s");
    ensure!(p50 >= 0.3, "a call takes 300 ms: {buckets:?}");
    ensure!(p95 <= BOUND_SECONDS, "p95 is up to {p95} s");
    Ok(())
}

/// How many bookings reached Cal.com in at most so many seconds (as bits: they sort alike), and how
/// many in all.
fn latencies(metrics: &str) -> anyhow::Result<(BTreeMap<u64, f64>, f64)> {
    const NAME: &str = "booking_sync_latency_seconds";
    let (mut buckets, mut all) = (BTreeMap::new(), 0.0);
    for line in metrics.lines().filter_map(|line| line.strip_prefix(NAME)) {
        let (series, n) = line.rsplit_once(' ').context("a value")?;
        let bound = series
            .strip_prefix("_bucket{le=\"")
            .map(|it| it.trim_end_matches("\"}"));
        match bound {
            Some("+Inf") => {}
            Some(bound) => {
                buckets.insert(bound.parse::<f64>()?.to_bits(), n.parse()?);
            }
            None if series == "_count" => all = n.parse()?,
            None => {}
        }
    }
    Ok((buckets, all))
}
