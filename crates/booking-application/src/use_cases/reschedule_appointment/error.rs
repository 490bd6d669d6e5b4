//! Why an appointment stays where it is.

use booking_domain::appointment::{Refused, RefusedReason};
use booking_domain::error::{Classified, ErrorKind};
use booking_domain::idempotency::StoredOutcome;
use booking_domain::ports::StoreError;
use booking_domain::time::TimeRange;

use crate::Failure;
use crate::use_cases::once::{KeptRefusal, NoRepeat};

/// Why it stays where it is.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum RescheduleError {
    #[error("there is no such appointment")]
    NotFound,
    #[error("the appointment is over or cancelled")]
    NotActive,
    #[error("the appointment is just being booked, moved or cancelled: try again in a moment")]
    InProgress,
    #[error("the slot lies in the past")]
    SlotInPast,
    #[error("the slot lies outside the opening hours")]
    OutsideOpeningHours,
    #[error("the slot is taken")]
    SlotTaken { alternatives: Vec<TimeRange> },
    #[error("Cal.com refuses the move: {0}")]
    CalendarRefused(String),
    #[error("the appointment has changed: read it again")]
    OtherVersion,
    #[error("the idempotency key was used for another request")]
    KeyReused,
    #[error("the first request with this idempotency key is still running")]
    FirstRunning,
    /// A repeat gets the refusal that the first command got.
    #[error("{first}")]
    Replayed {
        first: Box<Self>,
        /// Who was refused.
        asked_by: String,
    },
    #[error("the appointment could not be moved")]
    Failed(#[from] Failure),
}

impl From<StoreError> for RescheduleError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Changed => Self::InProgress,
            other => Self::Failed(other.into()),
        }
    }
}

impl RescheduleError {
    /// The refusal itself, and whether this was a repeat that got it again.
    pub fn first(self) -> (Self, bool) {
        match self {
            Self::Replayed { first, .. } => (*first, true),
            error => (error, false),
        }
    }
}

/// A refusal that was kept, for a repeat.
pub(super) fn refused_before(refusal: KeptRefusal) -> RescheduleError {
    let first = match refusal.code.as_str() {
        "slot_taken" => RescheduleError::SlotTaken {
            alternatives: refusal.alternatives,
        },
        "appointment_not_active" => RescheduleError::NotActive,
        _ => RescheduleError::CalendarRefused(refusal.detail),
    };
    RescheduleError::Replayed {
        first: Box::new(first),
        asked_by: refusal.asked_by,
    }
}

/// What is kept of a refusal, for a repeat.
pub(super) fn kept(error: &RescheduleError, asked_by: &str) -> StoredOutcome {
    let (detail, alternatives) = match error {
        RescheduleError::CalendarRefused(why) => (why.clone(), Vec::new()),
        RescheduleError::SlotTaken { alternatives } => (error.to_string(), alternatives.clone()),
        _ => (error.to_string(), Vec::new()),
    };
    StoredOutcome::Refused {
        code: error.code().to_owned(),
        detail,
        alternatives,
        asked_by: asked_by.to_owned(),
    }
}

impl From<NoRepeat> for RescheduleError {
    fn from(why: NoRepeat) -> Self {
        match why {
            NoRepeat::KeyReused => Self::KeyReused,
            NoRepeat::InProgress => Self::FirstRunning,
            NoRepeat::Failed(failure) => Self::Failed(failure),
        }
    }
}

impl From<Refused> for RescheduleError {
    fn from(refused: Refused) -> Self {
        match refused.reason {
            RefusedReason::InProgress => Self::InProgress,
            RefusedReason::NotActive | RefusedReason::OtherBooking => Self::NotActive,
        }
    }
}

impl Classified for RescheduleError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound => ErrorKind::NotFound,
            Self::NotActive
            | Self::InProgress
            | Self::SlotTaken { .. }
            | Self::OtherVersion
            | Self::KeyReused
            | Self::FirstRunning => ErrorKind::Conflict,
            Self::SlotInPast | Self::OutsideOpeningHours | Self::CalendarRefused(_) => {
                ErrorKind::Invalid
            }
            Self::Replayed { first, .. } => first.kind(),
            Self::Failed(failure) => failure.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "appointment_not_found",
            Self::NotActive => "appointment_not_active",
            Self::InProgress => "booking_in_progress",
            Self::SlotInPast => "slot_in_past",
            Self::OutsideOpeningHours => "outside_opening_hours",
            Self::SlotTaken { .. } => "slot_taken",
            Self::CalendarRefused(_) => "calendar_refused",
            Self::OtherVersion => "precondition_failed",
            Self::KeyReused => "idempotency_conflict",
            Self::FirstRunning => "request_in_progress",
            Self::Replayed { first, .. } => first.code(),
            Self::Failed(failure) => failure.code(),
        }
    }
}
