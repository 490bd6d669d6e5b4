//! `GET /api/v1/ops/cache`

use axum::Json;
use axum::extract::State;

use crate::dto::CacheHealthJson;
use crate::extract::{Admin, Caller, NoParams};
use crate::openapi::ReadErrors;
use crate::problem::Problem;
use crate::state::ApiState;

/// How well the availability caches do.
///
/// Of the caller's company alone. What is counted is what the process that answers has seen since
/// it started: behind a load balancer, two requests may be answered by two processes. `entries` are
/// those of the cache that all processes share, where there is one. The metrics (`/metrics`) are of
/// all companies together.
#[utoipa::path(
    get,
    path = "/api/v1/ops/cache",
    operation_id = "get_cache_health",
    tag = "operations",
    security(("api_key" = ["admin"])),
    responses(
        (status = 200, body = CacheHealthJson, description = "The figures"),
        ReadErrors,
    )
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    caller: Caller<Admin>,
    _: NoParams,
) -> Result<Json<CacheHealthJson>, Problem> {
    let health = state.app.cache_health(caller.principal.company).await;
    Ok(Json(CacheHealthJson::from(
        &health.map_err(Problem::store)?,
    )))
}
