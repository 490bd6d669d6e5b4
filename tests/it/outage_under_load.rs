//! Cal.com is gone for a while in the middle of a busy hour. Bookings, moves and cancellations are
//! still taken and held; when it is back, all of them are carried out, each once.
//!
//! Cal.com accepts overlaps: which of two people gets which of the held bookings is its choice, in the
//! order in which they come, and a Cal.com that looks may find no room for the last one.
//!
//! `BOOKING_SOAK_OUTAGE=30` says for how many seconds.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use booking_test_support::wait::until;
use reqwest::Method;
use serde_json::{Value, json};

use crate::clients::{Crowd, Running, rest, seed, settings};
use crate::days::cold_day;
use crate::installation::{Installation, Options};

const LIMIT: Duration = Duration::from_secs(60);
/// In every run of the tests.
const NORMAL_OUTAGE: u64 = 8;

fn outage() -> Duration {
    let seconds = std::env::var("BOOKING_SOAK_OUTAGE").ok();
    let seconds = seconds.map_or(NORMAL_OUTAGE, |it| it.parse().expect("seconds"));
    Duration::from_secs(seconds)
}

/// Red when a wish is refused because Cal.com is gone, when one that was taken is lost or carried
/// out twice, or when entries are not answered from.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_while_calcom_is_gone() -> anyhow::Result<()> {
    let seed = seed();
    let it = Installation::start(Options {
        gateways: 2,
        calcom_proxied: true,
        settings: settings(),
        ..Options::default()
    })
    .await?;
    it.faults(json!([{"accept_overlaps": true}])).await?;
    let line = it.calcom_proxy.as_ref().context("a proxy")?;
    let crowd = Crowd {
        clients: 20,
        days: 12,
        pause_ms: 500,
        seed,
    };
    ensure!(status_of_a_read(&it).await? == 200, "a day is fetched");
    let mut running = Running::begin(&it, crowd)?;
    let answers = running.answers.clone();
    until(LIMIT, "bookings", || async {
        answers.like("book 201") >= 20
    })
    .await?;

    line.cut();
    let (cut, made) = (Instant::now(), answers.like("book 201"));
    let mut reads = 0;
    while cut.elapsed() < outage() {
        let status = status_of_a_read(&it).await?;
        ensure!(status == 200, "a read while Cal.com is gone: {status}");
        reads += 1;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let (held, lost) = (answers.like(" 202"), answers.like("book 201") - made);
    line.restore();
    let back = Instant::now();
    until(LIMIT, "bookings again", || async {
        answers.like("book 201") > made + lost
    })
    .await?;
    let first = back.elapsed();
    let wishes = running.stop().await?;
    let settled = rest::comes_to_rest(&it, true)
        .await
        .context(answers.to_string())?;
    let picture = rest::judged(&it, &wishes).await?;
    println!(
        "gone for {:.0?}: {reads} reads answered, {held} wishes held; first booking {first:.1?} after it \
         was back, at rest: {settled}; a 202 took {:.1?} (p50), {:.1?} (p99); {answers}; {} \
         appointments; seed {seed}",
        outage(),
        answers.percentile(" 202", 50),
        answers.percentile(" 202", 99),
        picture.here.len(),
    );
    ensure!(held > 0, "nothing was held: {answers}");
    ensure!(
        answers.like(" 5") == 0,
        "an outage of Cal.com is no error of ours: {answers}"
    );
    answers.nothing_unexpected()
}

/// A day that nobody books.
async fn status_of_a_read(it: &Installation) -> anyhow::Result<u16> {
    let day = cold_day(20);
    let path = format!("/api/v1/availability?service_id=1&start={day}&end={day}");
    Ok(it.ask(Method::GET, &path, Value::Null).await?.0)
}
