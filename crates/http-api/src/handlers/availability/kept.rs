//! Answers kept as they were written: given again while their [`Proof`] holds, so that a hit costs a
//! look at the versions and no more. Only the age is written anew.

use std::fmt::Write;
use std::sync::Arc;

use axum::body::Body;
use axum::http::HeaderMap;
use axum::response::Response;
use booking_application::Application;
use booking_application::availability::{Proof, Source};
use booking_domain::ids::CompanyId;
use booking_domain::time::Instant;
use equivalent::Equivalent;
use moka::sync::Cache;

use super::labels::Labels;
use crate::dto::AvailabilityJson;

/// All kept answers together take so much memory at the most.
const MOST_BYTES: u64 = 8 * 1024 * 1024;
/// What a kept answer takes besides its texts, about.
const OVERHEAD_BYTES: usize = 400;
/// Of an answer's end: an age and a bracket.
const LONGEST_END: usize = 21;

/// An answer as it was written.
#[derive(Debug)]
pub(crate) struct Kept {
    proof: Proof,
    labels: Labels,
    /// Everything up to the age.
    begins: String,
}

impl Kept {
    /// Keeps an answer and how it begins when written, to be given again as one from the cache.
    pub(super) fn new(
        proof: Proof,
        labels: Labels,
        (body, begins): (AvailabilityJson, String),
    ) -> Option<Self> {
        let source = Source::Cache.as_str();
        let begins = if body.source == source {
            begins
        } else {
            AvailabilityJson { source, ..body }.up_to_the_age()?
        };
        Some(Self {
            proof,
            labels,
            begins,
        })
    }

    /// The answer to a request that begins now.
    pub(super) fn respond(&self, headers: &HeaderMap, now: Instant) -> Response {
        let written = || ended(&self.begins, self.labels.age(now));
        self.labels.answer(headers, (Source::Cache, now), written)
    }

    fn bytes(&self) -> u32 {
        let bytes = self.begins.len() + self.labels.bytes() + OVERHEAD_BYTES;
        u32::try_from(bytes).unwrap_or(u32::MAX)
    }
}

/// The whole of an answer that begins like this.
pub(super) fn ended(begins: &str, age: u64) -> Body {
    let mut body = String::with_capacity(begins.len() + LONGEST_END);
    body.push_str(begins);
    // Writing to a string cannot fail.
    let _ = write!(body, "{age}}}");
    body.into()
}

/// The kept answers, by company and by question as it was written; `None` where none are kept.
#[derive(Clone, Debug)]
pub(crate) struct KeptAnswers(Option<Cache<(CompanyId, String), Arc<Kept>>>);

/// A name among the kept answers, to look it up by.
#[derive(Hash)]
struct Asked<'a>(CompanyId, &'a str);

impl Equivalent<(CompanyId, String)> for Asked<'_> {
    fn equivalent(&self, (company, query): &(CompanyId, String)) -> bool {
        self.0 == *company && self.1 == query
    }
}

impl KeptAnswers {
    /// Room for answers, or for none.
    pub(crate) fn new(keep: bool) -> Self {
        let weigh = |key: &(CompanyId, String), kept: &Arc<Kept>| {
            kept.bytes()
                .saturating_add(u32::try_from(key.1.len()).unwrap_or(u32::MAX))
        };
        let cache = || Cache::builder().weigher(weigh).max_capacity(MOST_BYTES);
        Self(keep.then(|| cache().build()))
    }

    /// The answer given before, if it is still the answer.
    pub(super) async fn answer(
        &self,
        app: &Application,
        (company, query): (CompanyId, &str),
    ) -> Option<Arc<Kept>> {
        let kept = self.0.as_ref()?.get(&Asked(company, query))?;
        app.still_holds(&kept.proof).await.then_some(kept)
    }

    /// Keeps an answer in place of an older one.
    pub(super) fn keep(
        &self,
        (company, query): (CompanyId, &str),
        answer: impl FnOnce() -> Option<Kept>,
    ) {
        if let Some(cache) = &self.0
            && let Some(answer) = answer()
        {
            cache.insert((company, query.to_owned()), Arc::new(answer));
        }
    }
}
