//! A booking as Cal.com tells it, translated into our words.

use crate::ids::{AppointmentId, BookingUid, EventTypeId, HostId};
use crate::time::{Instant, TimeRange};

/// A booking at Cal.com.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RemoteBooking {
    /// Cal.com's name for it.
    pub uid: BookingUid,
    /// What Cal.com says of it.
    pub status: RemoteStatus,
    /// When it takes place.
    pub range: TimeRange,
    /// What was booked.
    pub event_type: Option<EventTypeId>,
    /// Who performs it.
    pub host: Option<HostId>,
    /// Their address, for hosts we know only by that.
    pub host_email: Option<String>,
    /// Our own id, where we put it into the metadata.
    pub ours: Option<AppointmentId>,
    /// The booking this one replaced.
    pub rescheduled_from: Option<BookingUid>,
    /// The booking that replaced this one.
    pub rescheduled_to: Option<BookingUid>,
    /// When it was made.
    pub created_at: Option<Instant>,
    /// When Cal.com last changed it.
    pub changed_at: Option<Instant>,
}

/// Cal.com's view of a booking.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum RemoteStatus {
    /// Fixed.
    Accepted,
    /// Waiting for the host.
    Pending,
    /// Called off, or replaced (see `rescheduled_to`).
    Cancelled,
    /// Turned down by the host.
    Rejected,
}

impl RemoteBooking {
    /// Whether it takes its slot.
    pub const fn is_live(&self) -> bool {
        matches!(self.status, RemoteStatus::Accepted | RemoteStatus::Pending)
    }
}
