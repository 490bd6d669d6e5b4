//! The front door for software: REST, Cal.com's webhooks, health, metrics and the API's description.
//!
//! | module | holds |
//! |---|---|
//! | [`Api`] | the whole as one service: what surrounds a request, its short and its long road |
//! | [`serve`] | the accept loop: timeouts, connection limit, draining, bodies nobody read |
//! | [`openapi`] | the description of the API, made from the handlers |
//! | `router` | every route |
//! | `extract` | what a handler takes: caller, body, query, path |
//! | `handlers` | one file per operation: extract, one use case, present |
//! | `webhooks` | signature, translation and intake of Cal.com's news |
//! | `problem` | the one table from error codes to problem documents |
//! | `middleware` | request id, log line, metrics, rate limit, time limit, headers |
//!
//! A handler never decides anything about bookings: it turns a request into a command of
//! [`booking_application`] and the answer into JSON.
#![forbid(unsafe_code)]

mod api;
mod dto;
mod etag;
mod extract;
mod handlers;
mod middleware;
mod openapi;
mod problem;
mod router;
mod server;
mod state;
mod unread;
mod webhooks;

pub use api::Api;
pub use openapi::openapi;
pub use server::{Answering, serve};
pub use state::{ApiSettings, ApiState, Readiness};
