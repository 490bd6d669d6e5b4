//! A thousand who miss the same entry at once, spread over two `serve` processes: Cal.com is asked once
//! or twice, and everybody has the same answer, good or bad, in the time that one question takes.
//!
//! Nothing here looks at a clock: if they asked one after the other, the first wait of the client
//! that runs out (30 s) would end the test, and so would the number of questions.

use std::collections::BTreeMap;

use anyhow::Context;
use booking_domain::time::Day;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::days::working_day;
use crate::installation::{Installation, KEY_15, Options};

const READERS: usize = 1_000;
const SLOTS: &str = "GET /v2/slots";

/// So far ahead that nobody has warmed it.
fn day() -> Day {
    working_day(30)
}

/// Status, `Retry-After` and body.
type Heard = (u16, Option<String>, Value);

/// All ask for the same day at once, while Cal.com behaves like this. What they heard, and how often
/// Cal.com was asked.
async fn stampede(calcom: Value) -> anyhow::Result<(Vec<Heard>, usize)> {
    let it = Installation::start(Options {
        gateways: 2,
        settings: vec![("BOOKING__LOG", "warn".to_owned())],
        ..Options::default()
    })
    .await?;
    it.faults(calcom).await?;
    let heard = join_all((0..READERS).map(|n| ask(&it, n % 2))).await;
    let heard = heard.into_iter().collect::<anyhow::Result<_>>()?;
    Ok((heard, questions(&it).await?))
}

async fn ask(it: &Installation, gateway: usize) -> anyhow::Result<Heard> {
    let day = day();
    let path = format!("/api/v1/availability?service_id=1&start={day}&end={day}");
    let request = it.http.get(it.gateways[gateway].url(&path));
    let response = request.bearer_auth(KEY_15).send().await?;
    let status = response.status().as_u16();
    let wait = response.headers().get("retry-after");
    let wait = wait.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    Ok((status, wait, response.json().await?))
}

/// How often Cal.com was asked for days with that one among them.
async fn questions(it: &Installation) -> anyhow::Result<usize> {
    let state = it.simulate(Method::GET, "/_sim/state", Value::Null).await?;
    let calls = state["calls"]["recent"].as_array().context("calls")?;
    let targets = calls.iter().filter_map(|call| call["target"].as_str());
    Ok(targets.filter(|target| has_day(target)).count())
}

fn has_day(target: &str) -> bool {
    let date = |name: &str| {
        let (_, value) = target.split_once(name)?;
        value.get(..10)?.parse::<Day>().ok()
    };
    let [start, end] = ["&start=", "&end="].map(date);
    start.is_some_and(|start| start <= day()) && end.is_some_and(|end| day() <= end)
}

/// Turns red when a miss does not wait for who fetches already (`Flights::enter`).
#[tokio::test(flavor = "multi_thread")]
async fn one_fetch_answers_all() -> anyhow::Result<()> {
    let slow = json!([{"route": SLOTS, "latency_ms": 300}]);
    let (heard, questions) = stampede(slow).await?;
    println!("{questions} questions to Cal.com for {READERS} readers");
    assert!(
        (1..=2).contains(&questions),
        "Cal.com was asked {questions} times"
    );
    let slots = &heard[0].2["slots"];
    assert_eq!(slots.as_array().map(Vec::len), Some(10), "{slots}");
    for (status, _, body) in &heard {
        assert_eq!((*status, &body["slots"]), (200, slots), "{body}");
    }
    Ok(())
}

/// Few enough: one for each process, and one more for those who came when it had failed.
const MOST_FAILURES: usize = 4;

fn all_are_told_to_come_back(heard: &[Heard]) {
    let mut answers = BTreeMap::<_, usize>::new();
    for (status, wait, body) in heard {
        let wait = wait.as_ref().and_then(|text| text.parse::<u32>().ok());
        let code = body["code"].as_str().unwrap_or_default();
        *answers.entry((*status, code, wait > Some(0))).or_default() += 1;
    }
    let expected = BTreeMap::from([((503, "availability_unavailable", true), READERS)]);
    assert_eq!(answers, expected);
}

/// Turns red when those who waited for a fetch that failed try again, one after the other
/// (`Turn::shared_failure`).
#[tokio::test(flavor = "multi_thread")]
async fn a_failure_is_shared() -> anyhow::Result<()> {
    let failing = json!([{"route": SLOTS, "latency_ms": 2_000, "fail": 500}]);
    let (heard, questions) = stampede(failing).await?;
    println!("{questions} questions to Cal.com for {READERS} readers");
    all_are_told_to_come_back(&heard);
    assert!(
        (1..=MOST_FAILURES).contains(&questions),
        "Cal.com was asked {questions} times"
    );
    Ok(())
}

/// Turns red, as [`a_failure_is_shared`], when each waits until its own question comes to nothing.
#[tokio::test(flavor = "multi_thread")]
async fn silence_is_shared() -> anyhow::Result<()> {
    let silent = json!([{"route": SLOTS, "timeout_without_commit": true}]);
    let (heard, questions) = stampede(silent).await?;
    println!("{questions} questions to Cal.com for {READERS} readers");
    all_are_told_to_come_back(&heard);
    assert!(
        (1..=MOST_FAILURES).contains(&questions),
        "Cal.com was asked {questions} times"
    );
    Ok(())
}
