//! So many requests per second and client address: a shield, not a bill.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};

use super::client::Client;
use crate::problem::Problem;

const LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
/// Whoever watches the process must get through.
const EXEMPT: [&str; 3] = ["/livez", "/readyz", "/metrics"];
/// After so many requests, clients that have not been seen lately are forgotten.
const TIDY_EVERY: u32 = 8_192;

type Limiter =
    RateLimiter<Client, DefaultKeyedStateStore<Client>, DefaultClock, StateInformationMiddleware>;

pub(super) fn is_exempt(path: &str) -> bool {
    EXEMPT.contains(&path)
}

/// The limit and where each client stands.
pub(super) struct RateLimit {
    limiter: Limiter,
    per_second: u32,
    since_tidied: AtomicU32,
}

/// Where a client stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Standing {
    per_second: u32,
    remaining: u32,
    reset: u64,
}

impl RateLimit {
    /// `None` for 0: no limit.
    pub(super) fn new(per_second: u32) -> Option<Self> {
        let quota = Quota::per_second(NonZeroU32::new(per_second)?);
        Some(Self {
            limiter: RateLimiter::keyed(quota).with_middleware(),
            per_second,
            since_tidied: AtomicU32::new(0),
        })
    }

    /// Counts a request of this client, or refuses it.
    pub(super) fn admit(&self, client: Client) -> Result<Standing, Problem> {
        if self.since_tidied.fetch_add(1, Ordering::Relaxed) >= TIDY_EVERY {
            self.since_tidied.store(0, Ordering::Relaxed);
            self.limiter.retain_recent();
        }
        match self.limiter.check_key(&client) {
            Ok(state) => Ok(self.standing(state.remaining_burst_capacity(), 1)),
            Err(until) => {
                let wait = until.wait_time_from(self.limiter.clock().now());
                Err(self.refuse(wait))
            }
        }
    }

    fn standing(&self, remaining: u32, reset: u64) -> Standing {
        Standing {
            per_second: self.per_second,
            remaining,
            reset,
        }
    }

    fn refuse(&self, wait: Duration) -> Problem {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        let seconds = seconds.max(1);
        let mut headers = HeaderMap::new();
        self.standing(0, seconds).write(&mut headers);
        let detail = format!("{} requests per second are allowed", self.per_second);
        let problem = Problem::new("rate_limited", detail).retry_after(seconds);
        headers
            .into_iter()
            .fold(problem, |problem, (name, value)| match name {
                Some(name) => problem.header(name, value),
                None => problem,
            })
    }
}

impl Standing {
    /// `RateLimit` and `RateLimit-Policy`, as the IETF draft spells them.
    pub(super) fn write(self, headers: &mut HeaderMap) {
        let Self {
            per_second,
            remaining,
            reset,
        } = self;
        let limit = format!(r#""client";r={remaining};t={reset}"#);
        let policy = format!(r#""client";q={per_second};w=1"#);
        for (name, text) in [(LIMIT, limit), (POLICY, policy)] {
            if let Ok(value) = HeaderValue::try_from(text) {
                headers.insert(name, value);
            }
        }
    }
}
