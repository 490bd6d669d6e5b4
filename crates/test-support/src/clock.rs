//! A clock that stands still until it is told otherwise, and ids that come out the same every run.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use booking_domain::ports::{Clock, IdSource};
use booking_domain::time::{Instant, Span};
use uuid::Uuid;

use crate::dice::{STEP, spread};

/// A clock that shows what it was set to.
#[derive(Debug)]
pub struct FixedClock(AtomicI64);

impl FixedClock {
    /// A clock that shows `now`.
    pub const fn new(now: Instant) -> Self {
        Self(AtomicI64::new(now.unix_micros()))
    }

    /// Shows `now` from here on.
    pub fn set(&self, now: Instant) {
        self.0.store(now.unix_micros(), Ordering::SeqCst);
    }

    /// Moves on, and says what it shows then.
    pub fn advance(&self, by: Span) -> Instant {
        let now = self.now() + by;
        self.set(now);
        now
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Instant {
        Instant::from_unix_micros(self.0.load(Ordering::SeqCst))
            .expect("only instants are put into the clock")
    }
}

/// Ids that look like UUIDv7, grow with every call and depend on the seed alone.
#[derive(Debug)]
pub struct SeededIds {
    seed: u64,
    given: AtomicU64,
}

impl SeededIds {
    /// Another seed gives other ids.
    pub const fn new(seed: u64) -> Self {
        Self {
            seed,
            given: AtomicU64::new(0),
        }
    }

    fn next(&self) -> u64 {
        self.given.fetch_add(1, Ordering::SeqCst)
    }

    /// A well-spread number for a place in the sequence (splitmix64).
    fn mix(&self, n: u64) -> u64 {
        spread((self.seed ^ n).wrapping_add(n.wrapping_mul(STEP)))
    }
}

impl IdSource for SeededIds {
    fn uuid(&self) -> Uuid {
        /// 2025-10-10T08:00:00Z in milliseconds: one more per id keeps them in order.
        const FIRST: u64 = 1_760_083_200_000;
        let n = self.next();
        let version_7 = 0x7000 | (self.mix(n) & 0x0fff);
        let variant = 0x8000_0000_0000_0000 | (self.mix(!n) >> 2);
        Uuid::from_u64_pair(((FIRST + n) << 16) | version_7, variant)
    }

    fn secret_bytes(&self) -> [u8; 32] {
        let n = self.next();
        let mut bytes = [0; 32];
        for (part, chunk) in (0u64..).zip(bytes.chunks_mut(8)) {
            chunk.copy_from_slice(&self.mix(n.wrapping_mul(4) + part).to_be_bytes());
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builders::now;

    #[test]
    fn the_clock_shows_what_it_was_set_to() {
        let clock = FixedClock::new(now());
        assert_eq!(clock.now(), now());
        let later = now() + Span::HOUR;
        assert_eq!((clock.advance(Span::HOUR), clock.now()), (later, later));
    }

    #[test]
    fn ids_repeat_with_the_seed_grow_and_are_version_7() {
        let draw = |seed| {
            let ids = SeededIds::new(seed);
            (0..100).map(|_| ids.uuid()).collect::<Vec<_>>()
        };
        let ids = draw(1);
        assert_eq!(ids, draw(1));
        assert_ne!(ids, draw(2));
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(ids.iter().all(|id| id.get_version_num() == 7));
        let secrets = SeededIds::new(1);
        assert_ne!(secrets.secret_bytes(), secrets.secret_bytes());
    }
}
