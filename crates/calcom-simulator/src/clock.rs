//! The simulator's clock: real time, shifted time or a frozen instant.

use std::sync::Mutex;
use std::time::SystemTime;

use chrono::{DateTime, TimeDelta, Utc};

/// A clock that a test can set, freeze and advance while the simulator runs.
#[derive(Debug, Default)]
pub(crate) struct Clock(Mutex<Mode>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Real time plus this shift.
    Running(TimeDelta),
    /// Always this instant.
    Frozen(DateTime<Utc>),
}

impl Default for Mode {
    fn default() -> Self {
        Self::Running(TimeDelta::zero())
    }
}

impl Clock {
    pub(crate) fn now(&self) -> DateTime<Utc> {
        match *self.mode() {
            Mode::Running(shift) => wall() + shift,
            Mode::Frozen(instant) => instant,
        }
    }

    pub(crate) fn is_frozen(&self) -> bool {
        matches!(*self.mode(), Mode::Frozen(_))
    }

    /// Jumps to `instant`; time then stands still (`frozen`) or runs on from there.
    pub(crate) fn set(&self, instant: DateTime<Utc>, frozen: bool) {
        *self.mode() = if frozen {
            Mode::Frozen(instant)
        } else {
            Mode::Running(instant - wall())
        };
    }

    /// Moves by `step` (negative: back), frozen or not.
    pub(crate) fn advance(&self, step: TimeDelta) {
        let mut mode = self.mode();
        *mode = match *mode {
            Mode::Running(shift) => Mode::Running(shift + step),
            Mode::Frozen(instant) => Mode::Frozen(instant + step),
        };
    }

    /// Back to real time.
    pub(crate) fn reset(&self) {
        *self.mode() = Mode::default();
    }

    fn mode(&self) -> std::sync::MutexGuard<'_, Mode> {
        self.0
            .lock()
            .expect("no code panics while it holds the clock")
    }
}

/// The only place that reads the machine's time.
#[expect(
    clippy::disallowed_methods,
    reason = "the simulator is a server of its own; everything else asks `Clock::now`"
)]
fn wall() -> DateTime<Utc> {
    SystemTime::now().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frozen_clock_moves_only_when_told() {
        let clock = Clock::default();
        let noon = DateTime::from_timestamp(1_900_000_000, 0).unwrap();
        clock.set(noon, true);
        assert_eq!(clock.now(), noon);
        clock.advance(TimeDelta::seconds(90));
        assert_eq!(clock.now(), noon + TimeDelta::seconds(90));
    }

    #[test]
    fn a_shifted_clock_runs_on() {
        let clock = Clock::default();
        let noon = DateTime::from_timestamp(1_900_000_000, 0).unwrap();
        clock.set(noon, false);
        assert!(clock.now() >= noon);
        assert!(clock.now() < noon + TimeDelta::minutes(5));
        clock.reset();
        assert!(!clock.is_frozen());
    }
}
