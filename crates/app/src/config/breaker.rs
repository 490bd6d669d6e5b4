//! When Cal.com is left alone.

use std::num::NonZeroU32;

use booking_domain::breaker::BreakerPolicy;
use booking_domain::time::Span;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(default)]
pub(crate) struct BreakerConfig {
    pub(crate) failures: NonZeroU32,
    pub(crate) open_seconds: NonZeroU32,
    pub(crate) successes: NonZeroU32,
}

impl Default for BreakerConfig {
    fn default() -> Self {
        Self {
            failures: const { NonZeroU32::new(5).unwrap() },
            open_seconds: const { NonZeroU32::new(60).unwrap() },
            successes: const { NonZeroU32::new(2).unwrap() },
        }
    }
}

impl BreakerConfig {
    /// The rules of every account's breaker.
    pub(crate) fn policy(&self) -> BreakerPolicy {
        BreakerPolicy {
            failures: self.failures.get(),
            open_for: Span::seconds(i64::from(self.open_seconds.get())),
            successes: self.successes.get(),
            ..BreakerPolicy::default()
        }
    }
}
