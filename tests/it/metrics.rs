//! Metrics: what is counted is described, documented and visible, and alert rules rest on it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use reqwest::Method;
use serde_json::{Value, json};

use crate::days::{at, working_day};
use crate::installation::{Installation, Options};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn text(name: &str) -> anyhow::Result<String> {
    fs::read_to_string(root().join(name)).with_context(|| name.to_owned())
}

/// The names in a text that are metrics' names.
fn names(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let ends = [
        "_total", "_seconds", "_state", "_dead", "_holds", "_pending", "_stuck", "_open",
    ];
    let is_metric =
        |it: &&str| it.starts_with("booking_") && ends.iter().any(|end| it.ends_with(end));
    words.filter(is_metric).map(str::to_owned).collect()
}

fn sources(folder: &Path, found: &mut String) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            sources(&path, found)?;
        } else if path.extension().is_some_and(|it| it == "rs") {
            found.push_str(&fs::read_to_string(&path)?);
        }
    }
    Ok(())
}

/// What the program counts, from the sources of every crate but the one that describes.
fn counted() -> anyhow::Result<BTreeSet<String>> {
    let mut all = String::new();
    for entry in fs::read_dir(root().join("crates"))? {
        let folder = entry?.path();
        let counts = !folder.ends_with("telemetry") && !folder.ends_with("test-support");
        if counts && folder.join("src").exists() {
            sources(&folder.join("src"), &mut all)?;
        }
    }
    // Names in texts for people stand among other words.
    let mut counted = names(&all);
    counted.retain(|name| all.contains(&format!("\"{name}\"")));
    Ok(counted)
}

/// Red when something is counted that is not described, or described and not documented.
#[test]
fn what_is_counted_is_described_and_documented() -> anyhow::Result<()> {
    let (counted, page) = (counted()?, text("docs/metrics.md")?);
    assert!(counted.len() >= 20, "{counted:?}");
    let described = names(&text("crates/telemetry/src/metrics.rs")?);
    assert_eq!(counted.difference(&described).collect::<Vec<_>>(), [""; 0]);
    let (page, reserved) = page.split_once("## Reserved").context("the last part")?;
    assert_eq!(names(page), counted, "docs/metrics.md");
    let later: BTreeSet<_> = described.difference(&counted).cloned().collect();
    assert_eq!(names(reserved), later, "docs/metrics.md, the last part");
    Ok(())
}

/// Red when an alert rests on a name that nothing counts, or on the word of a page that is gone.
#[test]
fn alert_rules_rest_on_what_is_counted() -> anyhow::Result<()> {
    let rules = text("deploy/alerts.yml")?;
    let used = names(&rules);
    assert!(used.len() >= 4, "{used:?}");
    let counted = counted()?;
    assert_eq!(used.difference(&counted).collect::<Vec<_>>(), [""; 0]);
    let page = text("docs/operating-caches.md")? + &text("docs/operating-queues.md")?;
    let alerts = rules
        .lines()
        .filter_map(|it| it.trim().strip_prefix("- alert: "));
    for alert in alerts {
        assert!(
            page.contains(&format!("`{alert}`")),
            "nothing explains {alert}"
        );
    }
    Ok(())
}

/// The samples of a text in Prometheus' format: name and labels, value.
fn samples(text: &str) -> anyhow::Result<BTreeMap<String, f64>> {
    let lines = text
        .lines()
        .filter(|it| !it.is_empty() && !it.starts_with('#'));
    let parsed = lines.map(|line| {
        let (series, value) = line.rsplit_once(' ').with_context(|| line.to_owned())?;
        Ok((series.to_owned(), value.parse()?))
    });
    parsed.collect()
}

const LABELS: [&str; 21] = [
    "by", "cause", "channel", "template", "code", "function", "kind", "layer", "le", "loop",
    "method", "name", "outcome", "priority", "queue", "reason", "result", "route", "source",
    "status", "to",
];

/// No company, customer or slot in a label.
fn assert_harmless(series: &str) {
    let labels = series
        .split_once('{')
        .map_or("", |(_, labels)| labels.trim_end_matches('}'));
    let about_requests = series.starts_with("booking_http_request_seconds");
    for (name, value) in labels.split("\",").filter_map(|it| it.split_once("=\"")) {
        assert!(LABELS.contains(&name) || name == "trigger", "{series}");
        let value = value.trim_end_matches('"');
        let is_word = value.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        let is_trigger = name == "trigger" && value == value.to_uppercase();
        assert!(
            is_word || is_trigger || about_requests || name == "le",
            "{series}"
        );
    }
}

/// Expected to be there and 0 before anything happened.
const FROM_THE_START: [&str; 20] = [
    "booking_notifications_total{channel=\"email\",template=\"appointment_booked\",outcome=\"failed\"}",
    "booking_breaker_state{name=\"calcom\"}",
    "booking_breaker_transitions_total{name=\"calcom\",to=\"open\"}",
    "booking_calcom_held_back_total{priority=\"booking\",reason=\"self_limited\"}",
    "booking_cache_requests_total{layer=\"calcom_slots\",result=\"hit\"}",
    "booking_cache_requests_total{layer=\"alternative_slots\",result=\"miss\"}",
    "booking_cache_invalidations_total{layer=\"calcom_slots\",result=\"failed\"}",
    "booking_cache_invalidations_total{layer=\"alternative_slots\",result=\"ok\"}",
    "booking_cache_fills_rejected_total{layer=\"calcom_slots\"}",
    "booking_cache_fills_rejected_total{layer=\"alternative_slots\"}",
    "booking_cache_keys_deleted_total{layer=\"alternative_slots\"}",
    "booking_cache_stale_detected_total{source=\"process\"}",
    "booking_cache_stale_detected_total{source=\"shared\"}",
    "booking_cache_entries_updated_total",
    "booking_cache_warmed_total{result=\"failed\"}",
    "booking_double_bookings_prevented_total{by=\"cache_validation\"}",
    "booking_event_type_missing_total",
    "booking_worker_failures_total{loop=\"relay_events\"}",
    "booking_bookings_total{outcome=\"store_unavailable\",source=\"api\"}",
    "booking_edge_purges_total{result=\"failed\"}",
];

/// Expected to have been counted after the day.
const AFTER_THE_DAY: [&str; 18] = [
    "booking_bookings_total{outcome=\"confirmed\",source=\"api\"}",
    "booking_bookings_total{outcome=\"slot_taken\",source=\"api\"}",
    "booking_cache_requests_total{layer=\"calcom_slots\",result=\"hit\"}",
    "booking_cache_requests_total{layer=\"calcom_slots\",result=\"miss\"}",
    "booking_cache_requests_total{layer=\"alternative_slots\",result=\"miss\"}",
    "booking_cache_misses_total{layer=\"calcom_slots\",reason=\"absent\"}",
    "booking_cache_invalidations_total{layer=\"calcom_slots\",result=\"ok\"}",
    "booking_cache_invalidations_total{layer=\"alternative_slots\",result=\"ok\"}",
    "booking_cache_invalidation_causes_total{cause=\"slot_reserved\"}",
    "booking_cache_invalidation_causes_total{cause=\"appointment_cancelled\"}",
    "booking_cache_invalidation_causes_total{cause=\"operator\"}",
    "booking_cache_keys_deleted_total{layer=\"calcom_slots\"}",
    "booking_cache_invalidation_seconds_count",
    "booking_cache_age_at_booking_seconds_count",
    "booking_cache_stale_detected_total{source=\"process\"}",
    "booking_double_bookings_prevented_total{by=\"database\"}",
    "booking_double_bookings_prevented_total{by=\"calcom\"}",
    "booking_http_request_seconds_count{route=\"/api/v1/bookings\",method=\"POST\",status=\"201\"}",
];

impl Installation {
    pub(crate) async fn metrics_of(&self, at: usize) -> anyhow::Result<String> {
        let response = self
            .http
            .get(self.gateways[at].url("/metrics"))
            .send()
            .await?;
        Ok(response.text().await?)
    }

    async fn tries_to_book(&self, start: &str, customer: u32) -> anyhow::Result<(u16, Value)> {
        let wish = json!({"service_id": 1, "start": start, "customer":
            {"name": "Erika Muster", "email": format!("erika{customer}@mail.example")}});
        self.ask(Method::POST, "/api/v1/bookings", wish).await
    }
}

/// Red when a name or label of the contract changes, when something that is hoped to stay 0 is
/// invisible until it happens, when a description is missing, or when a label names a company.
#[tokio::test]
async fn a_day_in_the_metrics() -> anyhow::Result<()> {
    // Nobody listens there; the address is not tried before something is purged.
    let edge = ("BOOKING__EDGE__PURGE_URL", "http://127.0.0.1:1/".to_owned());
    let it = Installation::start(Options {
        settings: vec![edge],
        ..Options::default()
    })
    .await?;
    let before = samples(&it.metrics_of(0).await?)?;
    for series in FROM_THE_START {
        assert!(before.contains_key(series), "{series} in {before:#?}");
    }
    let rules = text("deploy/alerts.yml")?;
    let asked = rules.lines().filter(|it| !it.contains("description:"));
    for name in asked.flat_map(names) {
        let is_there = before.keys().any(|series| series.starts_with(&name));
        assert!(is_there, "an alert rests on {name}");
    }

    a_day(&it).await?;
    let rendered = it.metrics_of(0).await?;
    let after = samples(&rendered)?;
    for series in AFTER_THE_DAY {
        assert!(
            after.get(series).is_some_and(|it| *it >= 1.0),
            "{series} in {rendered}"
        );
    }
    let quick = "booking_cache_invalidation_seconds_bucket{le=\"0.00025\"}";
    assert!(after.contains_key(quick), "fine steps: {rendered}");
    after.keys().for_each(|series| assert_harmless(series));
    for name in counted()?
        .iter()
        .filter(|name| rendered.contains(&format!("\n{name}")))
    {
        assert!(rendered.contains(&format!("# HELP {name} ")), "{name}");
    }
    Ok(())
}

/// Reads, bookings until everybody is taken, a cancellation, a slot that somebody took at Cal.com
/// without our being told, an operator who clears the cache.
async fn a_day(it: &Installation) -> anyhow::Result<()> {
    let day = working_day(40);
    let read = format!("/api/v1/availability?service_id=1&start={day}&end={day}");
    for _ in 0..2 {
        assert_eq!(it.ask(Method::GET, &read, Value::Null).await?.0, 200);
    }
    let near = at(day, 11).replace('+', "%2B");
    let near = format!("/api/v1/availability/alternatives?service_id=1&start={near}");
    assert_eq!(it.ask(Method::GET, &near, Value::Null).await?.0, 200);
    let nine = at(day, 9);
    let (status, first) = it.tries_to_book(&nine, 1).await?;
    assert_eq!(status, 201, "{first}");
    assert_eq!(it.tries_to_book(&nine, 2).await?.0, 201, "the other host");
    assert_eq!(it.tries_to_book(&nine, 3).await?.0, 409, "nobody is left");
    let id = first["id"].as_str().context("an id")?;
    let cancel = format!("/api/v1/bookings/{id}/cancel");
    assert_eq!(it.ask(Method::POST, &cancel, json!({})).await?.0, 200);

    assert_eq!(it.ask(Method::GET, &read, Value::Null).await?.0, 200);
    let twelve = at(day, 12);
    for host in [501, 502] {
        let taken = json!({"event_type_id": 2_563_193, "start": twelve, "deliver": false,
                           "host_id": host, "email": format!("o{host}@mail.example")});
        it.simulate(Method::POST, "/_sim/outsider/bookings", taken)
            .await?;
    }
    let (status, refused) = it.tries_to_book(&twelve, 4).await?;
    assert_eq!(status, 409, "{refused}");
    let clear = json!({"event_type_id": 2_563_193});
    let path = "/api/v1/ops/cache/invalidate";
    assert_eq!(it.ask(Method::POST, path, clear).await?.0, 200);
    Ok(())
}
