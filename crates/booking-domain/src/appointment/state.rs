//! Every state an appointment can be in, with exactly the data that exists then.

use std::fmt;

use crate::ids::{BookingUid, StaffId};
use crate::origin::SyncOrigin;
use crate::time::{Instant, TimeRange};

/// Where the appointment stands: who performs it and what Cal.com calls it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Placement {
    /// Cal.com's name for it; `None` for a service that Cal.com does not know.
    pub uid: Option<BookingUid>,
    /// Who performs it, where that is known.
    pub staff: Option<StaffId>,
}

/// Who took the appointment back, when and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cancellation {
    /// When it was asked for.
    pub at: Instant,
    /// Where the wish began.
    pub origin: SyncOrigin,
    /// Who asked, such as `customer` or `api key bk_15`.
    pub by: String,
    /// Why, in their words.
    pub reason: Option<String>,
}

/// The state of an appointment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum State {
    /// The slot is held here; what Cal.com did is not known yet.
    Pending {
        /// Taken back before the answer came: carried out as soon as it is known.
        cancel: Option<Cancellation>,
    },
    /// At Cal.com, waiting for the host to accept. Takes the slot like a confirmed one.
    Scheduled(Placement),
    /// Final in both systems.
    Confirmed(Placement),
    /// On its way to another time: both times are taken until Cal.com has answered.
    Rescheduling {
        /// Where it still stands.
        from: Placement,
        /// Where it is to go.
        to: TimeRange,
        /// Whether the host had accepted the old time.
        accepted: bool,
        /// Why, in the words of whoever moves it.
        reason: Option<String>,
    },
    /// Cancelled as far as people are concerned; Cal.com has not let go yet.
    Cancelling {
        /// Where it still stands.
        placement: Placement,
        /// The wish.
        cancel: Cancellation,
    },
    /// Cancelled in both systems, or refused before it came about.
    Cancelled {
        /// Cal.com's name for it, if it ever had one.
        uid: Option<BookingUid>,
        /// The wish.
        cancel: Cancellation,
    },
    /// It took place.
    Completed(Placement),
    /// The customer did not come.
    NoShow(Placement),
}

/// The name of a [`State`], without its data.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[expect(missing_docs, reason = "see `State`")]
pub enum StateName {
    Pending,
    Scheduled,
    Confirmed,
    Rescheduling,
    Cancelling,
    Cancelled,
    Completed,
    NoShow,
}

impl StateName {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Pending,
        Self::Scheduled,
        Self::Confirmed,
        Self::Rescheduling,
        Self::Cancelling,
        Self::Cancelled,
        Self::Completed,
        Self::NoShow,
    ];

    /// The word stored in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Scheduled => "scheduled",
            Self::Confirmed => "confirmed",
            Self::Rescheduling => "rescheduling",
            Self::Cancelling => "cancelling",
            Self::Cancelled => "cancelled",
            Self::Completed => "completed",
            Self::NoShow => "no_show",
        }
    }

    /// The state that [`Self::as_str`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// What the API calls it.
    pub const fn status(self) -> Status {
        match self {
            Self::Pending => Status::Pending,
            Self::Scheduled => Status::Scheduled,
            // Until Cal.com agrees to the new time, the old one stands; one that the host has not
            // accepted yet is told apart by `Appointment::status`.
            Self::Confirmed | Self::Rescheduling => Status::Confirmed,
            // The intent is the promise.
            Self::Cancelling | Self::Cancelled => Status::Cancelled,
            Self::Completed => Status::Completed,
            Self::NoShow => Status::NoShow,
        }
    }
}

impl fmt::Display for StateName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What the outside calls the state of an appointment.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[expect(missing_docs, reason = "see `State`")]
pub enum Status {
    Pending,
    Scheduled,
    Confirmed,
    Cancelled,
    Completed,
    NoShow,
}

impl Status {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Pending,
        Self::Scheduled,
        Self::Confirmed,
        Self::Cancelled,
        Self::Completed,
        Self::NoShow,
    ];

    /// The word used in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Scheduled => "scheduled",
            Self::Confirmed => "confirmed",
            Self::Cancelled => "cancelled",
            Self::Completed => "completed",
            Self::NoShow => "no_show",
        }
    }

    /// The status that [`Self::as_str`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }

    /// The states that look like this from outside.
    pub fn states(self) -> Vec<StateName> {
        StateName::ALL
            .into_iter()
            .filter(|state| state.status() == self)
            .collect()
    }
}

/// Whether Cal.com agrees with us.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum SyncStatus {
    /// Cal.com's answer is still to come.
    Pending,
    /// Both agree.
    Synced,
    /// Given up: a person must decide.
    Failed,
    /// Cal.com does not know the service.
    NotRequired,
}

impl SyncStatus {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Pending, Self::Synced, Self::Failed, Self::NotRequired];

    /// The word used in the API and the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Synced => "synced",
            Self::Failed => "failed",
            Self::NotRequired => "not_required",
        }
    }

    /// The status that [`Self::as_str`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }

    /// Whether what was decided here stands at Cal.com too, as far as it has to.
    pub const fn is_settled(self) -> bool {
        match self {
            Self::Synced | Self::NotRequired => true,
            Self::Pending | Self::Failed => false,
        }
    }
}

impl State {
    /// The state without its data.
    pub const fn name(&self) -> StateName {
        match self {
            Self::Pending { .. } => StateName::Pending,
            Self::Scheduled(_) => StateName::Scheduled,
            Self::Confirmed(_) => StateName::Confirmed,
            Self::Rescheduling { .. } => StateName::Rescheduling,
            Self::Cancelling { .. } => StateName::Cancelling,
            Self::Cancelled { .. } => StateName::Cancelled,
            Self::Completed(_) => StateName::Completed,
            Self::NoShow(_) => StateName::NoShow,
        }
    }

    /// Where it stands at Cal.com, as far as that is known.
    pub const fn placement(&self) -> Option<&Placement> {
        match self {
            Self::Scheduled(placement)
            | Self::Confirmed(placement)
            | Self::Rescheduling {
                from: placement, ..
            }
            | Self::Cancelling { placement, .. }
            | Self::Completed(placement)
            | Self::NoShow(placement) => Some(placement),
            Self::Pending { .. } | Self::Cancelled { .. } => None,
        }
    }

    /// Cal.com's name for it.
    pub const fn uid(&self) -> Option<&BookingUid> {
        match self {
            Self::Cancelled { uid, .. } => uid.as_ref(),
            other => match other.placement() {
                Some(placement) => placement.uid.as_ref(),
                None => None,
            },
        }
    }

    /// The wish to cancel, carried out or not.
    pub const fn cancellation(&self) -> Option<&Cancellation> {
        match self {
            Self::Pending { cancel } => cancel.as_ref(),
            Self::Cancelling { cancel, .. } | Self::Cancelled { cancel, .. } => Some(cancel),
            Self::Scheduled(_)
            | Self::Confirmed(_)
            | Self::Rescheduling { .. }
            | Self::Completed(_)
            | Self::NoShow(_) => None,
        }
    }
}
