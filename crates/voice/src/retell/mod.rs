//! Retell: who sends, and what they send: function calls, what happens to a call, who is calling.

mod adapter;
pub mod body;
pub mod call;
mod inbound;
mod lifecycle;
pub mod signature;

pub(crate) use adapter::function_call;
pub use body::{BodyError, Form, FunctionCall};
pub use call::RetellCall;
pub(crate) use inbound::answer as inbound;
pub(crate) use lifecycle::{facts, take_in};

pub use crate::port::CallFacts;
