//! `GET /api/v1/bookings/{id}/history`

use axum::Json;
use axum::extract::State;

use crate::dto::{HistoryJson, read_place};
use crate::extract::{AppointmentPath, Caller, Params, Read, appointment_not_found};
use crate::openapi::{ReadErrors, UnknownAppointment};
use crate::problem::Problem;
use crate::state::ApiState;

/// The story of an appointment.
///
/// Everything that happened to it, oldest first: its events, what was tried at Cal.com and what came
/// of it, questions to a person, messages to the customer, the audit log, the calls in which it was
/// made, moved or cancelled.
#[utoipa::path(
    get,
    path = "/api/v1/bookings/{id}/history",
    operation_id = "get_booking_history",
    tag = "bookings",
    security(("api_key" = ["read"])),
    params(
        ("id" = uuid::Uuid, Path, description = "The appointment"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 200, description = "50 if absent"),
        ("cursor" = Option<String>, Query, description = "The `next_cursor` of the page before"),
    ),
    responses(
        (status = 200, body = HistoryJson, description = "A page"),
        UnknownAppointment,
        ReadErrors,
    )
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    caller: Caller<Read>,
    AppointmentPath(id): AppointmentPath,
    mut params: Params,
) -> Result<Json<HistoryJson>, Problem> {
    let limit = params.page_size();
    let no_cursor = "is not a next_cursor of this history";
    let after = params.read("cursor", |text| read_place(text).ok_or(no_cursor));
    params.finish()?;
    let company = caller.principal.company;
    let found = state.app.history(company, id, after, limit as usize).await;
    let (entries, is_more) = found
        .map_err(Problem::store)?
        .ok_or_else(appointment_not_found)?;
    Ok(Json(HistoryJson::new(entries, is_more)))
}
