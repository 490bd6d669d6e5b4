//! `GET /api/v1/bookings/{id}`

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

use super::written;
use crate::dto::AppointmentSchema;
use crate::etag;
use crate::extract::{AppointmentPath, Caller, NoParams, Read, appointment_not_found};
use crate::openapi::{ReadErrors, UnknownAppointment};
use crate::problem::Problem;
use crate::state::ApiState;

/// One appointment.
#[utoipa::path(
    get,
    path = "/api/v1/bookings/{id}",
    operation_id = "get_booking",
    tag = "bookings",
    security(("api_key" = ["read"])),
    params(
        ("id" = uuid::Uuid, Path, description = "The appointment"),
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of an earlier answer"),
    ),
    responses(
        (status = 200, body = AppointmentSchema, description = "The appointment", headers(
            ("ETag" = String, description = "Validator of this answer, begins with the version"),
        )),
        (status = 304, description = "Still what the `ETag` stands for"),
        UnknownAppointment,
        ReadErrors,
    )
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    caller: Caller<Read>,
    _: NoParams,
    AppointmentPath(id): AppointmentPath,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let found = state.app.appointment(caller.principal.company, id).await;
    let view = found
        .map_err(Problem::store)?
        .ok_or_else(appointment_not_found)?;
    let (body, etag) = written(&view)?;
    Ok(etag::conditional(&headers, &etag, etag::ALWAYS_ASK, || {
        body.into()
    }))
}
