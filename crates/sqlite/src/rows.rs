//! The columns of an appointment, there and back. What they mean is said in the domain's
//! `AppointmentRecord`.

use std::sync::LazyLock;

use booking_domain::appointment::{Appointment, AppointmentRecord, StateName, SyncStatus};
use booking_domain::ids::{
    AppointmentId, BookingUid, BranchId, CustomerId, EventTypeId, ServiceId, StaffId,
};
use booking_domain::origin::SyncOrigin;
use booking_domain::ports::StoreError;
use booking_domain::time::TimeRange;
use rusqlite::types::Value;

use crate::error::corrupt;
use crate::statements::{Columns, json, micros, text};

/// In the order of [`values`]. The first two name the row.
const COLUMNS: [&str; 35] = [
    "company_id",
    "id",
    "branch_id",
    "service_id",
    "event_type_id",
    "customer_id",
    "wanted_staff_id",
    "staff_id",
    "starts_at",
    "ends_at",
    "reschedule_starts_at",
    "reschedule_ends_at",
    "time_zone",
    "state",
    "booking_uid",
    "booking_source",
    "sync_origin",
    "sync_status",
    "sync_error",
    "review_reason",
    "review_flagged_at",
    "created_by",
    "rescheduled_by",
    "cancelled_by",
    "cancelled_at",
    "cancelled_origin",
    "cancellation_reason",
    "notes",
    "metadata",
    "remote_changed_at",
    "version",
    "created_at",
    "updated_at",
    "accepted_before",
    "reschedule_reason",
];

/// Writes a new row; changes nothing if there is one.
pub(crate) static INSERT: LazyLock<String> = LazyLock::new(|| {
    format!(
        "INSERT INTO appointments ({}) VALUES ({}) ON CONFLICT (company_id, id) DO NOTHING",
        COLUMNS.join(", "),
        placeholders()
    )
});

/// Replaces the row whose version is the last parameter.
pub(crate) static UPDATE: LazyLock<String> = LazyLock::new(|| {
    format!(
        "UPDATE appointments SET ({}) = ({})
         WHERE company_id = ?1 AND id = ?2 AND version = ?{}",
        COLUMNS.join(", "),
        placeholders(),
        COLUMNS.len() + 1
    )
});

fn placeholders() -> String {
    let numbered = (1..=COLUMNS.len()).map(|at| format!("?{at}"));
    numbered.collect::<Vec<_>>().join(", ")
}

/// The row of a record, in the order of [`COLUMNS`].
pub(crate) fn values(record: AppointmentRecord) -> Result<Vec<Value>, StoreError> {
    let moved = record.reschedule_to;
    Ok(vec![
        record.company.get().into(),
        record.id.get().as_bytes().to_vec().into(),
        record.branch.map(BranchId::get).into(),
        record.service.get().into(),
        record.event_type.map(EventTypeId::get).into(),
        record.customer.get().into(),
        record.wanted_staff.map(StaffId::get).into(),
        record.staff.map(StaffId::get).into(),
        record.range.start().unix_micros().into(),
        record.range.end().unix_micros().into(),
        micros(moved.map(|to| to.start())).into(),
        micros(moved.map(|to| to.end())).into(),
        text(record.time_zone.name()),
        text(record.state),
        record.booking_uid.map(|uid| uid.expose().to_owned()).into(),
        text(record.booking_source),
        text(record.sync_origin),
        text(record.sync_status.as_str()),
        record.sync_error.into(),
        record.review_reason.into(),
        micros(record.review_flagged_at).into(),
        record.created_by.into(),
        record.rescheduled_by.into(),
        record.cancelled_by.into(),
        micros(record.cancelled_at).into(),
        record
            .cancelled_origin
            .map(|origin| origin.to_string())
            .into(),
        record.cancellation_reason.into(),
        record.notes.into(),
        json(&record.metadata)?.into(),
        micros(record.remote_changed_at).into(),
        record.version.into(),
        record.created_at.unix_micros().into(),
        record.updated_at.unix_micros().into(),
        record.accepted_before.map(i64::from).into(),
        record.reschedule_reason.into(),
    ])
}

/// The appointment of a row.
pub(crate) fn appointment(row: &Columns<'_>) -> Result<Appointment, StoreError> {
    let record = AppointmentRecord {
        id: AppointmentId::new(row.uuid("id")?),
        company: row.company()?,
        branch: row.id_if_any("branch_id", BranchId::new)?,
        service: row.id("service_id", ServiceId::new)?,
        event_type: row.id_if_any("event_type_id", EventTypeId::new)?,
        customer: row.id("customer_id", CustomerId::new)?,
        wanted_staff: row.id_if_any("wanted_staff_id", StaffId::new)?,
        staff: row.id_if_any("staff_id", StaffId::new)?,
        range: row.range("starts_at", "ends_at")?,
        reschedule_to: reschedule_to(row)?,
        reschedule_reason: row.get("reschedule_reason")?,
        accepted_before: row.get("accepted_before")?,
        time_zone: row.parsed("time_zone", |name| name.parse().ok())?,
        state: row.parsed("state", StateName::parse)?,
        booking_uid: row.parsed_if_any("booking_uid", BookingUid::parse)?,
        booking_source: row.parsed("booking_source", SyncOrigin::parse)?,
        sync_origin: row.parsed("sync_origin", SyncOrigin::parse)?,
        sync_status: row.parsed("sync_status", SyncStatus::parse)?,
        sync_error: row.get("sync_error")?,
        review_reason: row.get("review_reason")?,
        review_flagged_at: row.instant_if_any("review_flagged_at")?,
        created_by: row.get("created_by")?,
        rescheduled_by: row.get("rescheduled_by")?,
        cancelled_by: row.get("cancelled_by")?,
        cancelled_at: row.instant_if_any("cancelled_at")?,
        cancelled_origin: row.parsed_if_any("cancelled_origin", SyncOrigin::parse)?,
        cancellation_reason: row.get("cancellation_reason")?,
        notes: row.get("notes")?,
        metadata: row.json("metadata")?,
        remote_changed_at: row.instant_if_any("remote_changed_at")?,
        version: row.get("version")?,
        created_at: row.instant("created_at")?,
        updated_at: row.instant("updated_at")?,
    };
    record
        .restore()
        .map_err(|error| corrupt("the table of appointments", error))
}

fn reschedule_to(row: &Columns<'_>) -> Result<Option<TimeRange>, StoreError> {
    match row.instant_if_any("reschedule_starts_at")? {
        None => Ok(None),
        Some(_) => row
            .range("reschedule_starts_at", "reschedule_ends_at")
            .map(Some),
    }
}
