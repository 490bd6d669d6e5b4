//! The process's metrics in the Prometheus text format.
//!
//! This module knows every metric's name and meaning; the crates that count use the `metrics`
//! macros. No company, customer or slot is ever a label: there would be one time series for each.

use std::sync::OnceLock;
use std::time::Duration;

use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

/// How often [`MetricsHandle::upkeep`] is to be called.
pub const UPKEEP_INTERVAL: Duration = Duration::from_secs(5);

/// Upper bounds of every histogram whose name ends in `_seconds`: a local statement takes 1 ms, a
/// person on the telephone waits 2 s, the alert on synchronisation is at 10 s, a job may wait an hour.
const SECONDS: [f64; 18] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0,
    300.0, 900.0, 3600.0,
];

const INVALIDATION: &str = "booking_cache_invalidation_seconds";
/// Its upper bounds: far below a millisecond in the process, given up at 50 ms in Redis.
const QUICK: [f64; 10] = [
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.25,
];

const COUNTERS: [(&str, &str); 23] = [
    (
        "booking_notifications_total",
        "Messages to customers that have come to an end, by channel, template and outcome.",
    ),
    (
        "booking_bookings_total",
        "Attempts to book, by outcome and source.",
    ),
    (
        "booking_cache_requests_total",
        "Reads of an availability cache, by layer and result.",
    ),
    (
        "booking_cache_misses_total",
        "Reads that no entry answered, by layer and reason.",
    ),
    (
        "booking_cache_fills_rejected_total",
        "Entries not filed because the data had changed, by layer.",
    ),
    (
        "booking_cache_invalidations_total",
        "Invalidations, by layer and result.",
    ),
    (
        "booking_cache_invalidation_causes_total",
        "Invalidations, by what had happened.",
    ),
    (
        "booking_cache_keys_deleted_total",
        "Entries that invalidations removed, by layer.",
    ),
    (
        "booking_cache_entries_updated_total",
        "Entries brought up to date after a booking instead of removed.",
    ),
    (
        "booking_cache_warmed_total",
        "Windows fetched before anybody asked, by result.",
    ),
    (
        "booking_cache_stale_detected_total",
        "Slots that an entry offered and Cal.com refused, by source; expected to stay 0.",
    ),
    (
        "booking_edge_purges_total",
        "Purges of the cache in front of the gateway, by result.",
    ),
    (
        "booking_event_type_missing_total",
        "Bookings of services without a Cal.com event type.",
    ),
    (
        "booking_calcom_account_refused_total",
        "Calls that Cal.com refused for the company's key or event type; expected to stay 0.",
    ),
    (
        "booking_duplicates_discarded_total",
        "Bookings of ours at Cal.com that no appointment bears, called off; expected to stay 0.",
    ),
    (
        "booking_lost_in_move_total",
        "Moves at Cal.com that left no booking, which was then made again; expected to stay 0.",
    ),
    (
        "booking_breaker_transitions_total",
        "Circuit breaker changes, by name and new state.",
    ),
    (
        "booking_calcom_held_back_total",
        "Calls to Cal.com that were not made, by priority and reason.",
    ),
    (
        "booking_webhook_duplicates_total",
        "Webhooks received before and not processed again.",
    ),
    (
        "booking_webhook_foreign_total",
        "Webhooks dropped, since their event type is another company's.",
    ),
    (
        "booking_reconciliation_items_total",
        "Differences found by reconciliation.",
    ),
    (
        "booking_double_bookings_prevented_total",
        "Double bookings refused, by what refused them.",
    ),
    (
        "booking_worker_failures_total",
        "Passes of a loop that failed, by loop; expected to stay 0.",
    ),
];

const GAUGES: [(&str, &str); 6] = [
    (
        "booking_breaker_state",
        "Circuit breaker: 0 closed, 1 half open, 2 open.",
    ),
    (
        "booking_jobs_dead",
        "Jobs that will not be tried again, by queue.",
    ),
    (
        "booking_stale_holds",
        "Slots held for 15 minutes or more without Cal.com's confirmation.",
    ),
    (
        "booking_compensations_pending",
        "Cancellations and other repairs at Cal.com that are under way.",
    ),
    (
        "booking_sagas_stuck",
        "Wishes to Cal.com that were given up and wait for a person.",
    ),
    (
        "booking_reviews_open",
        "Questions to a person that are open.",
    ),
];

const HISTOGRAMS: [(&str, &str); 9] = [
    (
        "booking_sync_latency_seconds",
        "From a local change to its confirmation by Cal.com.",
    ),
    (INVALIDATION, "Time one cache invalidation takes."),
    (
        "booking_cache_age_at_booking_seconds",
        "Age of the availability a booking was based on.",
    ),
    (
        "booking_calcom_call_seconds",
        "Time a call to Cal.com takes on behalf of a booking, by kind.",
    ),
    (
        "booking_voice_function_seconds",
        "Time to answer a voice agent, by function and code.",
    ),
    (
        "booking_webhook_seconds",
        "Time to answer a webhook, by trigger.",
    ),
    (
        "booking_queue_wait_seconds",
        "Time a due job waits for a worker, by queue.",
    ),
    (
        "booking_job_seconds",
        "Time one run of a job takes, by queue and outcome.",
    ),
    (
        "booking_http_request_seconds",
        "Time to answer a request, by route, method and status.",
    ),
];

/// Reads the process's metrics.
#[derive(Debug, Clone)]
pub struct MetricsHandle(PrometheusHandle);

impl MetricsHandle {
    /// Every metric in the Prometheus text format, version 0.0.4.
    pub fn render(&self) -> String {
        self.0.render()
    }

    /// Folds what histograms collected. To be called every [`UPKEEP_INTERVAL`]: without it they
    /// grow until the next [`render`](Self::render).
    pub fn upkeep(&self) {
        self.0.run_upkeep();
    }
}

/// Makes this process count, and returns the handle to read it. Later calls return the same handle.
pub fn install() -> MetricsHandle {
    static INSTALLED: OnceLock<MetricsHandle> = OnceLock::new();
    INSTALLED
        .get_or_init(|| {
            let recorder = builder().build_recorder();
            let handle = MetricsHandle(recorder.handle());
            match metrics::set_global_recorder(recorder) {
                Ok(()) => describe(),
                Err(error) => tracing::warn!(%error, "metrics go to another recorder"),
            }
            handle
        })
        .clone()
}

fn builder() -> PrometheusBuilder {
    let quick = Matcher::Full(INVALIDATION.to_owned());
    let usual = Matcher::Suffix("_seconds".to_owned());
    let buckets = [(quick, &QUICK[..]), (usual, &SECONDS[..])];
    buckets
        .into_iter()
        .fold(PrometheusBuilder::new(), |builder, (which, bounds)| {
            builder
                .set_buckets_for_metric(which, bounds)
                .expect("no list of buckets is empty")
        })
}

fn describe() {
    for (name, meaning) in COUNTERS {
        describe_counter!(name, meaning);
    }
    for (name, meaning) in GAUGES {
        describe_gauge!(name, meaning);
    }
    for (name, meaning) in HISTOGRAMS {
        describe_histogram!(name, Unit::Seconds, meaning);
    }
}

#[cfg(test)]
mod tests {
    use metrics::{counter, histogram};

    use super::*;

    /// One test, because tests of one process share one recorder.
    #[test]
    fn installed_twice_it_counts_once_and_histograms_have_buckets() {
        let (first, second) = (install(), install());
        counter!("booking_bookings_total", "outcome" => "booked", "source" => "api").increment(1);
        histogram!("booking_job_seconds", "queue" => "sync", "outcome" => "done").record(0.3);
        histogram!("booking_cache_invalidation_seconds").record(0.0002);
        first.upkeep();
        let text = second.render();
        assert_eq!(first.render(), text);
        let job = "booking_job_seconds_bucket{queue=\"sync\",outcome=\"done\",le=";
        for line in [
            "# HELP booking_bookings_total Attempts to book".to_owned(),
            "booking_bookings_total{outcome=\"booked\",source=\"api\"} 1".to_owned(),
            "# TYPE booking_job_seconds histogram".to_owned(),
            format!("{job}\"0.25\"}} 0"),
            format!("{job}\"0.5\"}} 1"),
            "booking_cache_invalidation_seconds_bucket{le=\"0.0001\"} 0".to_owned(),
            "booking_cache_invalidation_seconds_bucket{le=\"0.00025\"} 1".to_owned(),
        ] {
            assert!(text.contains(&line), "{line}\n{text}");
        }
    }

    #[test]
    fn buckets_rise_and_names_say_their_unit() {
        assert!(SECONDS.is_sorted() && QUICK.is_sorted());
        assert!(COUNTERS.iter().all(|(name, _)| name.ends_with("_total")));
        assert!(
            HISTOGRAMS
                .iter()
                .all(|(name, _)| name.ends_with("_seconds"))
        );
    }
}
