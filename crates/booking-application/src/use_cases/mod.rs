//! One file per wish.

mod alternatives;
mod availability;
mod book_appointment;
mod cache_operations;
mod calcom_news;
mod cancel_appointment;
mod circuit_breakers;
mod greet_caller;
mod inspect_entry;
mod jobs;
mod note_call;
mod once;
mod queries;
mod reschedule_appointment;
mod reviews;
mod to_the_end;

pub use alternatives::{Alternatives, AlternativesQuestion};
pub(crate) use availability::calcom_side;
pub use availability::{AvailabilityError, AvailabilityQuestion};
pub(crate) use book_appointment::announce_failures;
pub use book_appointment::{BookAppointment, BookError, Booked};
pub use cache_operations::{CacheAlert, CacheHealth, CacheOperationError};
pub(crate) use calcom_news::staff_of;
pub use calcom_news::{CalcomNews, NewsError, NewsKind, NewsOutcome, NewsStatus, Told};
pub use cancel_appointment::{CancelAppointment, CancelError};
pub use circuit_breakers::NamedBreaker;
pub use greet_caller::Greeting;
pub use inspect_entry::{Asker, InspectError, Inspection};
pub use jobs::JobRefusal;
pub use once::{Changed, Once, Terms};
pub(crate) use reschedule_appointment::MOVE;
pub use reschedule_appointment::{RescheduleAppointment, RescheduleError};
pub use reviews::{ResolveReview, ReviewError};
