//! The circuit breaker around Cal.com, from outside: fewer calls than wishes, no wish lost.

use std::time::Duration;

use anyhow::{Context, ensure};
use booking_test_support::wait::until;
use reqwest::Method;
use serde_json::{Value, json};

use crate::days::{at, cold_day};
use crate::installation::{Installation, Options};

const SOON: Duration = Duration::from_secs(60);
const SLOTS: &str = "GET /v2/slots";
const CREATE: &str = "POST /v2/bookings";

impl Installation {
    async fn breaker(&self) -> anyhow::Result<Value> {
        let path = "/api/v1/ops/circuit-breakers";
        let (status, body) = self.ask(Method::GET, path, Value::Null).await?;
        ensure!(status == 200, "{body}");
        Ok(body[0].clone())
    }

    /// How often Cal.com was called this way.
    async fn calls(&self, route: &str) -> anyhow::Result<u64> {
        let state = self
            .simulate(Method::GET, "/_sim/state", Value::Null)
            .await?;
        Ok(state["calls"]["by_route"][route].as_u64().unwrap_or(0))
    }

    async fn metrics(&self) -> anyhow::Result<String> {
        let url = self.gateways[0].url("/metrics");
        Ok(self.http.get(url).send().await?.text().await?)
    }

    /// Asks for a day: no two of them are fetched together.
    async fn slots_of(&self, block: usize) -> anyhow::Result<u16> {
        let day = cold_day(30 * block);
        let path = format!("/api/v1/availability?service_id=1&start={day}&end={day}");
        Ok(self.ask(Method::GET, &path, Value::Null).await?.0)
    }

    async fn book_at(&self, hour: u8) -> anyhow::Result<Value> {
        let wish = json!({"service_id": 1, "start": at(cold_day(3), hour),
            "customer": {"name": "Erika Muster", "email": format!("erika{hour}@mail.example")}});
        let (status, body) = self.ask(Method::POST, "/api/v1/bookings", wish).await?;
        ensure!(status == 202, "{status} {body}");
        Ok(body)
    }

    async fn becomes_confirmed(&self, booked: &Value) -> anyhow::Result<()> {
        let id = booked["id"].as_str().context("id")?;
        let path = format!("/api/v1/bookings/{id}");
        until(SOON, "the booking is confirmed", || async {
            let (_, now) = self.ask(Method::GET, &path, Value::Null).await?;
            ensure!(now["status"] == "confirmed", "{now}");
            Ok(())
        })
        .await
    }

    /// Waits for what is warmed at the start: three event types.
    async fn is_warm(&self) -> anyhow::Result<()> {
        until(SOON, "the caches are warm", || async {
            let text = self.metrics().await?;
            let warmed = text
                .lines()
                .find_map(|line| line.strip_prefix("booking_cache_warmed_total{result=\"ok\"} "));
            ensure!(warmed == Some("3"), "{warmed:?}");
            Ok(())
        })
        .await
    }
}

async fn start(open_seconds: u64) -> anyhow::Result<Installation> {
    let it = Installation::start(Options {
        settings: vec![
            ("BOOKING__BREAKER__OPEN_SECONDS", open_seconds.to_string()),
            // Nothing here is confirmed because it was tried again.
            ("BOOKING__SYNC__BACKOFF_SECONDS", "3600".to_owned()),
        ],
        ..Options::default()
    })
    .await?;
    it.is_warm().await?;
    Ok(it)
}

/// Red when the sixth call leaves, when a booking meanwhile is refused, called or counted as a
/// failed try, or when nobody can see any of it.
#[tokio::test]
async fn five_failures_open_it_and_bookings_wait_until_it_closes() -> anyhow::Result<()> {
    // Longer than anything here takes while it is to stay open.
    let it = start(15).await?;
    assert_eq!(it.breaker().await?["state"], "closed");
    it.faults(json!([{"fail": 503}])).await?;
    let before = it.calls(SLOTS).await?;
    for block in 1..=5 {
        assert_eq!(it.slots_of(block).await?, 503);
    }
    assert_eq!(it.calls(SLOTS).await? - before, 5);
    let open = it.breaker().await?;
    assert_eq!(
        (&open["state"], &open["failures"]),
        (&json!("open"), &json!(5))
    );
    assert!(open["opened_at"].is_string(), "{open}");
    let mut booked = Vec::new();
    for hour in 9..12 {
        booked.push(it.book_at(hour).await?);
    }
    assert_eq!(it.slots_of(6).await?, 503);
    assert_eq!(it.calls(SLOTS).await? - before, 5, "the sixth never left");
    assert_eq!(it.calls(CREATE).await?, 0, "bookings wait here");
    let text = it.metrics().await?;
    for line in [
        "booking_breaker_state{name=\"calcom\"} 2",
        "booking_breaker_transitions_total{name=\"calcom\",to=\"open\"} 1",
        "booking_calcom_held_back_total{priority=\"booking\",reason=\"breaker_open\"} 3",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }

    it.faults(json!([])).await?;
    for booking in &booked {
        it.becomes_confirmed(booking).await?;
    }
    assert_eq!(it.calls(CREATE).await?, 3, "each was made once");
    let closed = it.breaker().await?;
    assert_eq!(closed["state"], "closed", "{closed}");
    assert_eq!(closed["opened_at"], Value::Null);
    assert_eq!(closed["transitions_last_hour"], 3);
    let text = it.metrics().await?;
    let line = "booking_breaker_state{name=\"calcom\"} 0";
    assert!(text.contains(line), "{line}\n{text}");
    Ok(())
}

/// Red when what waits for its next try is not let go as soon as the breaker closes: the ladder
/// says an hour.
#[tokio::test]
async fn what_waited_goes_when_it_closes() -> anyhow::Result<()> {
    let mut it = start(1).await?;
    it.simulator.kill9().await?;
    let booked = it.book_at(9).await?;
    for block in 1..=5 {
        assert_eq!(it.slots_of(block).await?, 503);
    }
    assert_ne!(it.breaker().await?["state"], "closed");
    it.simulator.restart().await?;
    let mut block = 5;
    until(SOON, "the breaker closes", || {
        block += 1;
        let it = &it;
        async move {
            it.slots_of(block).await?;
            let breaker = it.breaker().await?;
            ensure!(breaker["state"] == "closed", "{breaker}");
            Ok(())
        }
    })
    .await?;
    it.becomes_confirmed(&booked).await
}
