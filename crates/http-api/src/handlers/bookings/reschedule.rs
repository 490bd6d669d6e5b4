//! `POST /api/v1/bookings/{id}/reschedule`

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;

use super::answer;
use crate::dto::{AppointmentSchema, RescheduleBody};
use crate::extract::{AppointmentPath, Book, Caller, JsonBody, NoParams};
use crate::openapi::{CommandErrors, UnknownAppointment};
use crate::problem::Problem;
use crate::state::ApiState;

/// Move an appointment.
///
/// The new time is taken before the old one is given up. Moving to where it stands changes nothing.
#[utoipa::path(
    post,
    path = "/api/v1/bookings/{id}/reschedule",
    operation_id = "reschedule_booking",
    tag = "bookings",
    security(("api_key" = ["book"])),
    params(("id" = uuid::Uuid, Path, description = "The appointment")),
    request_body = RescheduleBody,
    responses(
        (status = 200, body = AppointmentSchema, description = "Moved"),
        (status = 202, body = AppointmentSchema, description = "The new time is held, Cal.com has \
         not answered yet; until then the old time stands"),
        UnknownAppointment,
        CommandErrors,
    )
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    caller: Caller<Book>,
    _: NoParams,
    AppointmentPath(id): AppointmentPath,
    body: JsonBody<RescheduleBody>,
) -> Result<impl IntoResponse, Problem> {
    let zone = state.setup_of(&caller.principal).await?.company.time_zone;
    let command = body.value.command(id)?;
    let actor = state.actor(&caller.principal);
    let moved = state.app.reschedule_appointment(actor, command).await;
    let view = moved.map_err(|error| Problem::reschedule(&error, zone))?;
    Ok(answer(&view, StatusCode::OK))
}
