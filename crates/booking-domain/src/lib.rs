//! The pure heart of the booking gateway.
//!
//! Everything that *decides* lives here: what an appointment may do next, which slots are free,
//! which cache keys a change touches, what a saga does after a timeout. Nothing here reads a clock,
//! draws a random number or talks to a server: `now` and ids come in as arguments, and the outside
//! world is described by the traits in [`ports`].
//!
//! Where to look:
//!
//! | question | module |
//! |---|---|
//! | what is a moment, a day, a zone? | [`time`] |
//! | who is the company and what can be booked? | [`tenant`] |
//! | what may happen to an appointment? | [`appointment`] |
//! | which slots are offered, which are near? | [`availability`] |
//! | what is a cache entry called? | [`cache_key`] |
//! | what happens between us and Cal.com? | [`saga`] |
//! | is Cal.com to be left alone, and how often may it be asked? | [`breaker`], [`budget`] |
//! | what is kept of a telephone call? | [`calls`] |
//! | what did happen, and who wants to know? | [`events`] |
//! | which of the people on one number is meant? | [`person`] |
//! | which messages are due to customers, and are they still true? | [`messages`] |
//! | which request was it begun by? | [`trace`] |
//! | how does an adapter plug in? | [`ports`] |
#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod appointment;
pub mod availability;
pub mod breaker;
pub mod budget;
pub mod cache_key;
pub mod calls;
pub mod contact;
pub mod error;
pub mod events;
pub mod idempotency;
pub mod ids;
pub mod messages;
pub mod origin;
pub mod person;
pub mod ports;
pub mod retry;
pub mod saga;
pub mod tenant;
pub mod time;
pub mod trace;

#[cfg(test)]
mod oracle;
