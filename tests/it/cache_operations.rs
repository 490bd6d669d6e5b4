//! Operating the caches of a running installation over HTTP: figures, invalidation, warming.

use std::time::Duration;

use anyhow::Context;
use booking_domain::cache_key::DayRangeKey;
use booking_test_support::wait::until;
use reqwest::Method;
use serde_json::{Value, json};

use crate::days::{at, working_day};
use crate::installation::{Installation, KEY_15, KEY_20, Options};

const FIGURES: &str = "/api/v1/ops/cache";
const INVALIDATE: &str = "/api/v1/ops/cache/invalidate";
const SOON: Duration = Duration::from_secs(60);
const DAYS: &str = "calcom:slots:2563193:";
const HOURS: &str = "cal_slots_15_9_2563193_";

/// Two gateways that have warmed what they warm at the start. Entries outlive the test.
async fn warmed_installation() -> anyhow::Result<Installation> {
    let installation = Installation::start(Options {
        gateways: 2,
        settings: vec![
            ("BOOKING__CACHE__TTL_SECONDS", "600".to_owned()),
            ("BOOKING__CALCOM__REQUESTS_PER_MINUTE", "60000".to_owned()),
        ],
        ..Options::default()
    })
    .await?;
    for at in [0, 1] {
        let warmed = || async {
            let metrics = installation.metrics_of(at).await?;
            let all = "booking_cache_warmed_total{result=\"ok\"} 3";
            anyhow::ensure!(metrics.lines().any(|line| line == all), "{metrics}");
            anyhow::Ok(())
        };
        until(SOON, "the start's windows to be warm", warmed).await?;
    }
    Ok(installation)
}

impl Installation {
    async fn figures(&self, key: &str, at: usize) -> anyhow::Result<Value> {
        let (status, figures) = self
            .ask_as(key, at, (Method::GET, FIGURES), Value::Null)
            .await?;
        assert_eq!(status, 200, "{figures}");
        Ok(figures)
    }

    /// Where gateway `at` has this answer from.
    async fn source(&self, at: usize, path: &str) -> anyhow::Result<String> {
        let (status, answer) = self
            .ask_as(KEY_15, at, (Method::GET, path), Value::Null)
            .await?;
        assert_eq!(status, 200, "{answer}");
        Ok(answer["source"].as_str().context("a source")?.to_owned())
    }
}

/// Red when the versions are not raised (gateway 1 goes on believing its copy), when the keys stay
/// in Redis, when those of other event types go, or when company 20 may do it.
#[tokio::test]
async fn what_is_invalidated_is_gone_for_every_instance() -> anyhow::Result<()> {
    let it = warmed_installation().await?;
    // Beyond what is warmed at the start.
    let day = working_day(40);
    let path = format!("/api/v1/availability?service_id=1&start={day}&end={day}");
    assert_eq!(it.source(0, &path).await?, "upstream");
    for _ in 0..2 {
        assert_eq!(
            it.source(1, &path).await?,
            "cache",
            "through Redis, then near"
        );
    }
    let near = format!(
        "/api/v1/availability/alternatives?service_id=1&start={}",
        at(day, 9).replace('+', "%2B")
    );
    let (status, answer) = it.ask(Method::GET, &near, Value::Null).await?;
    assert_eq!(status, 200, "{answer}");

    let body = json!({"event_type_id": 2_563_193});
    let order = (Method::POST, INVALIDATE);
    let (status, refusal) = it.ask_as(KEY_20, 0, order.clone(), body.clone()).await?;
    assert_eq!(
        (status, &refusal["code"]),
        (404, &json!("event_type_not_found"))
    );
    assert_eq!(it.source(1, &path).await?, "cache", "not touched");

    let (days, hours) = (it.redis_keys(DAYS).await?, it.redis_keys(HOURS).await?);
    assert!(days.len() >= 2 && !hours.is_empty(), "{days:?} {hours:?}");
    let before = it.figures(KEY_15, 0).await?;
    let (status, removed) = it.ask_as(KEY_15, 0, order, body).await?;
    let layers = json!({"calcom_slots": days.len(), "alternative_slots": hours.len()});
    assert_eq!((status, &removed), (200, &json!({ "layers": layers })));
    assert_eq!(it.redis_keys(DAYS).await?, Vec::<String>::new());
    assert_eq!(it.redis_keys(HOURS).await?, Vec::<String>::new());
    assert_ne!(
        it.redis_keys("calcom:slots:2563299:").await?,
        Vec::<String>::new(),
        "another event type's"
    );
    assert_eq!(it.source(1, &path).await?, "upstream", "its copy is dead");

    let after = it.figures(KEY_15, 0).await?;
    for (layer, keys) in [
        ("calcom_slots", days.len()),
        ("alternative_slots", hours.len()),
    ] {
        let (before, after) = (&before["layers"][layer], &after["layers"][layer]);
        for (name, more) in [
            ("invalidations_last_hour", 1),
            ("keys_deleted_last_hour", keys),
        ] {
            let grown =
                after[name].as_u64().context(name)? - before[name].as_u64().context(name)?;
            assert_eq!(grown, more as u64, "{layer} {name}: {before} {after}");
        }
    }
    let theirs = it.figures(KEY_20, 0).await?;
    let theirs = &theirs["layers"]["calcom_slots"];
    assert_eq!(theirs["invalidations_last_hour"], 0, "{theirs}");
    assert_eq!(
        theirs["entries"], 1,
        "one event type, warmed at the start: {theirs}"
    );
    Ok(())
}

/// Red when what is on the list is not fetched, or not shared with the other instance.
#[tokio::test]
async fn what_is_wished_for_is_warm_everywhere_after_a_moment() -> anyhow::Result<()> {
    let it = warmed_installation().await?;
    for event_type in [2_563_193, 2_563_194] {
        let body = json!({"event_type_id": event_type});
        let (status, removed) = it.ask(Method::POST, INVALIDATE, body).await?;
        assert_eq!(status, 200, "{removed}");
    }
    assert_eq!(it.redis_keys(DAYS).await?, Vec::<String>::new());
    let body = json!({"days": 30});
    let wished = it.ask(Method::POST, "/api/v1/ops/cache/warm", body).await?;
    assert_eq!(wished, (202, json!({"windows": 2})));
    let month = || async {
        let keys = it.redis_keys(DAYS).await.unwrap_or_default();
        let keys: Vec<DayRangeKey> = keys.iter().filter_map(|it| it.parse().ok()).collect();
        keys.iter().any(|key| key.days.len_days() == 31)
    };
    until(SOON, "the block of the next 30 days in Redis", month).await?;
    let day = working_day(5);
    let path = format!("/api/v1/availability?service_id=1&start={day}&end={day}");
    assert_eq!(it.source(1, &path).await?, "cache", "by the other gateway");
    let figures = it.figures(KEY_15, 0).await?;
    assert!(
        figures["layers"]["calcom_slots"]["fills"].as_u64() >= Some(1),
        "{figures}"
    );
    assert_eq!(figures["alerts"], json!([]), "{figures}");
    Ok(())
}

/// Red when a Redis that does not answer is no alert, or keeps the operator from invalidating.
#[tokio::test]
async fn without_redis_the_figures_say_so_and_versions_are_raised() -> anyhow::Result<()> {
    let mut it = warmed_installation().await?;
    let day = working_day(40);
    let path = format!("/api/v1/availability?service_id=1&start={day}&end={day}");
    for at in [0, 1] {
        it.source(at, &path).await?;
        assert_eq!(it.source(at, &path).await?, "cache");
    }
    it.redis.kill().await?;
    let figures = it.figures(KEY_15, 0).await?;
    assert_eq!(
        figures["alerts"][0]["name"], "shared_cache_down",
        "{figures}"
    );
    let body = json!({"event_type_id": 2_563_193});
    let (status, removed) = it.ask(Method::POST, INVALIDATE, body).await?;
    let layers = json!({"calcom_slots": 0, "alternative_slots": 0});
    assert_eq!((status, removed), (200, json!({ "layers": layers })));
    for at in [0, 1] {
        assert_eq!(it.source(at, &path).await?, "upstream", "gateway {at}");
    }
    Ok(())
}
