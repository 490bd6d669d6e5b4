//! Answers kept as they were written: given again while their [`Proof`] holds, so that a hit costs a
//! look at the versions and no more. Only the age is written anew.

use std::sync::Arc;

use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use booking_application::Application;
use booking_application::availability::{Proof, Source};
use booking_domain::ids::CompanyId;
use booking_domain::time::Instant;
use moka::sync::Cache;

use super::labels::Labels;
use crate::dto::AvailabilityJson;

/// All kept answers together take so much memory at the most.
const MOST_BYTES: u64 = 8 * 1024 * 1024;
/// What a kept answer takes besides its texts, about.
const OVERHEAD_BYTES: usize = 400;
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// An answer as it was written.
#[derive(Debug)]
pub(crate) struct Kept {
    proof: Proof,
    labels: Labels,
    /// Everything up to the age.
    begins: String,
}

impl Kept {
    /// Keeps the answer, to be given again as one from the cache.
    pub(super) fn new(proof: Proof, body: &AvailabilityJson, labels: Labels) -> Option<Self> {
        let from_cache = AvailabilityJson {
            source: Source::Cache.as_str(),
            ..body.clone()
        };
        let begins = from_cache.up_to_the_age()?;
        Some(Self {
            proof,
            labels,
            begins,
        })
    }

    /// The answer to a request that begins now.
    pub(super) fn respond(&self, headers: &HeaderMap, now: Instant) -> Response {
        self.labels.answer(headers, (Source::Cache, now), || {
            let body = format!("{}{}}}", self.begins, self.labels.age(now));
            ([(CONTENT_TYPE, JSON)], body)
        })
    }

    fn bytes(&self) -> u32 {
        let bytes = self.begins.len() + self.labels.bytes() + OVERHEAD_BYTES;
        u32::try_from(bytes).unwrap_or(u32::MAX)
    }
}

/// The kept answers, by company and by question as it was written.
#[derive(Clone, Debug)]
pub(crate) struct KeptAnswers(Cache<(CompanyId, String), Arc<Kept>>);

impl KeptAnswers {
    /// Room for answers, or for none.
    pub(crate) fn new(keep: bool) -> Self {
        let weigh = |key: &(CompanyId, String), kept: &Arc<Kept>| {
            kept.bytes()
                .saturating_add(u32::try_from(key.1.len()).unwrap_or(u32::MAX))
        };
        Self(
            Cache::builder()
                .weigher(weigh)
                .max_capacity(if keep { MOST_BYTES } else { 0 })
                .build(),
        )
    }

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
