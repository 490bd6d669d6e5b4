//! The client against servers that tell the truth, and against servers that lie.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod guard;
mod lies;
mod pages;
mod requests;
mod server;
mod simulated;
mod support;
