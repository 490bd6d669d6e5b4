//! Appointments: book, look, move, cancel.

pub(crate) mod cancel;
pub(crate) mod create;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod reschedule;

use axum::Json;
use axum::http::StatusCode;
use booking_application::present::AppointmentJson;
use booking_domain::appointment::SyncStatus;
use booking_domain::ports::AppointmentView;

/// An appointment as answered: `settled` once Cal.com has agreed, 202 until then.
fn answer(view: &AppointmentView, settled: StatusCode) -> (StatusCode, Json<AppointmentJson>) {
    let waiting = view.appointment.sync_status() == SyncStatus::Pending;
    let status = if waiting {
        StatusCode::ACCEPTED
    } else {
        settled
    };
    (status, Json(AppointmentJson::from(view)))
}
