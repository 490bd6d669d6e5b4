//! What an answer says of itself to the caches on its way: its validator and what it may be used
//! for (`ETag`, `Cache-Control`), its age (`Age`), how the gateway came by it (`Cache-Status`,
//! RFC 9211), and what it is filed under (`Surrogate-Key`). See `docs/edge-caching.md`.

use axum::body::Body;
use axum::http::header::AGE;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::Response;
use booking_application::availability::Source;
use booking_domain::availability::SurrogateKey;
use booking_domain::time::Instant;

use crate::etag;

const CACHE_STATUS: HeaderName = HeaderName::from_static("cache-status");
const SURROGATE_KEY: HeaderName = HeaderName::from_static("surrogate-key");

/// What stays the same each time the answer is given, ready to be sent.
#[derive(Clone, Debug)]
pub(super) struct Labels {
    pub(super) etag: HeaderValue,
    pub(super) caching: HeaderValue,
    pub(super) surrogates: HeaderValue,
    /// When the slots were fetched.
    pub(super) as_of: Instant,
    /// When the answer ends of itself; `None` where the gateway keeps nothing.
    pub(super) ends_at: Option<Instant>,
}

impl Labels {
    /// The age of the slots, in whole seconds.
    pub(super) fn age(&self, now: Instant) -> u64 {
        now.since(self.as_of).as_seconds().max(0).unsigned_abs()
    }

    /// The answer, or 304 to who has it already. The body is made only if it is sent.
    pub(super) fn answer(
        &self,
        headers: &HeaderMap,
        (source, now): (Source, Instant),
        body: impl FnOnce() -> Body,
    ) -> Response {
        let mut response = etag::conditional(headers, &self.etag, self.caching.clone(), body);
        let answer = response.headers_mut();
        answer.insert(AGE, HeaderValue::from(self.age(now)));
        answer.insert(CACHE_STATUS, cache_status(source, self.ends_at, now));
        answer.insert(SURROGATE_KEY, self.surrogates.clone());
        response
    }

    /// What they take in memory.
    pub(super) fn bytes(&self) -> usize {
        self.etag.len() + self.caching.len() + self.surrogates.len()
    }
}

/// The value of `Surrogate-Key`.
pub(super) fn surrogates(keys: &[SurrogateKey]) -> HeaderValue {
    let names: Vec<_> = keys.iter().map(SurrogateKey::to_string).collect();
    HeaderValue::try_from(names.join(" ")).expect("keys are letters, digits and '-'")
}

/// One list member of RFC 9211: us, and how we came by the answer.
fn cache_status(source: Source, ends_at: Option<Instant>, now: Instant) -> HeaderValue {
    match (source, ends_at) {
        (Source::Cache, Some(ends_at)) => {
            let ttl = ends_at.since(now).as_seconds();
            HeaderValue::try_from(format!("booking-gateway; hit; ttl={ttl}"))
                .expect("a number is plain")
        }
        (Source::Cache, None) => HeaderValue::from_static("booking-gateway; hit"),
        (Source::Upstream, Some(_)) => {
            HeaderValue::from_static("booking-gateway; fwd=miss; stored")
        }
        // Made of our own books each time.
        (Source::Upstream, None) => HeaderValue::from_static("booking-gateway; fwd=bypass"),
        // Without `fwd-status` this would say that Cal.com had answered 200.
        (Source::StaleFallback, _) => HeaderValue::from_static(
            "booking-gateway; fwd=stale; fwd-status=503; detail=stale-fallback",
        ),
    }
}

#[cfg(test)]
mod tests {
    use booking_domain::cache_key::Tag;
    use booking_domain::ids::{CompanyId, EventTypeId};
    use booking_domain::time::Span;

    use super::*;

    fn now() -> Instant {
        Instant::from_unix_seconds(1_760_000_000).expect("a moment")
    }

    /// Red when `hit` and `fwd` are mixed up, when `ttl` is not what is left, or when an old answer
    /// claims that Cal.com was asked.
    #[test]
    fn cache_status_says_how_we_came_by_it() {
        let left = |millis| Some(now() + Span::millis(millis));
        for (source, ends_at, expected) in [
            (Source::Cache, left(42_900), "booking-gateway; hit; ttl=42"),
            (Source::Cache, left(900), "booking-gateway; hit; ttl=0"),
            (Source::Cache, None, "booking-gateway; hit"),
            (
                Source::Upstream,
                left(60_000),
                "booking-gateway; fwd=miss; stored",
            ),
            (Source::Upstream, None, "booking-gateway; fwd=bypass"),
            (
                Source::StaleFallback,
                None,
                "booking-gateway; fwd=stale; fwd-status=503; detail=stale-fallback",
            ),
        ] {
            assert_eq!(cache_status(source, ends_at, now()), expected, "{source:?}");
        }
    }

    /// Red when the age is rounded up, or a clock that was set back makes it negative.
    #[test]
    fn age_is_in_whole_seconds() {
        let labels = Labels {
            etag: HeaderValue::from_static("\"a\""),
            caching: etag::ALWAYS_ASK,
            surrogates: surrogates(&[]),
            as_of: now(),
            ends_at: None,
        };
        for (millis, age) in [(0, 0), (999, 0), (1_000, 1), (90_500, 90), (-5_000, 0)] {
            assert_eq!(labels.age(now() + Span::millis(millis)), age, "{millis}");
        }
    }

    /// Red when the keys are joined by anything but a blank.
    #[test]
    fn surrogate_keys_are_separated_by_blanks() {
        let event_type = EventTypeId::new(7);
        let day = "2025-10-13".parse().expect("a day");
        let keys = [
            SurrogateKey::Company(CompanyId::new(15)),
            SurrogateKey::Day(Tag { event_type, day }),
        ];
        assert_eq!(surrogates(&keys), "company-15 day-7-2025-10-13");
    }
}
