//! The command line: what each command prints, and how it fails.

use std::collections::BTreeSet;

use anyhow::Context;
use serde_json::json;

use crate::run::{Ran, failure, gateway, json_of, output, run, says};

const GOLDEN: [&str; 9] = [
    "cache",
    "keys",
    "--company=15",
    "--branch=9",
    "--event-type=2563193",
    "--start",
    "2025-10-13T08:00:00+02:00",
    "--end",
    "2025-10-13T09:00:00+02:00",
];
const DAY_KEY: &str = "calcom:slots:2563193:2025-10-13:2025-10-13";
const HOUR_KEY: &str = "cal_slots_15_9_2563193_2025-10-13-06_2025-10-13-07";

/// Every command that ends by itself or shows help, as typed.
const COMMANDS: [&[&str]; 22] = [
    &[],
    &["demo"],
    &["serve"],
    &["migrate"],
    &["check-config"],
    &["tenant"],
    &["tenant", "import"],
    &["tenant", "create"],
    &["tenant", "list"],
    &["api-key"],
    &["api-key", "create"],
    &["api-key", "revoke"],
    &["api-key", "list"],
    &["cache", "keys"],
    &["cache", "inspect"],
    &["cache", "clear"],
    &["cache", "warm"],
    &["events", "list"],
    &["simulate-calcom"],
    &["openapi"],
    &["completions"],
    &["man"],
];

fn keys_with(more: &str) -> Vec<&str> {
    GOLDEN.into_iter().chain([more]).collect()
}

/// Turns red when hours are cut in local time, when the end counts as part of the window, or when
/// branch and company change places.
#[tokio::test]
async fn cache_keys_of_the_golden_window() -> anyhow::Result<()> {
    let printed = output(gateway(&GOLDEN)).await?;
    assert_eq!(printed, format!("{DAY_KEY}\n{HOUR_KEY}\n"));
    let printed = json_of(&output(gateway(&keys_with("--json"))).await?)?;
    assert_eq!(printed, json!({"layer1": [DAY_KEY], "layer2": [HOUR_KEY]}));
    Ok(())
}

/// Turns red when only the covering key of each layer is listed.
#[tokio::test]
async fn overlapping_cache_keys_are_listed_once_each() -> anyhow::Result<()> {
    let printed = output(gateway(&keys_with("--overlapping"))).await?;
    let lines: Vec<_> = printed.lines().collect();
    let different: BTreeSet<_> = lines.iter().collect();
    assert_eq!(lines.len(), different.len(), "each once");
    let classic = ["05_2025-10-13-06", "06_2025-10-13-07", "07_2025-10-13-08"];
    for window in classic {
        let key = format!("cal_slots_15_9_2563193_2025-10-13-{window}");
        assert!(lines.contains(&key.as_str()), "{key} is missing");
    }
    assert!(lines.contains(&DAY_KEY), "{DAY_KEY} is missing");
    for window in ["03_2025-10-13-04", "09_2025-10-13-10"] {
        let key = format!("cal_slots_15_9_2563193_2025-10-13-{window}");
        assert!(!lines.contains(&key.as_str()), "{key} is far away");
    }
    Ok(())
}

/// Turns red when the end may lie before the start, or a time without offset is guessed.
#[tokio::test]
async fn cache_keys_refuses_a_window_that_is_none() -> anyhow::Result<()> {
    let mut backwards = GOLDEN;
    backwards[8] = "2025-10-13T07:00:00+02:00";
    let said = failure(gateway(&backwards)).await?;
    says(&said, &["the end", "is not after the start"]);
    let mut local = GOLDEN;
    local[8] = "2025-10-13T09:00:00";
    let ran = run(gateway(&local)).await?;
    assert_eq!(ran.code, Some(2), "{ran:?}");
    says(&ran.err, &["--end", "offset"]);
    Ok(())
}

/// Turns red when the switch is read but not shown, or an event is left out.
#[tokio::test]
async fn events_list_shows_listeners_and_switches() -> anyhow::Result<()> {
    let table = output(gateway(&["events", "list"])).await?;
    let row = |event: &str, table: &str| {
        let found = table.lines().find(|line| line.starts_with(event));
        found
            .unwrap_or_default()
            .split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(row("EVENT", &table), ["EVENT", "LISTENER", "SWITCH"]);
    let booked = ["appointment_booked", "invalidate_caches", "on"];
    assert_eq!(row("appointment_booked", &table), booked);
    let off = gateway(&["events", "list"]).env("BOOKING__LISTENERS__INVALIDATE_CACHES", "off");
    let booked = ["appointment_booked", "invalidate_caches", "off"];
    assert_eq!(row("appointment_booked", &output(off).await?), booked);
    let off =
        gateway(&["events", "list", "--json"]).env("BOOKING__LISTENERS__INVALIDATE_CACHES", "off");
    let rows = json_of(&output(off).await?)?;
    let rows = rows.as_array().context("a list")?;
    let booked = rows.iter().find(|it| it["event"] == "appointment_booked");
    let listeners = json!([{"name": "invalidate_caches", "on": false},
                           {"name": "purge_edge", "on": true},
                           {"name": "notify", "on": true},
                           {"name": "analytics", "on": true},
                           {"name": "audit_log", "on": true}]);
    assert_eq!(booked.context("the event")?["listeners"], listeners);
    Ok(())
}

/// Turns red when a route is served without being described.
#[tokio::test]
async fn openapi_describes_the_routes() -> anyhow::Result<()> {
    let printed = json_of(&output(gateway(&["openapi"])).await?)?;
    let version = printed["openapi"].as_str().context("a version")?;
    assert!(version.starts_with("3.1"), "{version}");
    let routes: BTreeSet<_> = printed["paths"]
        .as_object()
        .context("paths")?
        .iter()
        .flat_map(|(path, methods)| {
            let methods = methods.as_object().into_iter().flatten();
            methods.map(move |(method, _)| format!("{} {path}", method.to_uppercase()))
        })
        .collect();
    for route in [
        "GET /api/v1/availability",
        "GET /api/v1/availability/alternatives",
        "POST /api/v1/bookings",
        "GET /api/v1/bookings",
        "GET /api/v1/bookings/{id}",
        "POST /api/v1/bookings/{id}/reschedule",
        "POST /api/v1/bookings/{id}/cancel",
        "GET /api/v1/ops/cache",
        "POST /api/v1/ops/cache/invalidate",
        "POST /api/v1/ops/cache/warm",
        "POST /api/calcom/webhook",
        "POST /api/calcom/webhook/{company_id}",
        "GET /health",
        "GET /livez",
        "GET /readyz",
        "GET /metrics",
        "GET /openapi.json",
    ] {
        assert!(routes.contains(route), "{route} is missing in {routes:#?}");
    }
    Ok(())
}

/// Turns red when a subcommand is hidden from completions or from the manual page.
#[tokio::test]
async fn completions_and_manual_name_the_commands() -> anyhow::Result<()> {
    for shell in ["bash", "zsh", "fish"] {
        let script = output(gateway(&["completions", shell])).await?;
        says(&script, &["check-config", "simulate-calcom", "cache"]);
    }
    let bash = output(gateway(&["completions", "bash"])).await?;
    let file = tempfile::NamedTempFile::new()?;
    std::fs::write(file.path(), bash)?;
    let mut check = tokio::process::Command::new("bash");
    let checked = check.arg("-n").arg(file.path()).status().await?;
    assert!(checked.success(), "bash reads its completions");
    let page = output(gateway(&["man"])).await?;
    assert!(
        page.lines()
            .any(|line| line.starts_with(".TH booking-gateway")),
        "{page}"
    );
    says(
        &page,
        &[".SH SYNOPSIS", "check\\-config", "simulate\\-calcom"],
    );
    let ran = run(gateway(&["completions", "cmd.exe"])).await?;
    assert_eq!(ran.code, Some(2), "{ran:?}");
    says(&ran.err, &["bash", "zsh", "fish"]);
    Ok(())
}

/// Turns red when a command loses its help, or needs a configuration to show it.
#[tokio::test]
async fn every_command_explains_itself() -> anyhow::Result<()> {
    for command in COMMANDS {
        let args: Vec<_> = command.iter().copied().chain(["--help"]).collect();
        let broken = gateway(&args).env("BOOKING__DATABASE_URL", "nonsense");
        let text = output(broken).await?;
        says(&text, &["Usage: booking-gateway", "--config"]);
    }
    Ok(())
}

/// Turns red when wrong usage ends with 1, which scripts take for "tried and failed".
#[tokio::test]
async fn wrong_usage_ends_with_2() -> anyhow::Result<()> {
    for args in [
        &["nonsense"][..],
        &["serve", "--role", "boss"],
        &["serve", "--nonsense"],
        &["tenant", "import"],
        &["simulate-calcom", "--listen", "somewhere"],
        &["api-key", "create"],
        &["cache", "keys", "--company=15"],
        &["cache", "inspect"],
        &["cache", "clear"],
        &["cache", "warm", "--days=0"],
        &["cache", "warm", "--days=63"],
    ] {
        let Ran { code, out, err } = run(gateway(args)).await?;
        assert_eq!(code, Some(2), "{args:?}: {err}");
        assert!(out.is_empty(), "{args:?} printed {out}");
        says(&err, &["--help"]);
    }
    Ok(())
}
