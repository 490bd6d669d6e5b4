//! A call without a telephone: a caller who reads from a script, and an agent who calls the functions
//! of a running gateway as a voice platform would.
//!
//! The agent is no language model. It decides by tables of words ([`language`]) what the caller wants,
//! passes the caller's own words about day and time through, and does what `next_step` of the answers
//! says. What it cannot decide it asks. So a call is the same every time, and what the caller hears is
//! what the gateway says.
//!
//! | module | holds |
//! |---|---|
//! | `script` | the caller's lines |
//! | [`language`] | the words of each language |
//! | `sentence` | what one line carries |
//! | `agent` | from lines and answers to function calls; pure |
//! | `line` | the function calls over HTTP |
//! | `call` | the whole call, turn by turn |
#![forbid(unsafe_code)]

mod agent;
mod call;
pub mod language;
mod line;
mod script;
mod sentence;

pub use call::{Call, FunctionCall, Turn};
pub use language::Lang;
pub use line::{Line, LineError};
pub use script::{Script, ScriptError};
