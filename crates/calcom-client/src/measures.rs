//! What is counted. No account is a label: it would be a company in disguise.

use booking_domain::breaker::BreakerState;
use booking_domain::budget::Priority;

/// The breakers of all accounts together.
const NAME: &str = "calcom";

/// Makes every series visible from the start.
pub(crate) fn announce() {
    metrics::gauge!("booking_breaker_state", "name" => NAME).set(number(BreakerState::Closed));
    for to in [
        BreakerState::Closed,
        BreakerState::HalfOpen,
        BreakerState::Open,
    ] {
        count_transition(to, 0);
    }
    for priority in Priority::ALL {
        for reason in ["breaker_open", "self_limited"] {
            count_held_back(priority, reason, 0);
        }
    }
}

/// A breaker has changed; `worst` is the worst state of any.
pub(crate) fn transition(to: BreakerState, worst: BreakerState) {
    count_transition(to, 1);
    metrics::gauge!("booking_breaker_state", "name" => NAME).set(number(worst));
}

/// A call was not made.
pub(crate) fn held_back(priority: Priority, reason: &'static str) {
    count_held_back(priority, reason, 1);
}

fn count_transition(to: BreakerState, times: u64) {
    metrics::counter!("booking_breaker_transitions_total", "name" => NAME, "to" => to.as_str())
        .increment(times);
}

fn count_held_back(priority: Priority, reason: &'static str, times: u64) {
    let priority = priority.as_str();
    metrics::counter!("booking_calcom_held_back_total", "priority" => priority, "reason" => reason)
        .increment(times);
}

const fn number(state: BreakerState) -> f64 {
    match state {
        BreakerState::Closed => 0.0,
        BreakerState::HalfOpen => 1.0,
        BreakerState::Open => 2.0,
    }
}
