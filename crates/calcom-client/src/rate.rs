//! What Cal.com says about how often it may be asked.

use booking_domain::time::{Instant, Span};
use reqwest::header::HeaderMap;

/// What Cal.com last said about an account's budget. It leaves headers out at times.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RateBudget {
    /// Calls per window.
    pub limit: Option<u32>,
    /// Calls left in this window.
    pub remaining: Option<u32>,
    /// When the window ends.
    pub resets_at: Option<Instant>,
    /// When it was said.
    pub seen_at: Instant,
}

/// The wait when Cal.com names none: how long it blocks a key.
const DEFAULT_WAIT: Span = Span::seconds(60);
/// No header makes us wait longer.
const LONGEST_WAIT: Span = Span::hours(1);
/// Larger numbers are moments since 1970, smaller ones are seconds from now.
const FIRST_TIMESTAMP: i64 = 1_000_000;

impl RateBudget {
    /// What the headers say; `None` when they say nothing.
    pub(crate) fn read(headers: &HeaderMap, now: Instant) -> Option<Self> {
        let count = |name| u32::try_from(number(headers, name)?).ok();
        let budget = Self {
            limit: count("x-ratelimit-limit-default"),
            remaining: count("x-ratelimit-remaining-default"),
            resets_at: reset(headers, now),
            seen_at: now,
        };
        let said = budget.limit.or(budget.remaining).is_some() || budget.resets_at.is_some();
        said.then_some(budget)
    }
}

/// When to ask again after a 429.
pub(crate) fn retry_at(headers: &HeaderMap, now: Instant) -> Instant {
    retry_after(headers, now)
        .or_else(|| reset(headers, now))
        .unwrap_or(now + DEFAULT_WAIT)
}

/// When to ask again, if Cal.com says so.
pub(crate) fn retry_after(headers: &HeaderMap, now: Instant) -> Option<Instant> {
    moment(number(headers, "retry-after")?, now)
}

fn reset(headers: &HeaderMap, now: Instant) -> Option<Instant> {
    moment(number(headers, "x-ratelimit-reset-default")?, now)
}

/// At least a second from now: a moment that is over would have us ask in a loop.
fn moment(number: i64, now: Instant) -> Option<Instant> {
    let at = if number < FIRST_TIMESTAMP {
        now + Span::seconds(number)
    } else {
        Instant::from_unix_seconds(number).ok()?
    };
    Some(at.clamp(now + Span::seconds(1), now + LONGEST_WAIT))
}

/// A whole number that is not negative. (`Retry-After` may be a date; Cal.com sends none.)
fn number(headers: &HeaderMap, name: &str) -> Option<i64> {
    let text = headers.get(name)?.to_str().ok()?.trim();
    text.parse().ok().filter(|number| *number >= 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::{HeaderName, HeaderValue};

    fn now() -> Instant {
        "2025-10-10T08:00:00Z".parse().unwrap()
    }

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                let name = HeaderName::from_static(name);
                (name, HeaderValue::from_static(value))
            })
            .collect()
    }

    /// Turns red when a timestamp is taken for seconds or the other way round, when the order of
    /// the headers changes, or when nonsense makes us wait for years.
    #[test]
    fn the_wait_comes_from_the_best_header() {
        const RESET: &str = "x-ratelimit-reset-default";
        let in_90_seconds = "1760083290";
        for (pairs, seconds) in [
            (&[][..], 60),
            (&[("retry-after", "7")], 7),
            (&[("retry-after", "7"), (RESET, "30")], 7),
            (&[(RESET, "30")], 30),
            (&[(RESET, in_90_seconds)], 90),
            (&[("retry-after", in_90_seconds)], 90),
            (&[("retry-after", "Fri, 10 Oct 2025 08:00:30 GMT")], 60),
            (&[("retry-after", "soon"), (RESET, "30")], 30),
            (&[("retry-after", "-5")], 60),
            (&[("retry-after", "0")], 1),
            (&[(RESET, "1000000000")], 1),
            (&[("retry-after", "999999")], 3_600),
            (&[(RESET, "9223372036854775807")], 60),
        ] {
            let wait = retry_at(&headers(pairs), now()).since(now());
            assert_eq!(wait, Span::seconds(seconds), "{pairs:?}");
        }
    }

    #[test]
    fn a_budget_is_what_was_said() {
        assert_eq!(RateBudget::read(&headers(&[]), now()), None);
        let said = headers(&[
            ("x-ratelimit-limit-default", "120"),
            ("x-ratelimit-remaining-default", "0"),
        ]);
        let budget = RateBudget::read(&said, now()).unwrap();
        assert_eq!((budget.limit, budget.remaining), (Some(120), Some(0)));
        assert_eq!(budget.resets_at, None);
    }
}
