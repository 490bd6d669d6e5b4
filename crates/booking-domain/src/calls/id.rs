//! What a call is called by the platform it came over.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The platform's id of a call. Unique in a company.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CallId(String);

/// A text that names no call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the id of a call is {} visible ASCII characters at most, without blanks",
    CallId::MAX_BYTES
)]
pub struct CallIdError;

impl CallId {
    /// Longest id, in bytes.
    pub const MAX_BYTES: usize = 128;

    /// Wraps the text; `None` when it is empty, too long, or has anything but visible ASCII
    /// characters: it stands between blanks in what an appointment says about who made it.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = !text.is_empty() && text.len() <= Self::MAX_BYTES;
        (fits && text.bytes().all(|byte| byte.is_ascii_graphic())).then(|| Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands at the beginning of `created_by`, `rescheduled_by` or `cancelled_by` when that
    /// was done in this call: every such text lies in this range, and no other does.
    pub fn range_of_actors(&self) -> (String, String) {
        // `call <id>` alone, or with the id of an invocation after a blank; `!` follows the blank.
        (format!("call {}", self.0), format!("call {}!", self.0))
    }
}

impl TryFrom<String> for CallId {
    type Error = CallIdError;
    fn try_from(text: String) -> Result<Self, CallIdError> {
        Self::parse(&text).ok_or(CallIdError)
    }
}

impl From<CallId> for String {
    fn from(id: CallId) -> Self {
        id.0
    }
}

impl fmt::Display for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CallId({})", self.0)
    }
}
