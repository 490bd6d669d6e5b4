//! When to look, and when "it did not happen" may be believed.

use serde::{Deserialize, Serialize};

use crate::time::{Instant, Span};

/// Seconds after the last byte at which an unknown outcome is looked up.
const LOOK_AT: [i64; 11] = [0, 1, 2, 5, 10, 20, 40, 60, 90, 120, 150];
/// After the ladder: once in so many seconds.
const LOOK_EVERY: i64 = 60;
/// Empty look-ups after the quiet time that prove it.
const EMPTY_PROOFS: u32 = 2;

/// What proves that a call has had no effect.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// Two empty look-ups after the quiet time: nobody knows when the call ends.
    #[default]
    Quiet,
    /// One empty look-up: the call was answered, so it is over.
    Once,
}

impl Proof {
    /// Whether an empty look-up made now counts.
    pub(super) fn counts(self, plan: &LookUpPlan, now: Instant) -> bool {
        match self {
            Self::Quiet => plan.is_quiet(now),
            Self::Once => true,
        }
    }

    /// How many of them it takes.
    pub(super) const fn needed(self) -> u32 {
        match self {
            Self::Quiet => EMPTY_PROOFS,
            Self::Once => 1,
        }
    }
}

/// The times of the look-ups after an ambiguous call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LookUpPlan {
    /// When the last byte may have left.
    pub since: Instant,
    /// How long after that an empty answer begins to count.
    pub quiet_time: Span,
}

impl LookUpPlan {
    /// When the look-up after `made` others is due: along the ladder, and again as soon as the
    /// quiet time is over, so that a short quiet time is not drawn out.
    pub fn next_at(&self, made: u32, now: Instant) -> Instant {
        let ladder = match LOOK_AT.get(made as usize) {
            Some(seconds) => self.since + Span::seconds(*seconds),
            None => now + Span::seconds(LOOK_EVERY),
        };
        let quiet_over = self.since + self.quiet_time;
        let due = if now < quiet_over {
            ladder.min(quiet_over)
        } else {
            ladder.min(now + Span::seconds(1))
        };
        due.max(now)
    }

    /// Whether an empty answer at `now` counts as proof.
    pub fn is_quiet(&self, now: Instant) -> bool {
        now >= self.since + self.quiet_time
    }
}
