//! How long to wait before the next try: a pure function of the attempt.

use crate::time::{Instant, Span};

/// A ladder of delays; the last step repeats.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ladder(Vec<Span>);

impl Ladder {
    /// The delays in order; `None` when there is none.
    pub fn new(steps: Vec<Span>) -> Option<Self> {
        (!steps.is_empty()).then_some(Self(steps))
    }

    /// The delay after `failed` tries (1 for the first).
    pub fn delay_after(&self, failed: u32) -> Span {
        let at = (failed.max(1) as usize - 1).min(self.0.len() - 1);
        self.0[at]
    }
}

impl Default for Ladder {
    /// 1, 5, 30, 120, 600 seconds.
    fn default() -> Self {
        Self([1, 5, 30, 120, 600].map(Span::seconds).to_vec())
    }
}

/// How long a job is tried.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RetryPolicy {
    /// The delays between tries.
    pub backoff: Ladder,
    /// So long after it was due first, a failure is the last.
    pub give_up_after: Span,
}

impl Default for RetryPolicy {
    /// The ladder, for a day.
    fn default() -> Self {
        Self {
            backoff: Ladder::default(),
            give_up_after: Span::hours(24),
        }
    }
}

impl RetryPolicy {
    /// When to try again after the `failed`-th failure of what was due first at `due_since`; `None`
    /// when it is given up. `dice` moves the delay by up to a tenth either way, so that what failed
    /// together does not come back together.
    pub fn next_try(
        &self,
        failed: u32,
        due_since: Instant,
        (now, dice): (Instant, u64),
    ) -> Option<Instant> {
        if now.since(due_since) >= self.give_up_after {
            return None;
        }
        let per_mille = 900 + i64::try_from(dice % 201).unwrap_or_default();
        let micros = self.backoff.delay_after(failed).as_micros();
        Some(now + Span::millis(micros / 1_000 * per_mille / 1_000))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_step_repeats() {
        let seconds: Vec<_> = (0..8)
            .map(|n| Ladder::default().delay_after(n).as_seconds())
            .collect();
        assert_eq!(seconds, [1, 1, 5, 30, 120, 600, 600, 600]);
        assert_eq!(Ladder::new(vec![]), None);
    }

    /// Six tries in 756 seconds, then every ten minutes for the rest of a day, then no more.
    ///
    /// Red when the ladder ends the tries, or they never end.
    #[test]
    fn a_job_is_tried_for_a_day() {
        let since = Instant::from_unix_seconds(0).expect("a moment");
        let (mut now, mut tries) = (since, Vec::new());
        for failed in 1.. {
            tries.push(now.since(since).as_seconds());
            let Some(next) = RetryPolicy::default().next_try(failed, since, (now, 100)) else {
                break;
            };
            now = next;
        }
        assert_eq!(tries[..7], [0, 1, 6, 36, 156, 756, 1_356]);
        let last = tries.last().copied().unwrap_or_default();
        assert!((86_400..87_000).contains(&last), "{last}");
    }

    /// Red when delays are all alike, or leave a tenth either way.
    #[test]
    fn delays_are_scattered_by_a_tenth() {
        let now = Instant::from_unix_seconds(0).expect("a moment");
        let delay = |dice| {
            let next = RetryPolicy::default().next_try(5, now, (now, dice));
            next.expect("not given up").since(now).as_seconds()
        };
        assert_eq!([delay(0), delay(100), delay(200)], [540, 600, 660]);
    }
}
