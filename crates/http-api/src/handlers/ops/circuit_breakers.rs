//! `GET /api/v1/ops/circuit-breakers`

use axum::Json;
use axum::extract::State;

use crate::dto::CircuitBreakerJson;
use crate::extract::{Admin, Caller, NoParams};
use crate::openapi::ReadErrors;
use crate::problem::Problem;
use crate::state::ApiState;

/// Whether Cal.com is being left alone.
///
/// The breaker of the Cal.com account of the caller's company; an empty list if it has none. Every
/// process has breakers of its own: behind a load balancer, two requests may be answered
/// differently. The metrics (`/metrics`) are of all accounts together.
#[utoipa::path(
    get,
    path = "/api/v1/ops/circuit-breakers",
    operation_id = "list_circuit_breakers",
    tag = "operations",
    security(("api_key" = ["admin"])),
    responses(
        (status = 200, body = Vec<CircuitBreakerJson>, description = "The breakers"),
        ReadErrors,
    )
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    caller: Caller<Admin>,
    _: NoParams,
) -> Result<Json<Vec<CircuitBreakerJson>>, Problem> {
    let breakers = state.app.circuit_breakers(caller.principal.company).await;
    let breakers = breakers.map_err(Problem::store)?;
    Ok(Json(
        breakers.iter().map(CircuitBreakerJson::from).collect(),
    ))
}
