//! Answers kept as they were written: given again while their [`Proof`] holds, so that a hit costs a
//! look at the versions and no more. Only the age is written anew.

use std::sync::Arc;

use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use booking_application::Application;
use booking_application::availability::{Proof, Source};
use booking_domain::ids::CompanyId;
use booking_domain::time::Instant;
use moka::sync::Cache;

use crate::dto::AvailabilityJson;
use crate::etag;
use crate::middleware::CacheOutcome;

/// All kept answers together take so much memory at the most.
const MOST_BYTES: u64 = 8 * 1024 * 1024;
/// What a kept answer takes besides its body, about.
const OVERHEAD_BYTES: usize = 400;
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// An answer as it was written.
#[derive(Debug)]
pub(crate) struct Kept {
    proof: Proof,
    as_of: Instant,
    /// Everything up to the age.
    begins: String,
    etag: String,
    caching: HeaderValue,
}

impl Kept {
    /// Keeps the answer, to be given again as one from the cache.
    pub(super) fn new(
        (proof, as_of): (Proof, Instant),
        body: &AvailabilityJson,
        (etag, caching): (&str, &HeaderValue),
    ) -> Option<Self> {
        let from_cache = AvailabilityJson {
            source: Source::Cache.as_str(),
            ..body.clone()
        };
        let begins = from_cache.up_to_the_age()?;
        Some(Self {
            proof,
            as_of,
            begins,
            etag: etag.to_owned(),
            caching: caching.clone(),
        })
    }

    /// The answer to a request that begins now.
    pub(super) fn respond(&self, headers: &HeaderMap, now: Instant) -> Response {
        let age = now.since(self.as_of).as_seconds().max(0);
        let body = ([(CONTENT_TYPE, JSON)], format!("{}{age}}}", self.begins));
        let mut response = etag::conditional(
            headers,
            &self.etag,
            self.caching.clone(),
            body.into_response(),
        );
        response
            .extensions_mut()
            .insert(CacheOutcome(Source::Cache.as_str()));
        response
    }

    fn bytes(&self) -> u32 {
        u32::try_from(self.begins.len() + OVERHEAD_BYTES).unwrap_or(u32::MAX)
    }
}

/// The kept answers, by company and by question as it was written.
#[derive(Clone, Debug)]
pub(crate) struct KeptAnswers(Cache<(CompanyId, String), Arc<Kept>>);

impl Default for KeptAnswers {
    fn default() -> Self {
        let weigh = |key: &(CompanyId, String), kept: &Arc<Kept>| {
            kept.bytes()
                .saturating_add(u32::try_from(key.1.len()).unwrap_or(u32::MAX))
        };
        Self(
            Cache::builder()
                .weigher(weigh)
                .max_capacity(MOST_BYTES)
                .build(),
        )
    }
}

impl KeptAnswers {
    /// The answer given before, if it is still the answer.
    pub(super) async fn answer(
        &self,
        app: &Application,
        (company, query): (CompanyId, &str),
    ) -> Option<Arc<Kept>> {
        let kept = self.0.get(&(company, query.to_owned()))?;
        app.still_holds(&kept.proof).await.then_some(kept)
    }

    /// Keeps an answer in place of an older one.
    pub(super) fn keep(&self, (company, query): (CompanyId, &str), kept: Kept) {
        self.0.insert((company, query.to_owned()), Arc::new(kept));
    }
}
