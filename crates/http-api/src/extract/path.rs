//! Ids in the path: what is malformed is not found.

use std::str::FromStr;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use booking_domain::calls::CallId;
use booking_domain::ids::{AppointmentId, CampaignId, CustomerId, JobId, ReviewId};

use crate::problem::Problem;

/// The appointment that the path names.
pub(crate) struct AppointmentPath(pub(crate) AppointmentId);

impl<S: Send + Sync> FromRequestParts<S> for AppointmentPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let id = id(parts, state).await;
        id.map(Self).ok_or_else(not_found)
    }
}

/// The job that the path names.
pub(crate) struct JobPath(pub(crate) JobId);

impl<S: Send + Sync> FromRequestParts<S> for JobPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let no_job = || Problem::new("job_not_found", "there is no such job, or it is done");
        id(parts, state).await.map(Self).ok_or_else(no_job)
    }
}

/// The question that the path names.
pub(crate) struct ReviewPath(pub(crate) ReviewId);

impl<S: Send + Sync> FromRequestParts<S> for ReviewPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let unknown = || Problem::new("review_not_found", "there is no such review");
        id(parts, state).await.map(Self).ok_or_else(unknown)
    }
}

/// The call that the path names.
pub(crate) struct CallPath(pub(crate) CallId);

impl<S: Send + Sync> FromRequestParts<S> for CallPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let text = text(parts, state).await;
        let id = text.and_then(|text| CallId::parse(&text));
        id.map(Self).ok_or_else(call_not_found)
    }
}

/// The same words for a call that is unknown, over, or another company's.
pub(crate) fn call_not_found() -> Problem {
    Problem::new(
        "call_not_found",
        "there is no such call, or it is kept no more",
    )
}

/// The campaign that the path names.
pub(crate) struct CampaignPath(pub(crate) CampaignId);

impl<S: Send + Sync> FromRequestParts<S> for CampaignPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let id = id(parts, state).await;
        id.map(Self).ok_or_else(campaign_not_found)
    }
}

/// The customer that the path names.
pub(crate) struct CustomerPath(pub(crate) CustomerId);

impl<S: Send + Sync> FromRequestParts<S> for CustomerPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let text = text(parts, state).await;
        let id = text.and_then(|text| text.parse().ok());
        id.map(Self).ok_or_else(customer_not_found)
    }
}

async fn id<T: FromStr>(parts: &mut Parts, state: &(impl Send + Sync)) -> Option<T> {
    parse(&text(parts, state).await?)
}

async fn text(parts: &mut Parts, state: &(impl Send + Sync)) -> Option<String> {
    let params = RawPathParams::from_request_parts(parts, state).await.ok()?;
    let (_, text) = params.iter().find(|(name, _)| *name == "id")?;
    Some(text.to_owned())
}

/// Only the usual form with hyphens: one thing, one address.
fn parse<T: FromStr>(text: &str) -> Option<T> {
    (text.len() == 36).then(|| text.parse().ok())?
}

/// The same words for an id that is malformed, unknown, or another company's.
pub(crate) fn not_found() -> Problem {
    Problem::new("appointment_not_found", "there is no such appointment")
}

pub(crate) fn campaign_not_found() -> Problem {
    Problem::new("campaign_not_found", "there is no such campaign")
}

pub(crate) fn customer_not_found() -> Problem {
    Problem::new("customer_not_found", "there is no such customer")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling_only() {
        assert!(parse::<JobId>("0199cd00-0000-7000-8000-000000000001").is_some());
        for bad in [
            "",
            "1",
            "0199cd00000070008000000000000001",
            "x199cd00-0000-7000-8000-000000000001",
        ] {
            assert_eq!(parse::<JobId>(bad), None, "{bad}");
        }
    }
}
