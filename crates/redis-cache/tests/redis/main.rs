//! The cache against real Redis servers, healthy and otherwise.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod budgets;
mod contract;
mod entries;
mod full;
mod leases;
mod names;
mod outages;
mod sets;
mod support;
