//! The aggregate itself: its data, how it begins, and what can be read from it.

use std::collections::BTreeMap;

use super::record::AppointmentRecord;
use super::{Placement, State, Status, SyncStatus};
use crate::events::{DomainEvent, EventKind};
use crate::ids::{
    AppointmentId, BookingUid, BranchId, CompanyId, CustomerId, EventTypeId, ServiceId, StaffId,
};
use crate::origin::SyncOrigin;
use crate::time::{Instant, TimeRange, ZoneName};
use crate::trace::TraceParent;

/// Everything needed to begin an appointment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Booking {
    /// The new appointment's id.
    pub id: AppointmentId,
    /// Whose it is.
    pub company: CompanyId,
    /// Where.
    pub branch: Option<BranchId>,
    /// What.
    pub service: ServiceId,
    /// Cal.com's number for what; `None`: never synced.
    pub event_type: Option<EventTypeId>,
    /// For whom.
    pub customer: CustomerId,
    /// With whom, if the customer wished for somebody.
    pub wanted_staff: Option<StaffId>,
    /// When.
    pub range: TimeRange,
    /// The zone the customer thinks in.
    pub time_zone: ZoneName,
    /// Where the wish began.
    pub origin: SyncOrigin,
    /// Who asked.
    pub by: String,
    /// Free text from the customer.
    pub notes: Option<String>,
    /// Free data from the client, kept and given back.
    pub metadata: BTreeMap<String, String>,
}

/// Why a person must look at it, and since when.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Review {
    /// The stable reason, such as `host_conflict`.
    pub reason: String,
    /// Since when.
    pub flagged_at: Instant,
}

/// An appointment. Its fields change through commands only (see [`super::Applied`]).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Appointment {
    pub(super) booking: Booking,
    pub(super) state: State,
    pub(super) sync_origin: SyncOrigin,
    pub(super) sync_error: Option<String>,
    pub(super) review: Option<Review>,
    pub(super) rescheduled_by: Option<String>,
    /// When Cal.com last changed it, by its own clock: older news is no news.
    pub(super) remote_changed_at: Option<Instant>,
    pub(super) version: i64,
    pub(super) created_at: Instant,
    pub(super) updated_at: Instant,
    pub(super) events: Vec<DomainEvent>,
    /// Of what is recorded from now on; not stored.
    pub(super) trace_parent: Option<TraceParent>,
}

impl Appointment {
    /// Begins an appointment: the slot is to be held, and Cal.com to be told if it knows the
    /// service.
    pub fn book(booking: Booking, now: Instant) -> Self {
        let synced = booking.event_type.is_some();
        let state = if synced {
            State::Pending { cancel: None }
        } else {
            State::Confirmed(Placement {
                uid: None,
                staff: booking.wanted_staff,
            })
        };
        let mut appointment = Self::begin(booking, state, now);
        let taken = vec![appointment.booking.range];
        if synced {
            appointment.record(EventKind::SlotReserved, taken, now);
            appointment.record(EventKind::SyncRequested, vec![], now);
        } else {
            appointment.record(EventKind::AppointmentBooked, taken, now);
        }
        appointment
    }

    /// Begins an appointment that was made at Cal.com.
    pub fn booked_elsewhere(
        booking: Booking,
        placement: Placement,
        accepted: bool,
        changed_at: Option<Instant>,
        now: Instant,
    ) -> Self {
        let state = if accepted {
            State::Confirmed(placement)
        } else {
            State::Scheduled(placement)
        };
        let mut appointment = Self::begin(booking, state, now);
        appointment.remote_changed_at = changed_at;
        let taken = vec![appointment.booking.range];
        appointment.record(EventKind::AppointmentBooked, taken, now);
        appointment
    }

    fn begin(booking: Booking, state: State, now: Instant) -> Self {
        Self {
            sync_origin: booking.origin,
            booking,
            state,
            sync_error: None,
            review: None,
            rescheduled_by: None,
            remote_changed_at: None,
            version: 0,
            created_at: now,
            updated_at: now,
            events: Vec::new(),
            trace_parent: None,
        }
    }

    /// What was recorded and is not stored yet, and what will be recorded, belongs to this trace.
    pub fn traced(&mut self, trace_parent: Option<TraceParent>) {
        self.trace_parent = trace_parent;
        for event in &mut self.events {
            event.trace_parent = trace_parent;
        }
    }

    pub(super) fn record(&mut self, kind: EventKind, affected: Vec<TimeRange>, now: Instant) {
        self.updated_at = now;
        self.events.push(DomainEvent {
            company: self.booking.company,
            appointment: self.booking.id,
            sequence: self.version + 1 + self.events.len() as i64,
            kind,
            service: self.booking.service,
            event_type: self.booking.event_type,
            branch: self.booking.branch,
            affected,
            origin: self.sync_origin,
            occurred_at: now,
            trace_parent: self.trace_parent,
        });
    }

    /// Its id.
    pub const fn id(&self) -> AppointmentId {
        self.booking.id
    }

    /// What was asked for, with the time that stands now.
    pub const fn booking(&self) -> &Booking {
        &self.booking
    }

    /// When it takes place.
    pub const fn range(&self) -> TimeRange {
        self.booking.range
    }

    /// Its state.
    pub const fn state(&self) -> &State {
        &self.state
    }

    /// What the API calls its state. A wish to cancel is the promise, also while the booking is
    /// still being made.
    pub const fn status(&self) -> Status {
        match &self.state {
            State::Pending { cancel: Some(_) } => Status::Cancelled,
            State::Rescheduling {
                accepted: false, ..
            } => Status::Scheduled,
            state => state.name().status(),
        }
    }

    /// Cal.com's name for it.
    pub const fn uid(&self) -> Option<&BookingUid> {
        self.state.uid()
    }

    /// Who performs it: known from Cal.com, else as wished.
    pub fn staff(&self) -> Option<StaffId> {
        self.state
            .placement()
            .and_then(|placement| placement.staff)
            .or(self.booking.wanted_staff)
    }

    /// The times it takes now: none, one, or both sides of a move under way.
    pub fn live_ranges(&self) -> Vec<TimeRange> {
        match &self.state {
            State::Pending { .. }
            | State::Scheduled(_)
            | State::Confirmed(_)
            | State::Cancelling { .. } => vec![self.booking.range],
            State::Rescheduling { to, .. } => vec![self.booking.range, *to],
            State::Cancelled { .. } | State::Completed(_) | State::NoShow(_) => vec![],
        }
    }

    /// When it was begun here.
    pub const fn created_at(&self) -> Instant {
        self.created_at
    }

    /// Whether Cal.com agrees.
    pub fn sync_status(&self) -> SyncStatus {
        if self.booking.event_type.is_none() {
            return SyncStatus::NotRequired;
        }
        let waiting = match self.state {
            State::Pending { .. } | State::Rescheduling { .. } | State::Cancelling { .. } => true,
            State::Scheduled(_)
            | State::Confirmed(_)
            | State::Cancelled { .. }
            | State::Completed(_)
            | State::NoShow(_) => false,
        };
        match (waiting, self.review.is_some()) {
            (true, true) => SyncStatus::Failed,
            (true, false) => SyncStatus::Pending,
            (false, _) => SyncStatus::Synced,
        }
    }

    /// Why a person must look at it.
    pub const fn review(&self) -> Option<&Review> {
        self.review.as_ref()
    }

    /// The version the store has: grows by one with every recorded event.
    pub const fn version(&self) -> i64 {
        self.version
    }

    /// The events not stored yet.
    pub fn pending_events(&self) -> &[DomainEvent] {
        &self.events
    }

    /// Called by the store once the pending events are written: they are handed over, and the
    /// version moves on.
    pub fn saved(&mut self) -> Vec<DomainEvent> {
        self.version += self.events.len() as i64;
        std::mem::take(&mut self.events)
    }

    /// The flat form for a store. Its `version` is the one *after* the pending events.
    pub fn to_record(&self) -> AppointmentRecord {
        AppointmentRecord::of(self)
    }
}
