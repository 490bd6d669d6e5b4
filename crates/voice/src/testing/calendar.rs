//! What a test may do to the calendar behind the desk, and what is near in it.

use booking_domain::availability::nearest;
use booking_domain::time::{Instant, TimeRange};

/// How the calendar behind the desk behaves.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Calendar {
    #[default]
    Fine,
    Down,
    /// Never answers.
    Silent,
    /// Answers after a second.
    Slow,
    /// Answers once, then never.
    Once,
}

/// What is offered instead.
pub(super) fn near(start: Instant, free: &[TimeRange]) -> Vec<TimeRange> {
    let near = nearest(start, free, 3).into_iter();
    near.map(|it| it.slot).collect()
}
