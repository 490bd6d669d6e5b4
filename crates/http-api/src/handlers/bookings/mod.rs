//! Appointments: book, look, move, cancel.

pub(crate) mod cancel;
pub(crate) mod create;
pub(crate) mod get;
pub(crate) mod history;
pub(crate) mod list;
pub(crate) mod reschedule;

use axum::http::header::{CONTENT_TYPE, ETAG};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use booking_application::Terms;
use booking_application::present::AppointmentJson;
use booking_domain::ids::AppointmentId;
use booking_domain::ports::AppointmentView;

use crate::etag;
use crate::extract::{idempotency, if_match};
use crate::problem::Problem;

const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const YES: HeaderValue = HeaderValue::from_static("true");

/// An appointment as it is written, with its validator.
fn written(view: &AppointmentView) -> Result<(Vec<u8>, HeaderValue), Problem> {
    let body = serde_json::to_vec(&AppointmentJson::from(view)).map_err(|_| Problem::internal())?;
    // The customer's name can change without a new version of the appointment.
    let digest = etag::digest([&body[..]]);
    let etag = format!("\"{}-{}\"", view.appointment.version(), &digest[..8]);
    Ok((body, etag::value(etag)))
}

/// An appointment as the answer to a command: `settled` once Cal.com has agreed, 202 until then.
fn answer(
    view: &AppointmentView,
    settled: StatusCode,
    replayed: bool,
) -> Result<Response, Problem> {
    let status = match view.appointment.sync_status().is_settled() {
        true => settled,
        false => StatusCode::ACCEPTED,
    };
    respond(view, status, replayed)
}

fn respond(
    view: &AppointmentView,
    status: StatusCode,
    replayed: bool,
) -> Result<Response, Problem> {
    let (body, etag) = written(view)?;
    let mut response = (status, [(CONTENT_TYPE, JSON), (ETAG, etag)], body).into_response();
    if replayed {
        response.headers_mut().insert(REPLAYED, YES);
    }
    Ok(response)
}

/// A refusal, marked if it is that of an earlier command.
fn refusal(problem: Problem, replayed: bool) -> Problem {
    if replayed {
        problem.header(REPLAYED, YES)
    } else {
        problem
    }
}

/// Under which terms an appointment is to be changed; `raw` is the body as it was sent.
fn terms(
    headers: &HeaderMap,
    (command, id): (&str, AppointmentId),
    raw: &[u8],
) -> Result<Terms, Problem> {
    let operation = format!("POST /api/v1/bookings/{id}/{command}");
    Ok(Terms {
        expected: if_match(headers)?,
        idempotency: idempotency(headers, &operation, raw)?,
        ..Terms::default()
    })
}
