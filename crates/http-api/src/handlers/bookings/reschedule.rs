//! `POST /api/v1/bookings/{id}/reschedule`

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::{answer, refusal, terms};
use crate::dto::{AppointmentSchema, RescheduleBody};
use crate::extract::{AppointmentPath, Book, Caller, JsonBody, NoParams};
use crate::openapi::{ChangeErrors, CommandErrors, UnknownAppointment};
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
    params(
        ("id" = uuid::Uuid, Path, description = "The appointment"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of an earlier answer: change \
         nothing if the appointment has changed since"),
        ("Idempotency-Key" = Option<String>, Header, description = "Names the wish: a repeat under \
         the same key is the same change"),
    ),
    request_body = RescheduleBody,
    responses(
        (status = 200, body = AppointmentSchema, description = "Moved"),
        (status = 202, body = AppointmentSchema, description = "The new time is held, Cal.com has \
         not answered yet; until then the old time stands. Or the booking itself is under way \
         (`status` is `pending`): then the move waits for it, and nothing is held"),
        UnknownAppointment,
        CommandErrors,
        ChangeErrors,
    )
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    caller: Caller<Book>,
    _: NoParams,
    AppointmentPath(id): AppointmentPath,
    headers: HeaderMap,
    body: JsonBody<RescheduleBody>,
) -> Result<Response, Problem> {
    let zone = state.setup_of(&caller.principal).await?.company.time_zone;
    let terms = terms(&headers, ("reschedule", id), &body.raw)?;
    let command = body.value.command(id, terms)?;
    let actor = state.actor(&caller.principal);
    match state.app.reschedule_appointment(actor, command).await {
        Ok(moved) => answer(&moved.view, StatusCode::OK, moved.replayed),
        Err(error) => {
            let (error, replayed) = error.first();
            Err(refusal(Problem::reschedule(&error, zone), replayed))
        }
    }
}
