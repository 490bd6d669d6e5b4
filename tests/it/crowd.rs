//! Thousands of tries over two `serve` processes for the same few days: bookings of unequal length,
//! moves and cancellations by many at once. There are never more at the same time than people, nothing
//! breaks, every promise is kept.
//!
//! Cal.com accepts every overlap, so that it cannot cover up for us.

use std::time::{Duration, Instant};

use booking_test_support::wait::until;
use reqwest::Method;
use serde_json::json;

use crate::clients::{Crowd, Running, limits_off, rest, seed};
use crate::contention::no_deadlock;
use crate::installation::{Installation, Options};

const TRIES: usize = 5_000;
const HOSTS: usize = 2;
const LIMIT: Duration = Duration::from_secs(200);

/// Red when overlaps are not refused (`WHERE (false)` on `live_claims_no_overlap`), when a move gives
/// up its time before it has the new one, or when a cancellation leaves its claim.
#[tokio::test(flavor = "multi_thread")]
async fn thousands_want_the_same_days() -> anyhow::Result<()> {
    let (seed, began) = (seed(), Instant::now());
    let it = Installation::start(Options {
        gateways: 2,
        hosts: HOSTS,
        settings: limits_off(),
        ..Options::default()
    })
    .await?;
    let settings = json!({"same_attendee_returns_original": false});
    it.simulate(Method::PUT, "/_sim/settings", settings).await?;
    it.faults(json!([{"accept_overlaps": true}])).await?;
    let crowd = Crowd {
        clients: 64,
        days: 2,
        pause_ms: 0,
        seed,
    };
    let mut running = Running::begin(&it, crowd)?;
    let answers = running.answers.clone();
    until(LIMIT, "enough tries", || async { answers.total() >= TRIES }).await?;
    let wishes = running.stop().await?;
    let settled = rest::comes_to_rest(&it, true).await?;
    let picture = rest::judged(&it, &wishes).await?;
    println!(
        "{} tries in {:.1?}, seed {seed}; {answers}; {} appointments, {} stand; p50 {:.0?}, p99 {:.0?}; \
         at rest: {settled}",
        answers.total(),
        began.elapsed(),
        picture.here.len(),
        picture.claims.len(),
        answers.percentile("", 50),
        answers.percentile("", 99),
    );
    assert_eq!(overfull(&it).await?, [""; 0]);
    assert_eq!(answers.like(" 5") + answers.like(" none"), 0, "{answers}");
    answers.nothing_unexpected()?;
    no_deadlock(&it)
}

/// Moments at which more people are taken than there are, by brute force. Who takes what is not
/// asked: a Cal.com that accepts everything gives one person two bookings.
async fn overfull(it: &Installation) -> anyhow::Result<Vec<String>> {
    let mut times = Vec::new();
    for booking in it.calcom_bookings().await? {
        // Texts of one form sort as the times do.
        let [start, end] = ["start", "end"].map(|name| booking[name].to_string());
        times.push(start..end);
    }
    let crowded = times.iter().filter(|one| {
        let meanwhile = times.iter().filter(|it| it.contains(&one.start));
        meanwhile.count() > HOSTS
    });
    Ok(crowded.map(|one| one.start.clone()).collect())
}
