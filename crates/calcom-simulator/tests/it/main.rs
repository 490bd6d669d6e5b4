//! Talks to a running simulator over HTTP, the way its users do.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod bookings;
mod changes;
mod control;
mod faults;
mod listing;
mod outsiders;
mod pages;
mod protocol;
mod slots;
mod support;
mod webhooks;
