//! The list of faults. Adding one means: a field here, its name in `NAMES`, a place where it acts.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::api::routes::Route;

/// What goes wrong in one API call.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Effects {
    /// Wait before anything else happens.
    pub(crate) latency_ms: Option<u64>,
    /// Do it, then wait before the answer is sent.
    pub(crate) answer_latency_ms: Option<u64>,
    /// Answer an error; nothing happens.
    pub(crate) fail: Option<Fail>,
    /// Do it, then never answer.
    pub(crate) commit_then_timeout: Option<Hold>,
    /// Neither do it nor answer.
    pub(crate) timeout_without_commit: Option<Hold>,
    /// Do it, then answer 500 (shape B).
    pub(crate) commit_then_500: bool,
    /// Do it, then answer the slot-taken 400 all the same.
    pub(crate) commit_then_no_available_users: bool,
    /// Wait that long, then do it and answer; also when the caller has gone away by then.
    pub(crate) commit_after_seconds: Option<f64>,
    /// Do it, then end the answer in the middle of the body.
    pub(crate) cut_body: bool,
    /// Reset the connection; nothing happens.
    pub(crate) connection_reset: bool,
    /// Do it, then reset the connection.
    pub(crate) commit_then_reset: bool,
    /// Do it, then answer 200 with a body of another kind.
    pub(crate) wrong_shape: bool,
    /// Do it, then answer with `data` wrapped in a list.
    pub(crate) array_answer: bool,
    /// Round robin: pick the host whose turn is last.
    pub(crate) other_host: bool,
    /// Answer 429; nothing happens.
    pub(crate) rate_limit_storm: bool,
    /// The headers say so many calls more are left than there are; below zero, fewer.
    pub(crate) header_drift: Option<i64>,
    /// Slots as they were that long ago.
    pub(crate) slots_lag_seconds: Option<u64>,
    /// Slots of the days before and after as well.
    pub(crate) slots_outside_range: bool,
    /// No slots, with 200.
    pub(crate) empty_slots: bool,
    /// Take bookings that overlap others or lie outside the opening hours.
    pub(crate) accept_overlaps: bool,
    /// Somebody else gets the slot at the last moment: 409 (shape B).
    pub(crate) lose_insert_race: bool,
    /// The booking is so many minutes longer than asked.
    pub(crate) booking_longer_minutes: Option<u32>,
    /// A move cancels the old booking, fails to make the new one and answers 500 (shape B).
    pub(crate) reschedule_loses_successor: bool,
    /// Faults of deliveries rather than of calls.
    pub(crate) webhooks: Option<WebhookEffects>,
}

/// What goes wrong with one webhook delivery.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct WebhookEffects {
    /// Only deliveries of this trigger.
    pub(crate) trigger: Option<String>,
    /// Never send it.
    pub(crate) drop: bool,
    /// Send it twice.
    pub(crate) duplicate: bool,
    /// Send it later, in the background.
    pub(crate) delay_ms: Option<u64>,
    /// Collect that many deliveries, then send them in reverse order.
    pub(crate) hold_until: Option<usize>,
    /// What is sent later says how the booking is then, not how it was.
    pub(crate) late_payload: bool,
    /// Send what a custom template makes of it: a form instead of JSON.
    pub(crate) form_encoded: bool,
    /// Sign with a secret nobody knows.
    pub(crate) wrong_secret: bool,
    /// Send the header that Cal.com sends without a secret.
    pub(crate) no_secret: bool,
    /// Send the payload with `uid: null`.
    pub(crate) null_uid: bool,
}

/// An error to answer: a status alone, or status, shape and text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Fail {
    Status(u16),
    Full {
        status: u16,
        #[serde(default)]
        shape: Shape,
        message: Option<String>,
    },
}

/// Which of the two error shapes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Shape {
    #[default]
    A,
    B,
}

/// How long an answer is held back: `true` for ten minutes, or seconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Hold {
    Flag(bool),
    Seconds(f64),
}

impl Hold {
    /// `None` when the fault is written `false`.
    pub(crate) fn duration(self) -> Option<Duration> {
        match self {
            Self::Flag(false) => None,
            Self::Flag(true) => Some(Duration::from_secs(600)),
            Self::Seconds(seconds) => Some(seconds_of(seconds)),
        }
    }
}

/// Seconds from a request, at most a day; nonsense is no time at all.
pub(crate) fn seconds_of(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds.clamp(0.0, 86_400.0)).unwrap_or_default()
}

impl Effects {
    pub(crate) const NAMES: &'static [&'static str] = &[
        "latency_ms",
        "answer_latency_ms",
        "fail",
        "commit_then_timeout",
        "timeout_without_commit",
        "commit_then_500",
        "commit_then_no_available_users",
        "commit_after_seconds",
        "cut_body",
        "connection_reset",
        "commit_then_reset",
        "wrong_shape",
        "array_answer",
        "other_host",
        "rate_limit_storm",
        "header_drift",
        "slots_lag_seconds",
        "slots_outside_range",
        "empty_slots",
        "accept_overlaps",
        "lose_insert_race",
        "booking_longer_minutes",
        "reschedule_loses_successor",
        "webhooks",
    ];

    /// Whether a fault means anything on a route; it is neither applied nor counted elsewhere.
    pub(crate) fn fits(fault: &str, route: Route) -> bool {
        match fault {
            "slots_lag_seconds" | "slots_outside_range" | "empty_slots" => route == Route::Slots,
            "commit_then_no_available_users"
            | "other_host"
            | "accept_overlaps"
            | "lose_insert_race"
            | "booking_longer_minutes" => {
                matches!(route, Route::BookingCreate | Route::BookingReschedule)
            }
            "reschedule_loses_successor" => route == Route::BookingReschedule,
            "webhooks" => false,
            _ if fault.starts_with("commit_") => {
                route.changes_bookings() || route == Route::ReservationCreate
            }
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_names_is_complete() {
        let value = serde_json::to_value(Effects::default()).unwrap();
        let mut fields: Vec<&str> = value
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        let mut names = Effects::NAMES.to_vec();
        fields.sort_unstable();
        names.sort_unstable();
        assert_eq!(fields, names);
    }

    #[test]
    fn failures_are_written_short_or_long() {
        let short: Fail = serde_json::from_str("503").unwrap();
        assert_eq!(short, Fail::Status(503));
        let long: Fail = serde_json::from_str(r#"{"status":409,"shape":"B"}"#).unwrap();
        assert_eq!(
            long,
            Fail::Full {
                status: 409,
                shape: Shape::B,
                message: None
            }
        );
        assert_eq!(Hold::Flag(false).duration(), None);
        assert_eq!(
            Hold::Seconds(1.5).duration(),
            Some(Duration::from_millis(1500))
        );
    }
}
