//! `POST /api/v1/bookings`

use axum::extract::State;
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;

use super::{answer, refusal};
use crate::dto::{AppointmentSchema, NewBooking};
use crate::extract::{Book, Caller, JsonBody, NoParams, idempotency};
use crate::openapi::{CommandErrors, UnknownIds};
use crate::problem::Problem;
use crate::state::ApiState;

/// Book an appointment.
///
/// The slot is held here first, then booked at Cal.com. With an `Idempotency-Key` the same request
/// may be sent again: it books once and is answered alike, with `Idempotency-Replayed: true`.
#[utoipa::path(
    post,
    path = "/api/v1/bookings",
    operation_id = "create_booking",
    tag = "bookings",
    security(("api_key" = ["book"])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Names the wish: a repeat \
        under the same key is the same booking")),
    request_body = NewBooking,
    responses(
        (status = 201, body = AppointmentSchema, description = "Booked", headers(
            ("Location" = String, description = "Where the appointment can be read"),
            ("ETag" = String, description = "Validator, for `If-Match`"),
            ("Idempotency-Replayed" = String, description = "`true` on a repeat"),
        )),
        (status = 202, body = AppointmentSchema, description = "The slot is held, Cal.com has not \
         answered yet (`sync_status` is `pending`)", headers(
            ("Location" = String, description = "Where the appointment can be read"),
        )),
        UnknownIds,
        CommandErrors,
    )
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    caller: Caller<Book>,
    _: NoParams,
    headers: HeaderMap,
    body: JsonBody<NewBooking>,
) -> Result<Response, Problem> {
    let zone = state.setup_of(&caller.principal).await?.company.time_zone;
    let key = idempotency(&headers, "POST /api/v1/bookings", &body.raw)?;
    let command = body.value.command(zone, key)?;
    let actor = state.actor(&caller.principal);
    let booked = match state.app.book_appointment(actor, command).await {
        Ok(booked) => booked,
        Err(error) => {
            let (error, replayed) = error.first();
            return Err(refusal(Problem::booking(&error, zone), replayed));
        }
    };
    let mut response = answer(&booked.view, StatusCode::CREATED, booked.replayed)?;
    let location = format!("/api/v1/bookings/{}", booked.view.appointment.id());
    if let Ok(location) = HeaderValue::try_from(location) {
        response.headers_mut().insert(LOCATION, location);
    }
    Ok(response)
}
