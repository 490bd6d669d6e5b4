//! `POST /api/v1/bookings/{id}/cancel`

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::{respond, terms};
use crate::dto::{AppointmentSchema, CancelBody};
use crate::extract::{AppointmentPath, Book, Caller, NoParams, OptionalJson};
use crate::openapi::{ChangeErrors, CommandErrors, UnknownAppointment};
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
    params(
        ("id" = uuid::Uuid, Path, description = "The appointment"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of an earlier answer: change \
         nothing if the appointment has changed since"),
        ("Idempotency-Key" = Option<String>, Header, description = "Names the wish: a repeat under \
         the same key is the same change"),
    ),
    request_body = Option<CancelBody>,
    responses(
        (status = 200, body = AppointmentSchema, description = "Cancelled"),
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
    body: OptionalJson<CancelBody>,
) -> Result<Response, Problem> {
    let terms = terms(&headers, ("cancel", id), &body.raw)?;
    let command = body.value.command(id, terms)?;
    let actor = state.actor(&caller.principal);
    let cancelled = state.app.cancel_appointment(actor, command).await;
    let cancelled = cancelled.map_err(|error| Problem::of(&error))?;
    respond(&cancelled.view, StatusCode::OK, cancelled.replayed)
}
