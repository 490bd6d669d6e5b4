//! Through the routes: requests as voice platforms send them, answers as agents read them.

mod answers;
mod asking;
mod booking;
mod calls;
mod choosing;
mod confirming;
mod doors;
mod envelopes;
mod finding;
mod flat;
mod greeting;
mod identity;
mod mcp;
mod moving;
mod options;
mod own;
mod parameters;
mod platforms;
mod repeats;
mod vapi;
mod words;
