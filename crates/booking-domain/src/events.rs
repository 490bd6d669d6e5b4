//! What happened: the events of the company's appointments, as the outbox carries them.

use serde::{Deserialize, Serialize};

use crate::ids::{AppointmentId, BranchId, CompanyId, EventTypeId, ServiceId};
use crate::origin::SyncOrigin;
use crate::time::{Instant, TimeRange};
use crate::trace::TraceParent;

/// The kind of an event.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// A slot is held here; Cal.com has not answered yet.
    SlotReserved,
    /// A held slot was given up: Cal.com refused.
    SlotReleased,
    /// Cal.com has to be told something.
    SyncRequested,
    /// The appointment stands.
    AppointmentBooked,
    /// The appointment stands at another time.
    AppointmentRescheduled,
    /// The appointment is called off, and its slot is free again.
    AppointmentCancelled,
    /// It took place.
    AppointmentCompleted,
    /// The customer did not come.
    AppointmentNoShow,
    /// A person must look at the appointment.
    ReviewRequested,
    /// A person has looked at it, or it has settled itself.
    ReviewResolved,
}

impl EventKind {
    /// All of them, in the order of a life.
    pub const ALL: [Self; 10] = [
        Self::SlotReserved,
        Self::SlotReleased,
        Self::SyncRequested,
        Self::AppointmentBooked,
        Self::AppointmentRescheduled,
        Self::AppointmentCancelled,
        Self::AppointmentCompleted,
        Self::AppointmentNoShow,
        Self::ReviewRequested,
        Self::ReviewResolved,
    ];

    /// Whether a time that was taken is free again.
    pub const fn frees(self) -> bool {
        match self {
            Self::SlotReleased | Self::AppointmentRescheduled | Self::AppointmentCancelled => true,
            Self::SlotReserved
            | Self::SyncRequested
            | Self::AppointmentBooked
            | Self::AppointmentCompleted
            | Self::AppointmentNoShow
            | Self::ReviewRequested
            | Self::ReviewResolved => false,
        }
    }

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SlotReserved => "slot_reserved",
            Self::SlotReleased => "slot_released",
            Self::SyncRequested => "sync_requested",
            Self::AppointmentBooked => "appointment_booked",
            Self::AppointmentRescheduled => "appointment_rescheduled",
            Self::AppointmentCancelled => "appointment_cancelled",
            Self::AppointmentCompleted => "appointment_completed",
            Self::AppointmentNoShow => "appointment_no_show",
            Self::ReviewRequested => "review_requested",
            Self::ReviewResolved => "review_resolved",
        }
    }

    /// The kind that [`Self::as_str`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// One thing that happened to one appointment. Carries no personal data.
///
/// `(appointment, sequence)` names it for ever: a listener that has seen the pair is done.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DomainEvent {
    /// Whose appointment.
    pub company: CompanyId,
    /// Which appointment.
    pub appointment: AppointmentId,
    /// Which change of it, counting from 1.
    pub sequence: i64,
    /// What happened.
    pub kind: EventKind,
    /// What is booked.
    pub service: ServiceId,
    /// Cal.com's number for it.
    pub event_type: Option<EventTypeId>,
    /// Where.
    pub branch: Option<BranchId>,
    /// The times whose availability may have changed: both sides of a move.
    pub affected: Vec<TimeRange>,
    /// Where the change began.
    pub origin: SyncOrigin,
    /// When.
    pub occurred_at: Instant,
    /// The trace in which it happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace_parent: Option<TraceParent>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip_and_match_the_wire() {
        for kind in EventKind::ALL {
            assert_eq!(EventKind::parse(kind.as_str()), Some(kind));
            let wire = serde_json::to_value(kind).expect("serializes");
            assert_eq!(wire, kind.as_str());
        }
    }
}
