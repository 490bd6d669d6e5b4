//! One file per wish.

mod alternatives;
mod availability;
mod book_appointment;
mod calcom_news;
mod cancel_appointment;
mod queries;
mod reschedule_appointment;

pub use alternatives::{Alternatives, AlternativesQuestion};
pub use availability::{AvailabilityError, AvailabilityQuestion};
pub use book_appointment::{BookAppointment, BookError, Booked};
pub(crate) use calcom_news::staff_of;
pub use calcom_news::{CalcomNews, NewsError, NewsKind, NewsOutcome, NewsStatus};
pub use cancel_appointment::{CancelAppointment, CancelError};
pub use reschedule_appointment::{RescheduleAppointment, RescheduleError};
