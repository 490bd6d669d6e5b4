//! The raw bytes of a body, up to the limit of the route.

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, FailedToBufferBody};
use axum::extract::{FromRequest, Request};

use crate::problem::Problem;

/// What a request to this API may weigh.
pub(crate) const MAX_BYTES: usize = 256 * 1024;

/// The body as it came.
pub(crate) struct RawBody(pub(crate) Bytes);

impl<S: Send + Sync> FromRequest<S> for RawBody {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let read = Bytes::from_request(request, state).await;
        read.map(Self).map_err(|rejection| match rejection {
            BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_)) => {
                let detail = format!("a body may have {MAX_BYTES} bytes");
                Problem::new("payload_too_large", detail)
            }
            _ => Problem::new("bad_request", "the body broke off"),
        })
    }
}
