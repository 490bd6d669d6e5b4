//! Time without a clock: instants, calendar days, ranges and zones.
//!
//! Instants are UTC everywhere inside; a zone is a name carried along for people. The library that
//! knows the calendar (`chrono`, `chrono-tz`) stays behind this module, so it can be replaced
//! without breaking those who import the crate.

mod day;
mod instant;
mod range;
mod zone;

pub use day::{Day, DayError, Weekday};
pub use instant::{Instant, InstantError, Span};
pub use range::{DayRange, EmptyRange, TimeRange};
pub use zone::{LocalDateTime, LocalTime, Resolved, UnknownZone, ZoneName, zone_data_version};
