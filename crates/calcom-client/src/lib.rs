//! Driven adapter: Cal.com's API v2 over HTTP.
//!
//! [`CalcomClient`] asks, and says what came of it in terms of what the caller can do about it:
//!
//! | what happened | a read | a write |
//! |---|---|---|
//! | no connection: name, route, TLS | `NotExecuted("connect")` | the same |
//! | 429 | `NotExecuted("rate_limited")` with a time | the same |
//! | late, reset, cut short, 5xx | `NotExecuted("unavailable")` | `Ambiguous` |
//! | 2xx that cannot be read | `NotExecuted("unreadable")` | `Ambiguous` |
//! | 2xx that is not what was asked | – | `Ambiguous` |
//! | slot taken: 400 by its words, 409 | – | `Refused(SlotTaken)` |
//! | cancelled before: 400 by its words; unknown booking: 404 | `None` | `Refused(Gone)` |
//! | key or event type: 401, 403, 404 | `Refused(Account)` | the same |
//! | any other 4xx | `Refused(Invalid)` | the same |
//!
//! Before a call stands the account's circuit breaker, then its budget. What they hold back is
//! `NotExecuted("breaker_open")` or `NotExecuted("self_limited")` with a time, at once and without
//! a call.
//!
//! It never repeats a call. Which version of the API an operation speaks is configuration
//! ([`ApiVersions`]): hosted and self-hosted Cal.com differ.
//!
//! Keys, booking uids, names, e-mail addresses and telephone numbers are neither logged nor part of
//! an error.

mod body;
mod budget;
mod call;
mod client;
mod guard;
mod measures;
mod operations;
mod rate;
mod settings;
mod translate;
mod verdict;
mod words;

pub use budget::LocalBudget;
pub use client::{CalcomClient, account_digest};
pub use settings::{ApiVersions, CalcomClientError, CalcomSettings};
