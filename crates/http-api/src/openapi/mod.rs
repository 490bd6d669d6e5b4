//! The description of the API, made from the handlers themselves.

mod cache_headers;
mod docs;
mod responses;

use std::sync::OnceLock;

use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::{Modify, OpenApi};

pub(crate) use docs::routes as docs_routes;
pub(crate) use responses::{
    CampaignErrors, ChangeErrors, CommandErrors, JobErrors, OperationErrors, ReadErrors,
    UnknownAppointment, UnknownCall, UnknownCampaign, UnknownCustomer, UnknownEventType,
    UnknownIds, UnknownProblem, UnknownReview, WebhookErrors,
};

use crate::dto::ProblemDocument;
use crate::problem::Problem;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Booking Gateway",
        description = "Appointments in front of Cal.com: free slots that are provably fresh, \
            bookings that are never doubled and never lost.\n\nTimes are RFC 3339 with an offset, \
            ids of appointments UUIDv7, all others integers. Failures are problem documents \
            (RFC 9457). Unknown fields and parameters are refused. Every answer carries \
            `x-request-id`; clients are limited by address (`RateLimit`, `Retry-After`).",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    tags(
        (name = "availability", description = "What is free"),
        (name = "bookings", description = "Book, look, move, cancel"),
        (name = "calls", description = "What voice agents were called for"),
        (name = "campaigns", description = "What is told to many who agreed to it"),
        (name = "messages", description = "Pages behind links in messages"),
        (name = "webhooks", description = "News from Cal.com"),
        (name = "operations", description = "For whoever runs it"),
    ),
    components(schemas(ProblemDocument)),
    modifiers(&ApiKey),
)]
pub(crate) struct Description;

/// The security scheme.
struct ApiKey;

impl Modify for ApiKey {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let mut bearer = Http::new(HttpAuthScheme::Bearer);
        bearer.bearer_format = Some("bk_…".to_owned());
        let words = "An API key of one company, with the scopes `read`, `book` or `admin`; each \
            covers the ones before it";
        bearer.description = Some(words.to_owned());
        let components = openapi.components.get_or_insert_default();
        components.add_security_scheme("api_key", SecurityScheme::Http(bearer));
    }
}

/// The description of the HTTP API (OpenAPI 3.1).
pub fn openapi() -> utoipa::openapi::OpenApi {
    let mut api = crate::router::documented().into_openapi();
    cache_headers::describe(&mut api);
    api
}

/// The description of this API.
#[utoipa::path(
    get,
    path = "/openapi.json",
    operation_id = "openapi",
    tag = "operations",
    responses((status = 200, body = Object, description = "OpenAPI 3.1"))
)]
pub(crate) async fn handler() -> Result<impl IntoResponse, Problem> {
    static TEXT: OnceLock<Option<Bytes>> = OnceLock::new();
    let text = TEXT.get_or_init(|| serde_json::to_vec(&openapi()).map(Bytes::from).ok());
    let text = text.clone().ok_or_else(Problem::internal)?;
    Ok(([(CONTENT_TYPE, "application/json")], text))
}
