//! The flat form of an appointment: what every store keeps, column by column.
//!
//! The mapping between states and columns stands here once, so that two stores cannot differ.
//! A row that no state could have written is [`CorruptRecord`], never a panic.

use std::collections::BTreeMap;

use super::{Appointment, Booking, Cancellation, Placement, Review, State, StateName};
use crate::ids::{
    AppointmentId, BookingUid, BranchId, CompanyId, CustomerId, EventTypeId, ServiceId, StaffId,
};
use crate::origin::SyncOrigin;
use crate::time::{Instant, TimeRange, ZoneName};

/// One row.
#[derive(Clone, PartialEq, Eq, Debug)]
#[expect(
    missing_docs,
    reason = "the columns; see `Appointment` and design of the API"
)]
pub struct AppointmentRecord {
    pub id: AppointmentId,
    pub company: CompanyId,
    pub branch: Option<BranchId>,
    pub service: ServiceId,
    pub event_type: Option<EventTypeId>,
    pub customer: CustomerId,
    pub wanted_staff: Option<StaffId>,
    pub staff: Option<StaffId>,
    pub range: TimeRange,
    pub reschedule_to: Option<TimeRange>,
    pub reschedule_reason: Option<String>,
    /// While it is moved: whether the host had accepted the old time.
    pub accepted_before: Option<bool>,
    pub time_zone: ZoneName,
    pub state: StateName,
    pub booking_uid: Option<BookingUid>,
    pub booking_source: SyncOrigin,
    pub sync_origin: SyncOrigin,
    pub sync_status: super::SyncStatus,
    pub sync_error: Option<String>,
    pub review_reason: Option<String>,
    pub review_flagged_at: Option<Instant>,
    pub created_by: String,
    pub rescheduled_by: Option<String>,
    pub cancelled_by: Option<String>,
    pub cancelled_at: Option<Instant>,
    pub cancelled_origin: Option<SyncOrigin>,
    pub cancellation_reason: Option<String>,
    pub notes: Option<String>,
    pub metadata: BTreeMap<String, String>,
    pub remote_changed_at: Option<Instant>,
    pub version: i64,
    pub created_at: Instant,
    pub updated_at: Instant,
}

/// A row that no state could have written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("appointment {id} is stored as {state} without its {missing}")]
pub struct CorruptRecord {
    /// Which row.
    pub id: AppointmentId,
    /// The state it claims.
    pub state: StateName,
    /// What that state must have.
    pub missing: &'static str,
}

impl AppointmentRecord {
    pub(super) fn of(appointment: &Appointment) -> Self {
        let Appointment { booking, state, .. } = appointment;
        let cancel = state.cancellation();
        let (to, accepted, reason) = match state {
            State::Rescheduling {
                to,
                accepted,
                reason,
                ..
            } => (Some(*to), Some(*accepted), reason.clone()),
            _ => (None, None, None),
        };
        Self {
            id: booking.id,
            company: booking.company,
            branch: booking.branch,
            service: booking.service,
            event_type: booking.event_type,
            customer: booking.customer,
            wanted_staff: booking.wanted_staff,
            staff: state.placement().and_then(|placement| placement.staff),
            range: booking.range,
            reschedule_to: to,
            reschedule_reason: reason,
            accepted_before: accepted,
            time_zone: booking.time_zone,
            state: state.name(),
            booking_uid: state.uid().cloned(),
            booking_source: booking.origin,
            sync_origin: appointment.sync_origin,
            sync_status: appointment.sync_status(),
            sync_error: appointment.sync_error.clone(),
            review_reason: appointment
                .review
                .as_ref()
                .map(|review| review.reason.clone()),
            review_flagged_at: appointment.review.as_ref().map(|review| review.flagged_at),
            created_by: booking.by.clone(),
            rescheduled_by: appointment.rescheduled_by.clone(),
            cancelled_by: cancel.map(|cancel| cancel.by.clone()),
            cancelled_at: cancel.map(|cancel| cancel.at),
            cancelled_origin: cancel.map(|cancel| cancel.origin),
            cancellation_reason: cancel.and_then(|cancel| cancel.reason.clone()),
            notes: booking.notes.clone(),
            metadata: booking.metadata.clone(),
            remote_changed_at: appointment.remote_changed_at,
            version: appointment.version + appointment.events.len() as i64,
            created_at: appointment.created_at,
            updated_at: appointment.updated_at,
        }
    }

    fn cancellation(&self) -> Option<Cancellation> {
        Some(Cancellation {
            at: self.cancelled_at?,
            origin: self.cancelled_origin?,
            by: self.cancelled_by.clone()?,
            reason: self.cancellation_reason.clone(),
        })
    }

    fn read_state(&self) -> Result<State, CorruptRecord> {
        let missing = |missing| CorruptRecord {
            id: self.id,
            state: self.state,
            missing,
        };
        let placement = Placement {
            uid: self.booking_uid.clone(),
            staff: self.staff,
        };
        let cancel = || self.cancellation().ok_or_else(|| missing("cancellation"));
        Ok(match self.state {
            StateName::Pending => State::Pending {
                cancel: self.cancellation(),
            },
            StateName::Scheduled => State::Scheduled(placement),
            StateName::Confirmed => State::Confirmed(placement),
            StateName::Rescheduling => State::Rescheduling {
                from: placement,
                to: self.reschedule_to.ok_or_else(|| missing("new time"))?,
                // Rows from before the column was there.
                accepted: self.accepted_before.unwrap_or(true),
                reason: self.reschedule_reason.clone(),
            },
            StateName::Cancelling => State::Cancelling {
                placement,
                cancel: cancel()?,
            },
            StateName::Cancelled => State::Cancelled {
                uid: self.booking_uid.clone(),
                cancel: cancel()?,
            },
            StateName::Completed => State::Completed(placement),
            StateName::NoShow => State::NoShow(placement),
        })
    }

    /// Back to the aggregate.
    pub fn restore(self) -> Result<Appointment, CorruptRecord> {
        let state = self.read_state()?;
        let review = self
            .review_reason
            .zip(self.review_flagged_at)
            .map(|(reason, flagged_at)| Review { reason, flagged_at });
        Ok(Appointment {
            booking: Booking {
                id: self.id,
                company: self.company,
                branch: self.branch,
                service: self.service,
                event_type: self.event_type,
                customer: self.customer,
                wanted_staff: self.wanted_staff,
                range: self.range,
                time_zone: self.time_zone,
                origin: self.booking_source,
                by: self.created_by,
                notes: self.notes,
                metadata: self.metadata,
            },
            state,
            sync_origin: self.sync_origin,
            sync_error: self.sync_error,
            review,
            rescheduled_by: self.rescheduled_by,
            remote_changed_at: self.remote_changed_at,
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
            trace_parent: None,
            events: Vec::new(),
        })
    }
}
