//! From the application's errors to problems; what is our fault is logged here, once.

use std::error::Error;

use booking_application::{AvailabilityError, BookError, Failure, RescheduleError};
use booking_domain::error::{Classified, ErrorKind};
use booking_domain::ports::StoreError;
use booking_domain::time::{Instant, TimeRange, ZoneName};

use super::{Problem, table};
use crate::dto::SlotJson;

/// When nobody knows better.
const RETRY_UNAVAILABLE: u64 = 5;
const RETRY_IN_PROGRESS: u64 = 1;

impl Problem {
    /// Any error of the application.
    pub(crate) fn of<E: Classified + 'static>(error: &E) -> Self {
        let (kind, code) = (error.kind(), error.code());
        log(kind, code, error);
        let row = table::lookup(code, kind);
        match kind {
            ErrorKind::Internal => Self::internal(),
            ErrorKind::Unavailable => {
                Self::of_row(row, error.to_string()).retry_after(RETRY_UNAVAILABLE)
            }
            _ if matches!(code, "request_in_progress" | "booking_in_progress") => {
                Self::of_row(row, error.to_string()).retry_after(RETRY_IN_PROGRESS)
            }
            _ => Self::of_row(row, error.to_string()),
        }
    }

    /// A defect of ours: the cause is in the log, never in the answer.
    pub(crate) fn internal() -> Self {
        Self::new(
            "internal_error",
            "this is a defect of ours; the log knows more under this request id",
        )
    }

    /// The store failed.
    pub(crate) fn store(error: StoreError) -> Self {
        Self::of(&Failure::from(error))
    }

    /// No availability; says when to ask again where Cal.com said so.
    pub(crate) fn availability(error: &AvailabilityError, now: Instant) -> Self {
        let problem = Self::of(error);
        match error {
            AvailabilityError::CalendarUnavailable { retry_at: Some(at) } => {
                // Rounded up, so that whoever waits so long is not too early.
                let seconds = at.since(now).as_seconds().max(0).unsigned_abs() + 1;
                problem.retry_after(seconds)
            }
            _ => problem,
        }
    }

    /// No appointment; with what is free instead, in the company's zone.
    pub(crate) fn booking(error: &BookError, zone: ZoneName) -> Self {
        match error {
            BookError::SlotTaken { alternatives } => {
                Self::of(error).alternatives(in_zone(alternatives, zone))
            }
            BookError::CustomerUnreachable => Self::field("customer", error.to_string()),
            BookError::ContactMissing(field) => {
                Self::field(&format!("customer.{}", field.as_str()), error.to_string())
            }
            _ => Self::of(error),
        }
    }

    /// Not moved; with what is free instead, in the company's zone.
    pub(crate) fn reschedule(error: &RescheduleError, zone: ZoneName) -> Self {
        match error {
            RescheduleError::SlotTaken { alternatives } => {
                Self::of(error).alternatives(in_zone(alternatives, zone))
            }
            _ => Self::of(error),
        }
    }
}

fn in_zone(slots: &[TimeRange], zone: ZoneName) -> Vec<SlotJson> {
    slots.iter().map(|slot| SlotJson::new(slot, zone)).collect()
}

fn log(kind: ErrorKind, code: &'static str, error: &(dyn Error + 'static)) {
    match kind {
        ErrorKind::Internal => tracing::error!(error, code, "a request failed"),
        ErrorKind::Unavailable => tracing::warn!(error, code, "a request could not be served"),
        _ => {}
    }
}
