//! `POST /api/v1/bookings/{id}/cancel`

use axum::Json;
use axum::extract::State;
use booking_application::present::AppointmentJson;

use crate::dto::{AppointmentSchema, CancelBody};
use crate::extract::{AppointmentPath, Book, Caller, NoParams, OptionalJson};
use crate::openapi::{CommandErrors, UnknownAppointment};
use crate::problem::Problem;
use crate::state::ApiState;

/// Cancel an appointment.
///
/// The answer "cancelled" holds at once; Cal.com is told until it has let go. Cancelling again
/// changes nothing. The body may be left out.
#[utoipa::path(
    post,
    path = "/api/v1/bookings/{id}/cancel",
    operation_id = "cancel_booking",
    tag = "bookings",
    security(("api_key" = ["book"])),
    params(("id" = uuid::Uuid, Path, description = "The appointment")),
    request_body = Option<CancelBody>,
    responses(
        (status = 200, body = AppointmentSchema, description = "Cancelled"),
        UnknownAppointment,
        CommandErrors,
    )
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    caller: Caller<Book>,
    _: NoParams,
    AppointmentPath(id): AppointmentPath,
    OptionalJson(body): OptionalJson<CancelBody>,
) -> Result<Json<AppointmentJson>, Problem> {
    let command = body.command(id)?;
    let actor = state.actor(&caller.principal);
    let cancelled = state.app.cancel_appointment(actor, command).await;
    let view = cancelled.map_err(|error| Problem::of(&error))?;
    Ok(Json(AppointmentJson::from(&view)))
}
