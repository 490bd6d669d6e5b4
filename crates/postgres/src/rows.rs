//! Between columns and domain types.

use std::collections::BTreeMap;

use booking_domain::appointment::{Appointment, AppointmentRecord, StateName, SyncStatus};
use booking_domain::availability::Resource;
use booking_domain::ids::{
    AppointmentId, BookingUid, BranchId, CompanyId, CustomerId, EventTypeId, ServiceId, StaffId,
};
use booking_domain::origin::SyncOrigin;
use booking_domain::ports::StoreError;
use booking_domain::time::{Instant, TimeRange};
use chrono::{DateTime, Utc};
use sqlx::types::Json;
use uuid::Uuid;

use crate::error::corrupt;

/// A moment as a column has it.
pub(crate) fn to_db(at: Instant) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(at.unix_micros())
        .expect("an instant keeps to the years 1 to 9999, which chrono has")
}

/// A moment from a column.
pub(crate) fn from_db(at: DateTime<Utc>) -> Result<Instant, StoreError> {
    Instant::from_unix_micros(at.timestamp_micros()).map_err(|error| corrupt("a time", error))
}

/// A range from two columns.
pub(crate) fn range(start: DateTime<Utc>, end: DateTime<Utc>) -> Result<TimeRange, StoreError> {
    TimeRange::new(from_db(start)?, from_db(end)?).map_err(|error| corrupt("a range", error))
}

/// A resource as three columns: kind, id and unit.
pub(crate) const fn resource_columns(resource: Resource) -> (i16, i64, i32) {
    match resource {
        Resource::Staff(person) => (STAFF, person.get(), 0),
        Resource::Place(service, place) => (PLACE, service.get(), place.cast_signed()),
    }
}

const STAFF: i16 = 1;
const PLACE: i16 = 2;

/// A resource from three columns.
pub(crate) fn resource(kind: i16, id: i64, unit: i32) -> Result<Resource, StoreError> {
    match kind {
        STAFF => Ok(Resource::Staff(StaffId::new(id))),
        PLACE => Ok(Resource::Place(ServiceId::new(id), unit.cast_unsigned())),
        other => Err(corrupt("live_claims", format!("resource kind {other}"))),
    }
}

/// A word from a column, through the domain's own reader.
pub(crate) fn word<T>(
    place: &str,
    text: &str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<T, StoreError> {
    parse(text).ok_or_else(|| corrupt(place, format!("'{text}' is not a known word")))
}

/// One row of `appointments`, all columns.
#[derive(sqlx::FromRow)]
pub(crate) struct AppointmentRow {
    pub(crate) company_id: i64,
    pub(crate) id: Uuid,
    pub(crate) branch_id: Option<i64>,
    pub(crate) service_id: i64,
    pub(crate) event_type_id: Option<i64>,
    pub(crate) customer_id: i64,
    pub(crate) wanted_staff_id: Option<i64>,
    pub(crate) staff_id: Option<i64>,
    pub(crate) starts_at: DateTime<Utc>,
    pub(crate) ends_at: DateTime<Utc>,
    pub(crate) reschedule_starts_at: Option<DateTime<Utc>>,
    pub(crate) reschedule_ends_at: Option<DateTime<Utc>>,
    pub(crate) reschedule_reason: Option<String>,
    pub(crate) accepted_before: Option<bool>,
    pub(crate) time_zone: String,
    pub(crate) state: String,
    pub(crate) booking_uid: Option<String>,
    pub(crate) booking_source: String,
    pub(crate) sync_origin: String,
    pub(crate) sync_status: String,
    pub(crate) sync_error: Option<String>,
    pub(crate) review_reason: Option<String>,
    pub(crate) review_flagged_at: Option<DateTime<Utc>>,
    pub(crate) created_by: String,
    pub(crate) rescheduled_by: Option<String>,
    pub(crate) cancelled_by: Option<String>,
    pub(crate) cancelled_at: Option<DateTime<Utc>>,
    pub(crate) cancelled_origin: Option<String>,
    pub(crate) cancellation_reason: Option<String>,
    pub(crate) notes: Option<String>,
    pub(crate) metadata: Json<BTreeMap<String, String>>,
    pub(crate) remote_changed_at: Option<DateTime<Utc>>,
    pub(crate) version: i64,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
}

impl AppointmentRow {
    /// The appointment; [`StoreError::Corrupt`] if no state could have written the row.
    pub(crate) fn restore(self) -> Result<Appointment, StoreError> {
        let id = self.id;
        self.record()
            .and_then(|record| {
                record
                    .restore()
                    .map_err(|error| corrupt("appointments", error))
            })
            .map_err(|error| match error {
                StoreError::Corrupt { place, source } => StoreError::Corrupt {
                    place: format!("{place} of appointment {id}"),
                    source,
                },
                other => other,
            })
    }

    fn record(self) -> Result<AppointmentRecord, StoreError> {
        let origin = |text: &str| word("an origin", text, SyncOrigin::parse);
        let uid = |text: String| {
            BookingUid::parse(&text).ok_or_else(|| corrupt("booking_uid", "not a uid"))
        };
        let reschedule_to = match self.reschedule_starts_at.zip(self.reschedule_ends_at) {
            Some((start, end)) => Some(range(start, end)?),
            None => None,
        };
        Ok(AppointmentRecord {
            id: AppointmentId::new(self.id),
            company: CompanyId::new(self.company_id),
            branch: self.branch_id.map(BranchId::new),
            service: ServiceId::new(self.service_id),
            event_type: self.event_type_id.map(EventTypeId::new),
            customer: CustomerId::new(self.customer_id),
            wanted_staff: self.wanted_staff_id.map(StaffId::new),
            staff: self.staff_id.map(StaffId::new),
            range: range(self.starts_at, self.ends_at)?,
            reschedule_to,
            reschedule_reason: self.reschedule_reason,
            accepted_before: self.accepted_before,
            time_zone: self
                .time_zone
                .parse()
                .map_err(|error| corrupt("time_zone", error))?,
            state: word("state", &self.state, StateName::parse)?,
            booking_uid: self.booking_uid.map(uid).transpose()?,
            booking_source: origin(&self.booking_source)?,
            sync_origin: origin(&self.sync_origin)?,
            sync_status: word("sync_status", &self.sync_status, SyncStatus::parse)?,
            sync_error: self.sync_error,
            review_reason: self.review_reason,
            review_flagged_at: self.review_flagged_at.map(from_db).transpose()?,
            created_by: self.created_by,
            rescheduled_by: self.rescheduled_by,
            cancelled_by: self.cancelled_by,
            cancelled_at: self.cancelled_at.map(from_db).transpose()?,
            cancelled_origin: self.cancelled_origin.as_deref().map(origin).transpose()?,
            cancellation_reason: self.cancellation_reason,
            notes: self.notes,
            metadata: self.metadata.0,
            remote_changed_at: self.remote_changed_at.map(from_db).transpose()?,
            version: self.version,
            created_at: from_db(self.created_at)?,
            updated_at: from_db(self.updated_at)?,
        })
    }
}
