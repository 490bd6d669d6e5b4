//! The read path: entries of both layers, checked against the truth line.
//!
//! A question becomes the layer-1 window that covers it. In order: the mirror is brought up to
//! date; the stamp is read; this process's cache, then the shared one, may answer if their entry
//! holds the same stamp (`tiers`); else one task of one process fetches for all who wait,
//! subtracts what we sold, and files the answer under the stamp that was read *before* the fetch
//! (`fill`). What is fetched is the block of days that the window lies in (`Window::block`), so
//! that the next question about any of them is a hit.
//!
//! What a booking of ours took is taken out of this process's entries (`selective`); what was in
//! use and had to go is fetched again when things are quiet (`warming`); what was offered and
//! then refused is noticed (`offers`).

mod figures;
mod fill;
mod flights;
mod minutes;
mod offers;
mod proof;
mod read;
mod selective;
mod tiers;
mod touched;
mod warming;
mod window;

pub use figures::{AgeFigures, CompanyFigures, LayerFigures};
pub(crate) use figures::{Figures, Guard};
pub(crate) use fill::LEASE;
pub(crate) use flights::Flights;
pub(crate) use offers::Offers;
pub use proof::Proof;
pub use read::{Availability, Source};
pub(crate) use read::{WantedBy, WindowAnswer};
pub(crate) use selective::Update;
pub(crate) use touched::{reach, touched, widened};
pub(crate) use warming::{Warming, worth_warming};
pub(crate) use window::{SETTLING, Window};
