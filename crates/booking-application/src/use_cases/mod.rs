//! One file per wish.

mod alternatives;
mod availability;
mod book_appointment;
mod cache_operations;
mod calcom_news;
mod campaigns;
mod cancel_appointment;
mod circuit_breakers;
mod consent;
mod inspect_entry;
mod jobs;
mod once;
mod queries;
mod reschedule_appointment;
mod reviews;

pub use alternatives::{Alternatives, AlternativesQuestion};
pub(crate) use availability::calcom_side;
pub use availability::{AvailabilityError, AvailabilityQuestion};
pub(crate) use book_appointment::announce_failures;
pub use book_appointment::{BookAppointment, BookError, Booked};
pub use cache_operations::{CacheAlert, CacheHealth, CacheOperationError};
pub(crate) use calcom_news::staff_of;
pub use calcom_news::{CalcomNews, NewsError, NewsKind, NewsOutcome, NewsStatus, Told};
pub use campaigns::{CampaignError, CampaignStarted, CampaignStatus, StartCampaign};
pub use cancel_appointment::{CancelAppointment, CancelError};
pub use circuit_breakers::NamedBreaker;
pub use consent::CompanyOfLink;
pub use inspect_entry::{Asker, InspectError, Inspection};
pub use jobs::JobRefusal;
pub use once::{Changed, Once, Terms};
pub(crate) use reschedule_appointment::MOVE;
pub use reschedule_appointment::{RescheduleAppointment, RescheduleError};
pub use reviews::{ResolveReview, ReviewError};
