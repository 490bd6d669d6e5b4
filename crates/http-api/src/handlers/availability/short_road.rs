//! The short road: a question that was answered before, with a valid key, while the answer's
//! [`Proof`](booking_application::availability::Proof) holds. Whatever is not plainly that goes the
//! long road through the router, which also finds the words for what is wrong.

use axum::http::Method;
use axum::http::request::Parts;
use booking_application::availability::Source;
use booking_application::key_digest;
use booking_domain::ports::Scope;

use super::get::PATH;
use super::kept::KeptAnswers;
use crate::extract::bearer;
use crate::middleware::{Answered, CacheOutcome, Route};
use crate::state::ApiState;

pub(crate) struct ShortRoad {
    state: ApiState,
    kept: KeptAnswers,
}

impl ShortRoad {
    pub(crate) const fn new(state: ApiState, kept: KeptAnswers) -> Self {
        Self { state, kept }
    }

    /// The answer given before, if it is still the answer to this request.
    pub(crate) async fn answer(&self, head: &Parts) -> Option<Answered> {
        if head.uri.path() != PATH || head.method != Method::GET {
            return None;
        }
        let app = &self.state.app;
        let digest = key_digest(bearer(&head.headers)?);
        let caller = app.authenticate(&digest).await.ok()??;
        if !caller.allows(Scope::Read) {
            return None;
        }
        let asked = (caller.company, head.uri.query().unwrap_or_default());
        let kept = self.kept.answer(app, asked).await?;
        Some(Answered {
            response: kept.respond(&head.headers, app.now()),
            route: Route::Named(PATH),
            cache: Some(CacheOutcome(Source::Cache.as_str())),
        })
    }
}
