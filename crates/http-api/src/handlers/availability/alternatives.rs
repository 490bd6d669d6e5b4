//! `GET /api/v1/availability/alternatives`

use axum::Json;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::response::IntoResponse;
use booking_application::AlternativesQuestion;
use booking_domain::tenant::CompanySetup;
use booking_domain::time::ZoneName;

use super::question::Subject;
use crate::dto::AlternativesJson;
use crate::etag;
use crate::extract::{Caller, Params, Read, instant};
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
    ),
    responses(
        (status = 200, body = AlternativesJson, description = "The wish and what lies near"),
        UnknownIds,
        ReadErrors,
    )
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    caller: Caller<Read>,
    params: Params,
) -> Result<impl IntoResponse, Problem> {
    let setup = state.setup_of(&caller.principal).await?;
    let (question, zone) = read(params, &setup)?;
    let found = state.app.alternatives(setup.company.id, &question).await;
    let found = found.map_err(|error| Problem::availability(&error, state.app.now()))?;
    Ok((
        [(CACHE_CONTROL, etag::ALWAYS_ASK)],
        Json(AlternativesJson::new(&found, zone)),
    ))
}

fn read(
    mut params: Params,
    setup: &CompanySetup,
) -> Result<(AlternativesQuestion, ZoneName), Problem> {
    let subject = Subject::take(&mut params, setup);
    let start = params.required("start", instant);
    let limit = params.limit(DEFAULT_LIMIT, MAX_LIMIT);
    let Some(start) = start else {
        return Err(params.refuse());
    };
    params.finish()?;
    let question = AlternativesQuestion {
        service: subject.service(setup)?.id,
        start,
        limit: limit as usize,
        staff: subject.staff,
    };
    Ok((question, subject.zone))
}
