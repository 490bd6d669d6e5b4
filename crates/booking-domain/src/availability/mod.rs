//! What is free: slots, what we ourselves have sold, cache entries, and what lies near a wish.

mod alternatives;
mod entry;
mod faults;
mod narrowed;
mod opening;
mod overlay;
mod predictive;
mod raised;
mod selective;
mod surrogate;
mod version_rows;

pub use alternatives::{Alternative, nearest};
pub use entry::{AvailabilityEntry, EntryScope, Miss, Stamp};
pub use faults::{Fault, ScopePart};
pub use opening::{slots_from_hours, within_hours};
pub use overlay::{LiveClaim, Resource, claim_choices, remove_taken};
pub use predictive::{group_reach, predictive_window};
pub use raised::{ALL_DAYS, Raised, days_reached};
pub use selective::Taken;
pub use surrogate::SurrogateKey;
pub use version_rows::VersionRows;
