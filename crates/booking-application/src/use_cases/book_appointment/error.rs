//! Why there is no appointment.

use booking_domain::contact::ContactField;
use booking_domain::error::{Classified, ErrorKind};
use booking_domain::idempotency::StoredOutcome;
use booking_domain::ports::StoreError;
use booking_domain::time::TimeRange;

use crate::Failure;
use crate::use_cases::once::{KeptRefusal, NoRepeat};

/// Why there is no appointment.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum BookError {
    #[error("there is no such service")]
    ServiceNotFound,
    #[error("there is no such branch")]
    BranchNotFound,
    #[error("nobody with this staff id performs the service")]
    StaffNotFound,
    #[error("the slot lies in the past")]
    SlotInPast,
    #[error("the slot lies outside the opening hours")]
    OutsideOpeningHours,
    #[error("the customer cannot be reached: give an e-mail address or a telephone number")]
    CustomerUnreachable,
    #[error("this service is booked only with the customer's {}", .0.as_str())]
    ContactMissing(ContactField),
    #[error("the slot is taken")]
    SlotTaken { alternatives: Vec<TimeRange> },
    #[error("the idempotency key was used for another request")]
    KeyReused,
    #[error("the first request with this idempotency key is still running")]
    InProgress,
    #[error("Cal.com refuses the booking: {0}")]
    CalendarRefused(String),
    /// A repeat gets the refusal that the first command got.
    #[error("{first}")]
    Replayed {
        first: Box<Self>,
        /// Who was refused.
        asked_by: String,
    },
    #[error("the booking could not be made")]
    Failed(#[from] Failure),
}

impl BookError {
    /// The refusal itself, and whether this was a repeat that got it again.
    pub fn first(self) -> (Self, bool) {
        match self {
            Self::Replayed { first, .. } => (*first, true),
            error => (error, false),
        }
    }
}

/// A refusal that was kept, for a repeat.
pub(super) fn refused_before(refusal: KeptRefusal) -> BookError {
    let first = match refusal.code.as_str() {
        "slot_taken" => BookError::SlotTaken {
            alternatives: refusal.alternatives,
        },
        _ => BookError::CalendarRefused(refusal.detail),
    };
    BookError::Replayed {
        first: Box::new(first),
        asked_by: refusal.asked_by,
    }
}

/// What is kept of a refusal, for a repeat.
pub(super) fn kept(error: &BookError, asked_by: &str) -> StoredOutcome {
    let (detail, alternatives) = match error {
        BookError::CalendarRefused(why) => (why.clone(), Vec::new()),
        BookError::SlotTaken { alternatives } => (error.to_string(), alternatives.clone()),
        _ => (error.to_string(), Vec::new()),
    };
    StoredOutcome::Refused {
        code: error.code().to_owned(),
        detail,
        alternatives,
        asked_by: asked_by.to_owned(),
    }
}

impl From<NoRepeat> for BookError {
    fn from(why: NoRepeat) -> Self {
        match why {
            NoRepeat::KeyReused => Self::KeyReused,
            NoRepeat::InProgress => Self::InProgress,
            NoRepeat::Failed(failure) => Self::Failed(failure),
        }
    }
}

impl From<StoreError> for BookError {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl Classified for BookError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::ServiceNotFound | Self::BranchNotFound | Self::StaffNotFound => {
                ErrorKind::NotFound
            }
            Self::SlotInPast
            | Self::OutsideOpeningHours
            | Self::CustomerUnreachable
            | Self::ContactMissing(_)
            | Self::CalendarRefused(_) => ErrorKind::Invalid,
            Self::SlotTaken { .. } | Self::KeyReused | Self::InProgress => ErrorKind::Conflict,
            Self::Replayed { first, .. } => first.kind(),
            Self::Failed(failure) => failure.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::ServiceNotFound => "service_not_found",
            Self::BranchNotFound => "branch_not_found",
            Self::StaffNotFound => "staff_not_found",
            Self::SlotInPast => "slot_in_past",
            Self::OutsideOpeningHours => "outside_opening_hours",
            Self::CustomerUnreachable | Self::ContactMissing(_) => "validation_failed",
            Self::SlotTaken { .. } => "slot_taken",
            Self::KeyReused => "idempotency_conflict",
            Self::InProgress => "request_in_progress",
            Self::CalendarRefused(_) => "calendar_refused",
            Self::Replayed { first, .. } => first.code(),
            Self::Failed(failure) => failure.code(),
        }
    }
}
