//! What Cal.com says about how often it may be asked.

use booking_domain::budget::Remaining;
use booking_domain::time::{Instant, Span};
use reqwest::header::HeaderMap;

/// The wait when Cal.com names none: how long it blocks a key.
const DEFAULT_WAIT: Span = Span::seconds(60);
/// No header makes us wait longer.
const LONGEST_WAIT: Span = Span::hours(1);
/// Larger numbers are moments since 1970, smaller ones are seconds from now.
const FIRST_TIMESTAMP: i64 = 1_000_000;

/// How long a window of Cal.com's is, when it does not say when this one ends.
const WINDOW: Span = Span::seconds(60);

/// What Cal.com says is left of its own limit. It leaves headers out at times.
pub(crate) fn remaining(headers: &HeaderMap, now: Instant) -> Option<Remaining> {
    let calls = number(headers, "x-ratelimit-remaining-default")?;
    Some(Remaining {
        calls: u32::try_from(calls).ok()?,
        until: reset(headers, now).unwrap_or(now + WINDOW),
    })
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

    /// Red when a header that is missing or odd makes the budget smaller.
    #[test]
    fn what_is_left_is_what_was_said() {
        const LEFT: &str = "x-ratelimit-remaining-default";
        const RESET: &str = "x-ratelimit-reset-default";
        for (pairs, left) in [
            (&[][..], None),
            (&[(RESET, "30")], None),
            (&[(LEFT, "-1")], None),
            (&[(LEFT, "many")], None),
            (&[(LEFT, "0")], Some((0, 60))),
            (&[(LEFT, "17"), (RESET, "30")], Some((17, 30))),
        ] {
            let said = remaining(&headers(pairs), now());
            let said = said.map(|it| (it.calls, it.until.since(now()).as_seconds()));
            assert_eq!(said, left, "{pairs:?}");
        }
    }
}
