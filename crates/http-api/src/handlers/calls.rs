//! `GET /api/v1/calls` and `GET /api/v1/calls/{id}`

use axum::Json;
use axum::extract::State;
use booking_domain::ids::AppointmentId;
use booking_domain::ports::{CallFilter, Scope};

use crate::dto::{CallJson, CallPageJson, read_call_cursor};
use crate::extract::{Bound, CallPath, Caller, NoParams, Params, Read, call_not_found};
use crate::openapi::{ReadErrors, UnknownCall};
use crate::problem::Problem;
use crate::state::ApiState;

/// Calls of voice agents.
///
/// The latest first, as far as they are kept. Who called and what was said is told to a key of scope
/// `admin` only: the number here, the rest with the single call.
#[utoipa::path(
    get,
    path = "/api/v1/calls",
    operation_id = "list_calls",
    tag = "calls",
    security(("api_key" = ["read"])),
    params(
        ("from" = Option<String>, Query, description = "Begun on this date or instant, or later"),
        ("to" = Option<String>, Query, description = "Begun before the end of this date, or before \
         this instant"),
        ("appointment_id" = Option<uuid::Uuid>, Query, description = "In which this appointment was \
         made, moved or cancelled"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 200, description = "50 if absent"),
        ("cursor" = Option<String>, Query, description = "The `next_cursor` of the page before"),
    ),
    responses(
        (status = 200, body = CallPageJson, description = "A page"),
        ReadErrors,
    )
)]
pub(crate) async fn list(
    State(state): State<ApiState>,
    caller: Caller<Read>,
    mut params: Params,
) -> Result<Json<CallPageJson>, Problem> {
    let setup = state.setup_of(&caller.principal).await?;
    let zone = setup.company.time_zone;
    let filter = CallFilter {
        from: params.read("from", Bound::parse).map(|it| it.start(zone)),
        to: params.read("to", Bound::parse).map(|it| it.end(zone)),
        appointment: params.parse::<AppointmentId>("appointment_id", "the id of an appointment"),
    };
    let limit = params.page_size();
    let no_cursor = "is not a next_cursor of this list";
    let after = params.read("cursor", |text| read_call_cursor(text).ok_or(no_cursor));
    params.finish()?;
    if let (Some(from), Some(to)) = (filter.from, filter.to)
        && to <= from
    {
        return Err(Problem::new("invalid_range", "`to` must lie after `from`"));
    }
    let company = setup.company.id;
    let page = state
        .app
        .voice_calls(company, &filter, after.as_ref(), limit);
    let page = page.await.map_err(Problem::store)?;
    let all = caller.principal.allows(Scope::Admin);
    Ok(Json(CallPageJson::new(page, all)))
}

/// One call.
///
/// With a key of scope `admin` also who called and, where the caller has agreed and the company
/// keeps it, what was said.
#[utoipa::path(
    get,
    path = "/api/v1/calls/{id}",
    operation_id = "get_call",
    tag = "calls",
    security(("api_key" = ["read"])),
    params(("id" = String, Path, description = "The platform's id of the call")),
    responses(
        (status = 200, body = CallJson, description = "The call"),
        UnknownCall,
        ReadErrors,
    )
)]
pub(crate) async fn get(
    State(state): State<ApiState>,
    caller: Caller<Read>,
    CallPath(id): CallPath,
    _: NoParams,
) -> Result<Json<CallJson>, Problem> {
    let found = state.app.voice_call(caller.principal.company, &id).await;
    let found = found.map_err(Problem::store)?.ok_or_else(call_not_found)?;
    let all = caller.principal.allows(Scope::Admin);
    Ok(Json(CallJson::new(found, all)))
}
