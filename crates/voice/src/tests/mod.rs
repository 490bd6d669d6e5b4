//! Through the routes: requests as voice platforms send them, answers as agents read them.

mod asking;
mod booking;
mod calls;
mod choosing;
mod confirming;
mod doors;
mod flat;
mod greeting;
mod mcp;
mod moving;
mod own;
mod platforms;
mod vapi;
mod words;
