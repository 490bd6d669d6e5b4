//! `GET /livez`

use axum::Json;

use crate::dto::StatusJson;

/// The process runs. Touches nothing.
#[utoipa::path(
    get,
    path = "/livez",
    operation_id = "livez",
    tag = "operations",
    responses((status = 200, body = StatusJson, description = "Alive"))
)]
pub(crate) async fn handler() -> Json<StatusJson> {
    Json(StatusJson { status: "ok" })
}
