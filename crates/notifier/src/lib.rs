//! Driven adapter: notices to the outside over HTTP.
//!
//! [`PurgeHook`] tells whatever stores our answers in front of the gateway what to forget.

mod purge_hook;

pub use purge_hook::{PurgeHook, PurgeHookError};
