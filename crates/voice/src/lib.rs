//! The voice of the gateway: function calls of voice agents, in German and English.
//!
//! | module | holds |
//! |---|---|
//! | [`language`] | understanding and saying dates and times; pure |
//! | [`functions`] | the six functions and every sentence they say |
//! | `port` | the one way in: a function call from whichever platform |
//! | [`retell`], `vapi`, `flat`, `mcp` | the platforms: envelopes and nothing else |
//! | `router`, `auth`, `refused`, `lines` | from a request to an answer |
//! | `schema` | the functions as each platform wants them described |
//! | `desk` | what the functions need of the application |
//!
//! Every business outcome is an answer with status 200: a failed request would be read aloud by
//! the model as an error, an answer carries a sentence.
#![forbid(unsafe_code)]

mod auth;
mod desk;
mod flat;
pub mod functions;
pub mod language;
mod lines;
mod mcp;
mod port;
mod refused;
pub mod retell;
mod router;
mod schema;
mod state;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod vapi;

pub use functions::texts::check as check_own_texts;
pub use router::router;
pub use schema::{Platform, schema};
pub use state::{VoiceSettings, VoiceState};
