//! Retell: who sends, and what they send.

mod adapter;
pub mod body;
pub mod call;
pub mod signature;

pub(crate) use adapter::function_call;
pub use body::{BodyError, Form, FunctionCall};
pub use call::RetellCall;

pub use crate::port::CallFacts;
