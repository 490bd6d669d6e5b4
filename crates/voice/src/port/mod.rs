//! The one way in: what every voice platform's call comes to, and what is answered. The adapters
//! translate envelopes, nothing else.

pub(crate) mod caller;
mod invoke;

use serde_json::{Map, Value};

use crate::functions::Choice;
use crate::language::is_placeholder;

pub(crate) use caller::Caller;
pub(crate) use invoke::{invoke, not_understood};

/// A function call, from whichever platform.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Invocation {
    /// What is to be done, as the agent knows it; `None`: nobody said it clearly.
    pub function: Option<String>,
    /// What was said.
    pub args: Map<String, Value>,
    /// The call, as the platform describes it. The only source of identity.
    pub call: Option<CallFacts>,
    /// A call id that a model wrote: good for telling conversations apart, never for saying who
    /// is calling.
    pub claimed_call_id: Option<String>,
    /// The id of this very invocation, where the platform tells.
    pub id: Option<String>,
    /// What was last offered in this call, where the platform tells.
    pub offers: Vec<Choice>,
}

/// The call, as of the moment of the function call.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CallFacts {
    /// Its id.
    pub call_id: Option<String>,
    /// From a page in a browser: no telephone, no numbers.
    pub web: bool,
    /// Whether we call, or are called.
    pub outbound: bool,
    /// Who rings.
    pub from_number: Option<String>,
    /// Who is rung.
    pub to_number: Option<String>,
    /// Which agent speaks.
    pub agent_id: Option<String>,
    /// The language the agent was told to speak.
    pub language: Option<String>,
}

/// Longest id that is believed to be one.
const MAX_ID: usize = 128;

/// A short text under `key`; anything else is nothing.
pub(crate) fn short(object: &Map<String, Value>, key: &str) -> Option<String> {
    short_text(object.get(key)?.as_str()?)
}

/// The text, if it can be an id or a number.
pub(crate) fn short_text(text: &str) -> Option<String> {
    let text = text.trim();
    (!is_placeholder(text) && text.len() <= MAX_ID).then(|| text.to_owned())
}
