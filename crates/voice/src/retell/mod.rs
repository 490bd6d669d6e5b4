//! Retell: who sends, what they send, and who is on the line.

pub mod body;
pub mod call;
pub mod caller;
pub mod signature;

pub use body::{BodyError, Form, FunctionCall};
pub use call::CallFacts;
pub use caller::Caller;
