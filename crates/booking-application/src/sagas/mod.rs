//! The executor: drives a saga to Cal.com and back.
//!
//! Load, ask [`booking_domain::saga`] what to do, do that one thing outside any transaction, take
//! in what came back together with the appointment in one commit, ask again. What to do is decided
//! in the domain; here are only the effects.

mod apply;
mod calls;
mod executor;
