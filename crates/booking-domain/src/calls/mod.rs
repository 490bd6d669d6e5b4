//! Telephone calls: what a voice platform tells of them, and what of that is kept.
//!
//! Webhooks about a call come repeatedly, out of order, or not at all. So what one of them tells is a
//! [`Call`] of its own, and two of one call are [joined](Call::join) field by field in a way that
//! knows no order: whichever way they come, the same is left. What may not be kept is taken out of
//! each before that ([`Call::kept`]).

mod call;
mod consent;
mod content;
mod id;
#[cfg(test)]
mod tests;

pub use call::{Call, CallEvent, CallStatus, Direction, Sentiment, Storage};
pub use consent::{Consent, ConsentNote};
pub use content::{Content, Transcript};
pub use id::CallId;
