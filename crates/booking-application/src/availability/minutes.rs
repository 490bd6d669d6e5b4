//! Counts that forget: what happened in the last minutes, hours, day.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use booking_domain::time::{Instant, Span};

/// So many minutes of reads are remembered.
const READS_WINDOW: usize = 15;
const DAY: Span = Span::DAY;

pub(super) fn add(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

pub(super) fn get(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn minute_of(at: Instant) -> i64 {
    at.unix_micros().div_euclid(60_000_000)
}

/// What happened in each minute of the last day; for what is rare.
#[derive(Default)]
pub(super) struct Recent(Mutex<VecDeque<(i64, u64)>>);

impl Recent {
    pub(super) fn add(&self, now: Instant, amount: u64) {
        let minute = minute_of(now);
        let mut minutes = locked(&self.0);
        while minutes
            .front()
            .is_some_and(|(at, _)| *at < minute - DAY.as_minutes())
        {
            minutes.pop_front();
        }
        match minutes.back_mut() {
            Some((at, count)) if *at == minute => *count += amount,
            _ => minutes.push_back((minute, amount)),
        }
    }

    pub(super) fn since(&self, from: Instant) -> u64 {
        let from = minute_of(from);
        let minutes = locked(&self.0);
        let wanted = minutes.iter().filter(|(at, _)| *at > from);
        wanted.map(|(_, count)| count).sum()
    }
}

/// Hits and misses of the last minutes, without a lock. A count may go to a neighbouring minute
/// when two threads meet at the turn of one.
#[derive(Default)]
pub(super) struct PerMinute([(AtomicI64, AtomicU64, AtomicU64); READS_WINDOW]);

impl PerMinute {
    pub(super) fn add(&self, now: Instant, hit: bool) {
        let minute = minute_of(now);
        let (at, hits, misses) = &self.0[minute.rem_euclid(READS_WINDOW as i64) as usize];
        if at.swap(minute, Ordering::Relaxed) != minute {
            hits.store(0, Ordering::Relaxed);
            misses.store(0, Ordering::Relaxed);
        }
        add(if hit { hits } else { misses });
    }

    pub(super) fn sum(&self, now: Instant) -> (u64, u64) {
        let from = minute_of(now) - READS_WINDOW as i64;
        let young = self.0.iter().filter(|(at, ..)| {
            let at = at.load(Ordering::Relaxed);
            at > from
        });
        young.fold((0, 0), |(hits, misses), minute| {
            (hits + get(&minute.1), misses + get(&minute.2))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noon() -> Instant {
        "2025-10-13T12:00:00Z".parse().unwrap()
    }

    /// Red when an old minute is counted again after a quarter of an hour.
    #[test]
    fn a_minute_is_forgotten_when_its_place_is_needed() {
        let minutes = PerMinute::default();
        minutes.add(noon(), true);
        minutes.add(noon() + Span::minutes(14), false);
        assert_eq!(minutes.sum(noon() + Span::minutes(14)), (1, 1));
        minutes.add(noon() + Span::minutes(15), true);
        assert_eq!(minutes.sum(noon() + Span::minutes(15)), (1, 1));
    }
}
