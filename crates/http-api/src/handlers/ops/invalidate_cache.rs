//! `POST /api/v1/ops/cache/invalidate`

use axum::Json;
use axum::extract::State;
use booking_domain::ids::EventTypeId;

use crate::dto::{InvalidateBody, RemovedJson};
use crate::extract::{Admin, Caller, JsonBody, NoParams};
use crate::openapi::{OperationErrors, UnknownEventType};
use crate::problem::Problem;
use crate::state::ApiState;

/// Forget what is free of an event type.
///
/// From the answer on no process believes an entry of the event type any more, or of one that
/// shares a host with it: the next question goes to Cal.com. The entries of the event type itself
/// are removed from the cache that all processes share. While that one cannot be reached the
/// numbers are 0, and what lies there is not believed either.
#[utoipa::path(
    post,
    path = "/api/v1/ops/cache/invalidate",
    operation_id = "invalidate_cache",
    tag = "operations",
    security(("api_key" = ["admin"])),
    request_body = InvalidateBody,
    responses(
        (status = 200, body = RemovedJson, description = "Forgotten; so many entries were removed"),
        UnknownEventType,
        OperationErrors,
    )
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    caller: Caller<Admin>,
    _: NoParams,
    body: JsonBody<InvalidateBody>,
) -> Result<Json<RemovedJson>, Problem> {
    let event_type = EventTypeId::new(body.value.event_type_id);
    let company = caller.principal.company;
    let deleted = state.app.invalidate_event_type(company, event_type).await;
    let deleted = deleted.map_err(|error| Problem::of(&error))?;
    Ok(Json(RemovedJson::from(deleted)))
}
