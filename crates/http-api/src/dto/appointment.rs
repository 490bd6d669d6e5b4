//! The appointment in the API's description. What is sent is [`AppointmentJson`]: every entry point
//! shows an appointment with the same words. A test keeps the two alike.
//!
//! [`AppointmentJson`]: booking_application::present::AppointmentJson

use std::collections::BTreeMap;

use utoipa::ToSchema;

/// An appointment.
#[derive(ToSchema)]
#[schema(as = Appointment)]
#[expect(dead_code, reason = "describes the answer in the API's description")]
pub(crate) struct AppointmentSchema {
    /// UUIDv7.
    #[schema(format = Uuid)]
    id: String,
    company_id: i64,
    branch_id: Option<i64>,
    service_id: i64,
    /// Who performs it, once Cal.com has chosen, else as wished.
    staff_id: Option<i64>,
    customer: CustomerSchema,
    /// In the offset of `time_zone`.
    #[schema(format = DateTime)]
    starts_at: String,
    #[schema(format = DateTime)]
    ends_at: String,
    /// IANA name of the zone the customer thinks in.
    time_zone: String,
    status: StatusWord,
    sync_status: SyncStatusWord,
    /// Where the last change began.
    sync_origin: OriginWord,
    /// Why Cal.com does not agree yet.
    sync_error: Option<String>,
    requires_manual_review: bool,
    #[schema(format = DateTime)]
    manual_review_flagged_at: Option<String>,
    calcom_booking_uid: Option<String>,
    /// Where it was booked.
    booking_source: OriginWord,
    created_by: String,
    rescheduled_by: Option<String>,
    cancelled_by: Option<String>,
    cancellation_reason: Option<String>,
    notes: Option<String>,
    metadata: BTreeMap<String, String>,
    /// Grows with every change.
    version: i64,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
}

/// Who it is for; null after erasure.
#[derive(ToSchema)]
#[schema(as = Customer)]
#[expect(dead_code, reason = "describes the answer in the API's description")]
pub(crate) struct CustomerSchema {
    id: i64,
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
}

/// The state of an appointment.
#[derive(ToSchema)]
#[schema(as = AppointmentStatus, rename_all = "snake_case")]
#[expect(dead_code, reason = "describes the answer in the API's description")]
pub(crate) enum StatusWord {
    Pending,
    Scheduled,
    Confirmed,
    Cancelled,
    Completed,
    NoShow,
}

/// Whether Cal.com agrees.
#[derive(ToSchema)]
#[schema(as = SyncStatus, rename_all = "snake_case")]
#[expect(dead_code, reason = "describes the answer in the API's description")]
pub(crate) enum SyncStatusWord {
    Pending,
    Synced,
    Failed,
    NotRequired,
}

/// Where something began.
#[derive(ToSchema)]
#[schema(as = Origin, rename_all = "snake_case")]
#[expect(dead_code, reason = "describes the answer in the API's description")]
pub(crate) enum OriginWord {
    Calcom,
    Retell,
    Admin,
    Api,
    System,
}
