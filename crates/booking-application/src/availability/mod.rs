//! The read path: entries of both layers, checked against the truth line.
//!
//! A question becomes the layer-1 window that covers it. In order: the mirror is brought up to
//! date; the stamp is read; this process's cache, then the shared one, may answer if their entry
//! holds the same stamp; else one task fetches for all who wait, subtracts what we sold, and
//! files the answer under the stamp that was read *before* the fetch.

mod flights;
mod proof;
mod read;
mod tiers;
mod touched;

pub(crate) use flights::Flights;
pub use proof::Proof;
pub use read::{Availability, Source};
pub(crate) use read::{Window, WindowAnswer};
pub(crate) use touched::{reach, touched, widened};
