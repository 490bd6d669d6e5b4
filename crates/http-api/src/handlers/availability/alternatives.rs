//! `GET /api/v1/availability/alternatives`

use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use booking_application::{Alternatives, AlternativesQuestion};
use booking_domain::availability::SurrogateKey;
use booking_domain::ids::CompanyId;
use booking_domain::tenant::{CompanySetup, Service};
use booking_domain::time::ZoneName;

use super::labels::{Labels, surrogates};
use super::question::Subject;
use crate::dto::AlternativesJson;
use crate::etag;
use crate::extract::{Caller, Params, Read, instant};
use crate::middleware::CacheOutcome;
use crate::openapi::{ReadErrors, UnknownIds};
use crate::problem::Problem;
use crate::state::ApiState;

const DEFAULT_LIMIT: u32 = 3;
const MAX_LIMIT: u32 = 50;

/// Is a slot free, and what lies near it?
///
/// The alternatives are free slots, nearest first; the earlier of two equally near comes first.
#[utoipa::path(
    get,
    path = "/api/v1/availability/alternatives",
    operation_id = "get_alternatives",
    tag = "availability",
    security(("api_key" = ["read"])),
    params(
        ("service_id" = Option<i64>, Query, description = "The service; or give `event_type_id`"),
        ("event_type_id" = Option<i64>, Query, description = "Cal.com's number for the service"),
        ("branch_id" = Option<i64>, Query, description = "The service must be offered there"),
        ("start" = String, Query, description = "The wish: an instant with offset",
         example = "2025-10-13T08:00:00+02:00"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 50, description = "How many; 3 if \
         absent"),
        ("time_zone" = Option<String>, Query, description = "IANA name; the company's if absent"),
        ("staff_id" = Option<i64>, Query, description = "Only slots of this person"),
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of an earlier answer"),
    ),
    responses(
        (status = 200, body = AlternativesJson, description = "The wish and what lies near"),
        (status = 304, description = "Still what the `ETag` stands for"),
        UnknownIds,
        ReadErrors,
    )
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    caller: Caller<Read>,
    params: Params,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let setup = state.setup_of(&caller.principal).await?;
    let (question, service, zone) = read(params, &setup)?;
    let company = setup.company.id;
    let found = state.app.alternatives(company, &question).await;
    let now = state.app.now();
    let found = found.map_err(|error| Problem::availability(&error, now))?;
    let body = serde_json::to_vec(&AlternativesJson::new(&found, zone))
        .map_err(|_| Problem::internal())?;
    let labels = labels(&found, (company, service), &body);
    let answer = labels.answer(&headers, (found.source, now), || body.into());
    let outcome = Extension(CacheOutcome(found.source.as_str()));
    Ok((outcome, answer).into_response())
}

fn labels(found: &Alternatives, (company, service): (CompanyId, &Service), body: &[u8]) -> Labels {
    let keys = SurrogateKey::of_answer(company, service, found.days);
    Labels {
        etag: etag::value(format!("\"{}\"", etag::digest([body]))),
        caching: etag::ALWAYS_ASK,
        surrogates: surrogates(&keys),
        as_of: found.as_of,
        ends_at: found.expires_at,
    }
}

fn read(
    mut params: Params,
    setup: &CompanySetup,
) -> Result<(AlternativesQuestion, &Service, ZoneName), Problem> {
    let subject = Subject::take(&mut params, setup);
    let start = params.required("start", instant);
    let limit = params.limit(DEFAULT_LIMIT, MAX_LIMIT);
    let Some(start) = start else {
        return Err(params.refuse());
    };
    params.finish()?;
    let service = subject.service(setup)?;
    let question = AlternativesQuestion {
        service: service.id,
        start,
        limit: limit as usize,
        staff: subject.staff,
    };
    Ok((question, service, subject.zone))
}
