//! The voice of the gateway: function calls of voice agents, in German and English.
//!
//! | module | holds |
//! |---|---|
//! | [`language`] | understanding and saying dates and times; pure |
//! | [`retell`] | who sends, in which form, and who is on the line |
//! | [`functions`] | the six functions and every sentence they say |
//! | `router`, `auth`, `call` | from a request to an answer |
//! | `desk` | what the functions need of the application |
//!
//! Every business outcome is an answer with status 200: a failed request would be read aloud by
//! the model as an error, an answer carries a sentence.
#![forbid(unsafe_code)]

mod auth;
mod call;
mod desk;
pub mod functions;
pub mod language;
pub mod retell;
mod router;
mod state;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub use router::router;
pub use state::{VoiceSettings, VoiceState};
