//! Why somebody was not answered, and what they are told: next to nothing.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use booking_domain::ports::StoreError;

/// Why somebody was not answered.
#[derive(Debug)]
pub(crate) enum Refused {
    /// For whatever reason: the sender is not told which.
    Unauthorized(&'static str),
    /// The API key does not cover it.
    Forbidden,
    /// The store does not answer at the moment.
    Unavailable(StoreError),
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::Unavailable(error)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        match self {
            Self::Unauthorized(why) => {
                tracing::info!(why, "a request was not let in");
                let mut response =
                    problem(StatusCode::UNAUTHORIZED, "unauthorized", "Unauthorized");
                let challenge = HeaderValue::from_static(r#"Bearer realm="booking-gateway""#);
                let headers = response.headers_mut();
                headers.insert(header::WWW_AUTHENTICATE, challenge);
                response
            }
            Self::Forbidden => problem(StatusCode::FORBIDDEN, "forbidden", "Forbidden"),
            Self::Unavailable(error) => {
                tracing::error!(%error, "nobody can be answered at the moment");
                problem(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "unavailable",
                    "Unavailable",
                )
            }
        }
    }
}

/// Small, one level deep and without a reason: what stands here enters a model's prompt.
fn problem(status: StatusCode, code: &str, title: &str) -> Response {
    let number = status.as_u16();
    let body =
        format!(r#"{{"type":"about:blank","title":"{title}","status":{number},"code":"{code}"}}"#);
    let kind = (header::CONTENT_TYPE, "application/problem+json");
    (status, [kind], body).into_response()
}
