//! Cal.com's webhooks: raw bytes, signature, translation, one transaction, answer.
//!
//! Cal.com delivers while it still answers the call that caused the news, waits for us, and never
//! repeats. So nothing here calls the outside, and what cannot be stored is answered as a failure.

mod delivery;
pub(crate) mod handler;
mod recipient;
mod signature;
