//! What is down and what then happens: Cal.com, Postgres, Redis, the gateway itself. No answer is
//! wrong, no accepted booking is lost, none is made twice.

use std::time::Duration;

use anyhow::Context;
use booking_domain::time::Day;
use booking_test_support::wait::until;
use reqwest::Method;
use serde_json::{Value, json};

use crate::days::{at, cold_day, working_day};
use crate::installation::{Installation, KEY_15, Options};

const SOON: Duration = Duration::from_secs(30);
const CREATE: &str = "POST /v2/bookings";

/// Short waits of sagas, so that a test sees their end.
fn quick() -> Vec<(&'static str, String)> {
    vec![
        ("BOOKING__SYNC__BACKOFF_SECONDS", "1".to_owned()),
        ("BOOKING__SYNC__QUIESCE_SECONDS", "1".to_owned()),
    ]
}

async fn start(options: Options) -> anyhow::Result<Installation> {
    Installation::start(Options {
        settings: [options.settings, quick()].concat(),
        ..options
    })
    .await
}

impl Installation {
    /// The slots of a day: status and body.
    async fn slots(&self, day: Day, more: &str) -> anyhow::Result<(u16, Value)> {
        self.slots_at(0, day, more).await
    }

    async fn slots_at(&self, gateway: usize, day: Day, more: &str) -> anyhow::Result<(u16, Value)> {
        let path = format!("/api/v1/availability?service_id=1&start={day}&end={day}{more}");
        let request = (Method::GET, path.as_str());
        self.ask_as(KEY_15, gateway, request, Value::Null).await
    }

    /// Books 9 o'clock.
    async fn book(&self, day: Day) -> anyhow::Result<(u16, Value)> {
        let wish = json!({"service_id": 1, "start": at(day, 9),
                          "customer": {"name": "Erika Muster", "email": "erika@mail.example"}});
        self.ask(Method::POST, "/api/v1/bookings", wish).await
    }

    /// Waits until the appointment is confirmed, and looks for it at Cal.com: there once.
    async fn becomes_confirmed_once(&self, booked: &Value) -> anyhow::Result<()> {
        let id = booked["id"].as_str().context("id")?;
        let path = format!("/api/v1/bookings/{id}");
        until(SOON, "the booking is confirmed", || async {
            let (_, now) = self.ask(Method::GET, &path, Value::Null).await?;
            anyhow::ensure!(
                now["status"] == "confirmed" && now["sync_status"] == "synced",
                "{now}"
            );
            Ok(())
        })
        .await?;
        let there = self.calcom_bookings().await?;
        assert_eq!(there.len(), 1, "one booking at Cal.com: {there:#?}");
        Ok(())
    }
}

fn offers(body: &Value, day: Day, hour: u8) -> bool {
    let slots = body["slots"].as_array().into_iter().flatten();
    slots
        .into_iter()
        .any(|slot| slot["start"] == at(day, hour).as_str())
}

/// The held booking is pending, and says so.
fn is_pending((status, body): &(u16, Value)) {
    assert_eq!(*status, 202, "{body}");
    assert_eq!(body["status"], "pending", "{body}");
    assert_eq!(body["sync_status"], "pending", "{body}");
}

/// Turns red when the cache is asked after Cal.com, when a dead Cal.com refuses bookings, or when a
/// call that never left is not made again.
#[tokio::test]
async fn calcom_is_gone_and_comes_back() -> anyhow::Result<()> {
    let mut it = start(Options::default()).await?;
    // Too far apart to be fetched at once.
    let (known, unknown) = (cold_day(3), cold_day(30));
    assert_eq!(it.slots(known, "").await?.1["source"], "upstream");
    it.simulator.kill9().await?;

    let (status, body) = it.slots(known, "").await?;
    assert_eq!((status, &body["source"]), (200, &json!("cache")), "{body}");
    assert!(offers(&body, known, 9), "{body}");
    let url = format!("/api/v1/availability?service_id=1&start={unknown}&end={unknown}");
    let miss = it
        .http
        .get(it.gateways[0].url(&url))
        .bearer_auth(KEY_15)
        .send()
        .await?;
    assert_eq!(miss.status(), 503);
    let wait = miss
        .headers()
        .get("retry-after")
        .context("Retry-After")?
        .to_str()?
        .to_owned();
    assert!(
        wait.parse::<u32>().is_ok_and(|seconds| seconds > 0),
        "{wait}"
    );
    let body: Value = miss.json().await?;
    assert_eq!(body["code"], "availability_unavailable", "{body}");
    let (status, body) = it.slots(unknown, "&allow_stale=true").await?;
    assert_eq!(status, 503, "nothing old is there either: {body}");

    let booked = it.book(known).await?;
    is_pending(&booked);
    it.simulator.restart().await?;
    it.becomes_confirmed_once(&booked.1).await
}

/// Turns red when a 503 to a booking counts as "certainly not done" and is called again without a
/// look, or when look-ups that fail count as proof.
#[tokio::test]
async fn calcom_fails_and_recovers() -> anyhow::Result<()> {
    let it = start(Options::default()).await?;
    it.faults(json!([{"fail": 503}])).await?;
    let day = working_day(3);
    let (status, body) = it.slots(day, "").await?;
    assert_eq!(
        (status, &body["code"]),
        (503, &json!("availability_unavailable")),
        "{body}"
    );
    let booked = it.book(day).await?;
    is_pending(&booked);
    it.faults(json!([])).await?;
    it.becomes_confirmed_once(&booked.1).await?;
    let (status, body) = it.slots(day, "").await?;
    assert_eq!(
        (status, offers(&body, day, 9)),
        (200, true),
        "the other host is free: {body}"
    );
    Ok(())
}

/// Turns red when an answer that did not come leads to a second call instead of a look-up.
#[tokio::test]
async fn done_but_not_answered_is_found() -> anyhow::Result<()> {
    let it = start(Options {
        settings: vec![("BOOKING__DEADLINE__HTTP_SECONDS", "1".to_owned())],
        ..Options::default()
    })
    .await?;
    it.faults(json!([
        {"route": CREATE, "commit_then_timeout": 3, "times": 1},
        {"webhooks": {"drop": true}}
    ]))
    .await?;
    let booked = it.book(working_day(3)).await?;
    is_pending(&booked);
    it.becomes_confirmed_once(&booked.1).await?;
    let state = it.simulate(Method::GET, "/_sim/state", Value::Null).await?;
    assert_eq!(
        state["calls"]["by_route"][CREATE], 1,
        "called once: {}",
        state["calls"]
    );
    Ok(())
}

/// Turns red when an answer is called fresh without a look at the versions, or when the pool does
/// not recover by itself.
#[tokio::test]
async fn postgres_is_cut_off_and_comes_back() -> anyhow::Result<()> {
    let it = start(Options {
        proxied: true,
        ..Options::default()
    })
    .await?;
    let proxy = it.proxy.as_ref().context("a proxy")?;
    let day = working_day(3);
    let (status, before) = it.slots(day, "").await?;
    assert_eq!(status, 200, "{before}");
    proxy.cut();

    let (status, body) = it.slots(day, "").await?;
    assert_eq!(
        (status, &body["code"]),
        (503, &json!("availability_unavailable")),
        "{body}"
    );
    let (status, body) = it.slots(day, "&allow_stale=true").await?;
    assert_eq!(
        (status, &body["source"]),
        (200, &json!("stale_fallback")),
        "{body}"
    );
    assert_eq!(body["slots"], before["slots"]);
    assert!(body["age_seconds"].is_i64(), "{body}");
    let (status, body) = it.book(day).await?;
    assert_eq!(
        (status, &body["code"]),
        (503, &json!("store_unavailable")),
        "{body}"
    );
    let (status, body) = it.ask(Method::GET, "/readyz", Value::Null).await?;
    assert_eq!(
        (status, &body["missing"]),
        (503, &json!(["store"])),
        "{body}"
    );
    let (status, body) = it.ask(Method::GET, "/health", Value::Null).await?;
    assert_eq!(
        (status, &body["components"]["store"]["status"]),
        (200, &json!("down")),
        "{body}"
    );

    proxy.restore();
    until(SOON, "fresh answers again", || async {
        let (status, body) = it.slots(day, "").await?;
        anyhow::ensure!(
            status == 200 && body["source"] != "stale_fallback",
            "{status} {body}"
        );
        Ok(())
    })
    .await?;
    let (status, body) = it.book(day).await?;
    assert_eq!(status, 201, "{body}");
    it.becomes_confirmed_once(&body).await
}

/// Turns red when copies are kept in the process although that is switched off, as entries or as
/// answers.
#[tokio::test]
async fn without_copies_in_the_process_every_hit_is_from_redis() -> anyhow::Result<()> {
    let mut it = start(Options {
        settings: vec![("BOOKING__CACHE__IN_PROCESS", "off".to_owned())],
        ..Options::default()
    })
    .await?;
    let day = cold_day(3);
    for source in ["upstream", "cache", "cache"] {
        assert_eq!(it.slots(day, "").await?.1["source"], source);
    }
    it.redis.kill().await?;
    assert_eq!(it.slots(day, "").await?.1["source"], "upstream");
    Ok(())
}

/// Turns red when an entry of Redis is believed without its stamp, or when a dead Redis fails a
/// request. With deletion from the outbox switched off, so that the old entry stays.
#[tokio::test]
async fn redis_dies_and_comes_back_with_old_content() -> anyhow::Result<()> {
    let mut it = start(Options {
        gateways: 2,
        hosts: 1,
        settings: vec![("BOOKING__LISTENERS__INVALIDATE_CACHES", "off".to_owned())],
        ..Options::default()
    })
    .await?;
    let day = cold_day(3);
    let (_, body) = it.slots(day, "").await?;
    assert!(offers(&body, day, 9), "{body}");
    it.redis.snapshot().await?;
    it.redis.kill().await?;

    let (status, body) = it.slots_at(1, day, "").await?;
    assert_eq!((status, offers(&body, day, 9)), (200, true), "{body}");
    let (status, booked) = it.book(day).await?;
    assert_eq!(status, 201, "{booked}");
    for gateway in [0, 1] {
        let (status, body) = it.slots_at(gateway, day, "").await?;
        assert_eq!(
            (status, offers(&body, day, 9)),
            (200, false),
            "gateway {gateway}: {body}"
        );
    }

    it.redis.restart_old().await?;
    let mut old = it.redis_keys("calcom:slots:2563193:").await?;
    old.retain(|key| key.ends_with(&format!(":{day}")));
    assert_eq!(old.len(), 1, "the entry from before the booking: {old:?}");
    it.gateways[1].restart().await?;
    it.gateways[1].wait_ready().await?;
    for gateway in [1, 0] {
        let (status, body) = it.slots_at(gateway, day, "").await?;
        assert_eq!(
            (status, offers(&body, day, 9)),
            (200, false),
            "gateway {gateway}: {body}"
        );
    }
    Ok(())
}

/// What a saga waits for before somebody else may take over its call, made to have passed.
const A_MINUTE_LATER: &str = "UPDATE sagas SET due_at = due_at - interval '90 seconds', \
    leased_until = leased_until - interval '90 seconds', \
    saga = jsonb_set(saga, '{phase,started_at}', to_jsonb(to_char( \
        (saga #>> '{phase,started_at}')::timestamptz AT TIME ZONE 'UTC' - interval '90 seconds', \
        'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'))) WHERE phase = 'calling'";

/// Turns red when the call is made before its intent is committed, or made again by whoever finds
/// the intent.
#[tokio::test]
async fn a_gateway_killed_in_the_middle_of_a_call_finishes_it_later() -> anyhow::Result<()> {
    let mut it = start(Options::default()).await?;
    it.faults(json!([
        {"route": CREATE, "commit_after_seconds": 4},
        {"webhooks": {"drop": true}}
    ]))
    .await?;
    let wish = json!({"service_id": 1, "start": at(working_day(3), 9),
                      "customer": {"name": "Erika Muster", "email": "erika@mail.example"}});
    let url = it.gateways[0].url("/api/v1/bookings");
    let request = it.http.post(url).bearer_auth(KEY_15).json(&wish);
    let asked = tokio::spawn(request.send());
    until(SOON, "Cal.com is being called", || async {
        let state = it.simulate(Method::GET, "/_sim/state", Value::Null).await;
        state.is_ok_and(|state| state["calls"]["by_route"][CREATE] == 1)
    })
    .await?;
    it.gateways[0].kill9().await?;
    drop(asked.await?);
    until(SOON, "Cal.com has booked", || async {
        it.calcom_bookings()
            .await
            .is_ok_and(|there| there.len() == 1)
    })
    .await?;

    it.gateways[0].restart().await?;
    it.gateways[0].wait_ready().await?;
    let (_, list) = it.ask(Method::GET, "/api/v1/bookings", Value::Null).await?;
    let ours = list["data"].as_array().context("data")?;
    assert_eq!(ours.len(), 1, "the intent was kept: {list}");
    assert_eq!(ours[0]["status"], "pending", "{list}");
    it.database.sql(A_MINUTE_LATER).await?;
    it.becomes_confirmed_once(&ours[0]).await?;
    let state = it.simulate(Method::GET, "/_sim/state", Value::Null).await?;
    assert_eq!(
        state["calls"]["by_route"][CREATE], 1,
        "called once: {}",
        state["calls"]
    );
    Ok(())
}
