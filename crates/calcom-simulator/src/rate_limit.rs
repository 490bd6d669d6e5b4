//! 120 requests per 60 s and key; going over blocks the key for another 60 s.

use std::collections::HashMap;
use std::sync::Mutex;

use chrono::{DateTime, TimeDelta, Utc};

const WINDOW_SECONDS: i64 = 60;
const BLOCK_SECONDS: i64 = 60;

#[derive(Debug, Default)]
pub(crate) struct RateLimiter(Mutex<HashMap<String, Bucket>>);

#[derive(Debug, Clone, Copy)]
struct Bucket {
    used: u32,
    ends: DateTime<Utc>,
    blocked: bool,
}

/// What the response headers say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Allowance {
    pub(crate) limit: u32,
    pub(crate) remaining: u32,
    /// Seconds until the window or the block ends.
    pub(crate) reset: i64,
    pub(crate) refused: bool,
}

impl Allowance {
    /// As a header shows it that is wrong by so many calls.
    pub(crate) fn shown_with(self, drift: i64) -> Self {
        let shown = i64::from(self.remaining).saturating_add(drift);
        let remaining = shown.clamp(0, i64::from(self.limit)) as u32;
        Self { remaining, ..self }
    }
}

impl RateLimiter {
    /// Counts one request; `limit` 0 means no limit and no headers.
    pub(crate) fn count(&self, key: &str, limit: u32, now: DateTime<Utc>) -> Option<Allowance> {
        if limit == 0 {
            return None;
        }
        let mut buckets = self
            .0
            .lock()
            .expect("no code panics while it holds the limiter");
        let fresh = Bucket {
            used: 0,
            ends: now + TimeDelta::seconds(WINDOW_SECONDS),
            blocked: false,
        };
        let bucket = buckets.entry(key.to_owned()).or_insert(fresh);
        if bucket.ends <= now {
            *bucket = fresh;
        }
        bucket.used = bucket.used.saturating_add(1);
        if bucket.used > limit && !bucket.blocked {
            bucket.blocked = true;
            bucket.ends = now + TimeDelta::seconds(BLOCK_SECONDS);
        }
        Some(Allowance {
            limit,
            remaining: limit.saturating_sub(bucket.used),
            reset: ((bucket.ends - now).num_milliseconds() + 999) / 1000,
            refused: bucket.blocked,
        })
    }

    pub(crate) fn clear(&self) {
        self.0
            .lock()
            .expect("no code panics while it holds the limiter")
            .clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn going_over_blocks_for_a_minute() {
        let limiter = RateLimiter::default();
        let start = DateTime::from_timestamp(1_900_000_000, 0).unwrap();
        let at = |seconds| start + TimeDelta::seconds(seconds);
        assert_eq!(limiter.count("a", 2, at(0)).unwrap().remaining, 1);
        assert!(!limiter.count("a", 2, at(30)).unwrap().refused);
        let over = limiter.count("a", 2, at(50)).unwrap();
        assert_eq!((over.refused, over.reset), (true, 60));
        assert!(limiter.count("a", 2, at(100)).unwrap().refused);
        assert!(!limiter.count("a", 2, at(110)).unwrap().refused);
        assert!(!limiter.count("b", 2, at(50)).unwrap().refused);
        assert!(limiter.count("c", 0, at(0)).is_none());
    }
}
