//! The appointment: what it is, what may happen to it, and what it tells the world.
//!
//! `state` lists every state with exactly its data; `commands` is one exhaustive `match` per
//! command, each arm *applied*, *already applied* or *refused*; [`record`] is the flat form that
//! every store keeps.

mod aggregate;
mod commands;
mod elsewhere;
mod ending;
pub mod record;
mod remote;
mod reviewing;
mod state;

#[cfg(test)]
mod matrix;

pub use aggregate::{Appointment, Booking, Review};
pub use commands::{Applied, Refused, RefusedReason};
pub use record::{AppointmentRecord, CorruptRecord};
pub use remote::{RemoteBooking, RemoteStatus};
pub use state::{Cancellation, Placement, State, StateName, Status, SyncStatus};
