//! The executor: drives a saga to Cal.com and back.
//!
//! Load, ask [`booking_domain::saga`] what to do, do that one thing outside any transaction, take
//! in what came back together with the appointment in one commit, ask again. What to do is decided
//! in the domain; here are only the effects.

mod apply;
mod calls;
mod carry;
mod executor;
mod follow_up;
mod look_ups;
mod questions;
mod subject;

pub(crate) use executor::Progress;
pub(crate) use follow_up::is_stray;

/// Shows what is hoped to stay 0 as 0 from the start: an alert cannot see what is not there.
pub(crate) fn announce_repairs() {
    for name in [
        "booking_calcom_account_refused_total",
        "booking_duplicates_discarded_total",
        "booking_lost_in_move_total",
    ] {
        metrics::counter!(name).increment(0);
    }
    drop(metrics::histogram!("booking_sync_latency_seconds"));
}
