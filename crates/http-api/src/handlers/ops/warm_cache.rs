//! `POST /api/v1/ops/cache/warm`

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use crate::dto::{WarmBody, WishedJson};
use crate::extract::{Admin, Caller, NoParams, OptionalJson};
use crate::openapi::OperationErrors;
use crate::problem::Problem;
use crate::state::ApiState;

/// Fetch the next days before somebody asks for them.
///
/// One window per event type of the company is put on the list of the process that answers, which
/// fetches them one after the other, as fast as the share of Cal.com's limit allows that is set
/// aside for it. What is in the cache already is not fetched again. The body may be left out.
#[utoipa::path(
    post,
    path = "/api/v1/ops/cache/warm",
    operation_id = "warm_cache",
    tag = "operations",
    security(("api_key" = ["admin"])),
    request_body = Option<WarmBody>,
    responses(
        (status = 202, body = WishedJson, description = "On the list"),
        OperationErrors,
    )
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    caller: Caller<Admin>,
    _: NoParams,
    OptionalJson { value: body, .. }: OptionalJson<WarmBody>,
) -> Result<(StatusCode, Json<WishedJson>), Problem> {
    let days = body.days()?;
    let wished = state.app.wish_for_days(caller.principal.company, days);
    let windows = wished.await.map_err(Problem::store)?;
    Ok((StatusCode::ACCEPTED, Json(WishedJson { windows })))
}
