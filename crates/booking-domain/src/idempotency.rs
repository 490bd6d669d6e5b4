//! Doing the same thing twice does it once: keys, fingerprints and stored outcomes.

use serde::{Deserialize, Serialize};

use crate::ids::AppointmentId;
use crate::time::TimeRange;

/// A key under which a command is done at most once, within one company.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// Longest key, in bytes.
    pub const MAX_BYTES: usize = 255;

    /// Wraps the key; `scope` keeps keys of different entry points apart. `None` when the key is
    /// empty, too long, or not printable ASCII.
    pub fn parse(scope: &str, key: &str) -> Option<Self> {
        let plain = key
            .bytes()
            .all(|byte| byte.is_ascii_graphic() || byte == b' ');
        (!key.trim().is_empty() && key.len() <= Self::MAX_BYTES && plain)
            .then(|| Self(format!("{scope}:{key}")))
    }

    /// The text as stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A digest of the request: the same key with another body is a mistake of the caller.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(pub String);

/// What a command came to, kept so that a repeat gets the same answer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum StoredOutcome {
    /// The appointment exists; its newest state is the answer.
    Appointment {
        /// Which one.
        id: AppointmentId,
    },
    /// Refused for good, with the alternatives that were offered.
    Refused {
        /// The stable code, such as `slot_taken`.
        code: String,
        /// Why, in words.
        #[serde(default)]
        detail: String,
        /// What was offered instead.
        alternatives: Vec<TimeRange>,
        /// Who was refused, where that is known.
        #[serde(default)]
        asked_by: String,
    },
}

/// What the store found under a key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum KeyClaim {
    /// Nobody used the key: go ahead, it is ours now.
    New,
    /// The first request has not finished; the appointment, if it has come that far.
    Running(Option<AppointmentId>),
    /// Finished: this was the answer.
    Finished(StoredOutcome),
    /// The key was used for another request.
    OtherRequest,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_keep_keys_apart_and_bad_keys_are_refused() {
        assert_ne!(
            IdempotencyKey::parse("api", "1"),
            IdempotencyKey::parse("voice", "1")
        );
        for bad in ["", "  ", "ä", "a\nb", &"x".repeat(256)] {
            assert_eq!(IdempotencyKey::parse("api", bad), None, "{bad:?}");
        }
    }
}
