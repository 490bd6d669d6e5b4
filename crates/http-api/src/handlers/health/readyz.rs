//! `GET /readyz`

use axum::Json;
use axum::extract::State;

use super::store_is_up;
use crate::dto::{ProblemDocument, StatusJson};
use crate::problem::Problem;
use crate::state::ApiState;

/// Whether requests are welcome; if not, `missing` says why: `store`, or `draining` on the way out.
#[utoipa::path(
    get,
    path = "/readyz",
    operation_id = "readyz",
    tag = "operations",
    responses(
        (status = 200, body = StatusJson, description = "Ready"),
        (status = 503, body = ProblemDocument, content_type = "application/problem+json",
         description = "Not ready"),
    )
)]
pub(crate) async fn handler(State(state): State<ApiState>) -> Result<Json<StatusJson>, Problem> {
    let mut missing = Vec::new();
    if state.readiness.is_draining() {
        missing.push("draining");
    }
    if !store_is_up(&state.app).await {
        missing.push("store");
    }
    if missing.is_empty() {
        return Ok(Json(StatusJson { status: "ready" }));
    }
    let detail = format!("not ready: {}", missing.join(", "));
    Err(Problem::new("not_ready", detail)
        .missing(missing)
        .retry_after(1))
}
