//! Why there is no appointment.

use booking_domain::error::{Classified, ErrorKind};
use booking_domain::ports::StoreError;
use booking_domain::time::TimeRange;

use crate::Failure;

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
    #[error("the slot is taken")]
    SlotTaken { alternatives: Vec<TimeRange> },
    #[error("the idempotency key was used for another request")]
    KeyReused,
    #[error("the first request with this idempotency key is still running")]
    InProgress,
    #[error("Cal.com refuses the booking: {0}")]
    CalendarRefused(String),
    #[error("the booking could not be made")]
    Failed(#[from] Failure),
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
            | Self::CalendarRefused(_) => ErrorKind::Invalid,
            Self::SlotTaken { .. } | Self::KeyReused | Self::InProgress => ErrorKind::Conflict,
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
            Self::CustomerUnreachable => "validation_failed",
            Self::SlotTaken { .. } => "slot_taken",
            Self::KeyReused => "idempotency_conflict",
            Self::InProgress => "request_in_progress",
            Self::CalendarRefused(_) => "calendar_refused",
            Self::Failed(failure) => failure.code(),
        }
    }
}
