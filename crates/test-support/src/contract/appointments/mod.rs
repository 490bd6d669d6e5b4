//! `AppointmentRepository`: holding slots, saving changes, putting claims on people.

mod assigning;
mod contention;
mod holding;
mod saving;

pub use assigning::*;
pub use contention::*;
pub use holding::*;
pub use saving::*;
