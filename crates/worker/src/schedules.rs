//! What recurs, by cron: whichever instance looks first files the job.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use booking_application::Application;
use booking_application::jobs::{RECURRING, Recurring};
use booking_domain::time::Instant;
use chrono::DateTime;
use chrono_tz::Tz;
use croner::Cron;
use tokio_util::sync::CancellationToken;

/// So often somebody looks whether it is time. Cron knows minutes.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// Files recurring jobs when it is time.
pub(crate) async fn fire(app: Arc<Application>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        for recurring in RECURRING {
            look(&app, recurring).await;
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

async fn look(app: &Application, recurring: &Recurring) {
    let name = recurring.name;
    let Some(next) = next_after(recurring, app.now()) else {
        tracing::error!(name, "a schedule has no next time");
        return;
    };
    match app.fire(recurring, next).await {
        Ok(true) => tracing::debug!(name, "it is time"),
        Ok(false) => {}
        Err(error) => tracing::warn!(%error, name, "a schedule could not be looked at"),
    }
}

/// The first time after `now`.
fn next_after(recurring: &Recurring, now: Instant) -> Option<Instant> {
    let zone = Tz::from_str(recurring.time_zone).ok()?;
    let now = DateTime::from_timestamp_micros(now.unix_micros())?.with_timezone(&zone);
    let cron = Cron::from_str(recurring.expression).ok()?;
    let next = cron.find_next_occurrence(&now, false).ok()?;
    Instant::from_unix_micros(next.timestamp_micros()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Red when an expression or a zone cannot be read.
    #[test]
    fn every_schedule_has_a_next_time() {
        let now = Instant::from_unix_seconds(0).expect("a moment");
        for recurring in RECURRING {
            assert!(next_after(recurring, now).is_some(), "{}", recurring.name);
        }
    }

    /// Half past two does not exist in Berlin on 29 March 2026 and exists twice on 25 October: a job
    /// of that time runs once on each of these days.
    ///
    /// Red when times are counted in UTC, or an hour that comes twice fires twice.
    #[test]
    fn a_day_with_a_change_of_clocks_fires_once() {
        let nightly = Recurring {
            name: "nightly",
            expression: "30 2 * * *",
            time_zone: "Europe/Berlin",
        };
        for (day_before, following) in [
            ("2026-03-28T12:00:00Z", "2026-03-30T00:30:00Z"),
            ("2026-10-24T12:00:00Z", "2026-10-26T01:30:00Z"),
        ] {
            let before: Instant = day_before.parse().expect("a moment");
            let first = next_after(&nightly, before).expect("a next time");
            let second = next_after(&nightly, first).expect("a next time");
            assert_eq!(second.to_string(), following, "after {first}");
        }
    }
}
