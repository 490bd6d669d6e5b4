//! `POST /api/v1/ops/reviews/{id}/resolve`

use axum::Json;
use axum::extract::State;

use crate::dto::{ResolveBody, ReviewJson};
use crate::extract::{Admin, Caller, JsonBody, NoParams, ReviewPath};
use crate::openapi::{OperationErrors, UnknownReview};
use crate::problem::Problem;
use crate::state::ApiState;

/// Answer a question.
///
/// Counts once. `retry` and `keep_local` set going again what was given up for the appointment, and
/// look first where its outcome is unknown; `keep_calcom` takes over what stands at Cal.com, and
/// gives up what does not.
#[utoipa::path(
    post,
    path = "/api/v1/ops/reviews/{id}/resolve",
    operation_id = "resolve_review",
    tag = "operations",
    security(("api_key" = ["admin"])),
    params(("id" = uuid::Uuid, Path, description = "The question")),
    request_body = ResolveBody,
    responses(
        (status = 200, body = ReviewJson, description = "Answered"),
        UnknownReview,
        OperationErrors,
    )
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    caller: Caller<Admin>,
    _: NoParams,
    ReviewPath(id): ReviewPath,
    body: JsonBody<ResolveBody>,
) -> Result<Json<ReviewJson>, Problem> {
    let answer = body.value.answer(id)?;
    let actor = state.actor(&caller.principal);
    let resolved = state.app.resolve_review(&actor, answer).await;
    let resolved = resolved.map_err(|error| Problem::of(&error))?;
    Ok(Json(ReviewJson::from(&resolved)))
}
