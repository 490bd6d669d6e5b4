//! What the gateway does, free of how it is asked and of where things are kept.
//!
//! | module | holds |
//! |---|---|
//! | [`use_cases`] | one file per wish: book, move, cancel, look, apply news from Cal.com |
//! | [`sagas`] | the executor that drives a wish to Cal.com and back |
//! | [`jobs`] | one-pass workers that return a report; their loops live in the worker crate |
//! | [`listeners`] | who hears of which event |
//! | [`availability`] | the read path: layers, single flight, tiers |
//!
//! A booking walks: [`Application::book_appointment`] opens a unit of work, asks the aggregate and
//! saves (state, versions and outbox in one commit); the [executor](sagas) asks
//! [`booking_domain::saga`] what to do, calls the calendar, and saves again. Every entry point
//! takes this road.

mod after_commit;
mod api_key;
mod application;
pub mod availability;
mod command;
mod directory;
mod follow;
pub mod jobs;
pub mod listeners;
pub mod present;
pub mod sagas;
pub mod trace;
mod unsubscribe;
pub mod use_cases;
mod wakers;

pub use api_key::key_digest;
pub use application::{Application, Deps, Settings};
pub use command::{Actor, Failure};
pub use directory::Principal;
pub use unsubscribe::LinkKey;
pub use use_cases::*;
