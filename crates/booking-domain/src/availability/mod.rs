//! What is free: slots, what we ourselves have sold, cache entries, and what lies near a wish.

mod alternatives;
mod entry;
mod opening;
mod overlay;

pub use alternatives::{Alternative, nearest};
pub use entry::{AvailabilityEntry, EntryScope, Miss, Stamp};
pub use opening::slots_from_hours;
pub use overlay::{LiveClaim, Resource, claim_choices, remove_taken};
