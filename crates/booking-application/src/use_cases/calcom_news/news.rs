//! News from Cal.com in our words, and what can become of it.

use booking_domain::appointment::RemoteBooking;
use booking_domain::contact::Contact;
use booking_domain::ids::{AppointmentId, HostId};
use booking_domain::ports::StoreError;
use booking_domain::time::{TimeRange, ZoneName};

use crate::Failure;

/// What kind of news.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[expect(missing_docs, reason = "Cal.com's triggers")]
pub enum NewsKind {
    Created,
    Requested,
    Rescheduled,
    Cancelled,
    Rejected,
    NoShow,
    Paid,
    Reassigned,
    HostAway,
}

impl NewsKind {
    /// Whether such news is of a booking that stands, at a time of its own.
    pub(crate) const fn is_made(self) -> bool {
        match self {
            Self::Created | Self::Requested | Self::Rescheduled | Self::Paid => true,
            Self::Cancelled | Self::Rejected | Self::NoShow | Self::Reassigned | Self::HostAway => {
                false
            }
        }
    }

    /// Whether such news ends a booking.
    pub(crate) const fn is_end(self) -> bool {
        matches!(self, Self::Cancelled | Self::Rejected)
    }
}

/// News from Cal.com, translated.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CalcomNews {
    /// What kind.
    pub kind: NewsKind,
    /// The booking as the payload tells it; `None` when it names no booking that we could know.
    pub booking: Option<RemoteBooking>,
    /// Who booked.
    pub attendee: Option<Contact>,
    /// The zone they think in.
    pub time_zone: Option<ZoneName>,
    /// Who called it off, and why.
    pub cancelled_by: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// Whether the host has to confirm such bookings: then it may replace another without saying so.
    pub is_confirmed_by_host: bool,
    /// Whose time is taken otherwise, and when.
    pub away: Option<(HostId, TimeRange)>,
}

/// What became of it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum NewsStatus {
    /// Applied.
    Processed,
    /// Delivered before, or nothing new.
    AlreadyProcessed,
    /// Nothing for us, or nothing yet: it is kept until Cal.com was asked.
    Ignored,
}

impl NewsStatus {
    /// The word used in the answer.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Processed => "processed",
            Self::AlreadyProcessed => "already_processed",
            Self::Ignored => "ignored",
        }
    }
}

/// What became of it, and of which appointment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NewsOutcome {
    /// What became of it.
    pub status: NewsStatus,
    /// The appointment it was about.
    pub appointment: Option<AppointmentId>,
}

/// Why it could not be taken in.
#[derive(Debug, thiserror::Error)]
pub enum NewsError {
    /// There is no such company.
    #[error("there is no such company")]
    CompanyNotFound,
    /// It could not be stored: Cal.com must be told so.
    #[error("the news could not be stored")]
    Failed(#[from] Failure),
}

impl From<StoreError> for NewsError {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}
