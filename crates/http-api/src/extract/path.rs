//! Ids in the path: what is malformed is not found.

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use booking_domain::ids::AppointmentId;

use crate::problem::Problem;

/// The appointment that the path names.
pub(crate) struct AppointmentPath(pub(crate) AppointmentId);

impl<S: Send + Sync> FromRequestParts<S> for AppointmentPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let params = RawPathParams::from_request_parts(parts, state).await.ok();
        let id = params
            .as_ref()
            .and_then(|it| it.iter().find(|(name, _)| *name == "id"));
        id.and_then(|(_, text)| parse(text))
            .map(Self)
            .ok_or_else(not_found)
    }
}

/// Only the usual form with hyphens: one appointment, one address.
fn parse(text: &str) -> Option<AppointmentId> {
    (text.len() == 36).then(|| text.parse().ok())?
}

/// The same words for an id that is malformed, unknown, or another company's.
pub(crate) fn not_found() -> Problem {
    Problem::new("appointment_not_found", "there is no such appointment")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling_only() {
        assert!(parse("0199cd00-0000-7000-8000-000000000001").is_some());
        for bad in [
            "",
            "1",
            "0199cd00000070008000000000000001",
            "x199cd00-0000-7000-8000-000000000001",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
