//! Whether the caller has agreed that what was said is kept.

use serde::{Deserialize, Serialize};

use crate::time::Instant;

/// The caller's word, as far as it is known.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(tag = "answer", content = "note", rename_all = "snake_case")]
pub enum Consent {
    /// Nothing is known of it: as if it had been refused.
    #[default]
    Unknown,
    /// They agreed.
    Given(ConsentNote),
    /// They refused, or took it back. In one call that is the last word.
    Withdrawn(ConsentNote),
}

/// When and how it was told.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct ConsentNote {
    /// When it was told to us.
    pub at: Instant,
    /// In which field.
    pub field: String,
    /// What stood there: one of the words that count.
    pub said: String,
}

impl Consent {
    /// What the text of a field says; `None` when it is none of the words that count.
    pub fn read(field: &str, said: &str, at: Instant) -> Option<Self> {
        let said = said.trim().to_lowercase();
        let note = |said: &str| ConsentNote {
            at,
            field: field.to_owned(),
            said: said.to_owned(),
        };
        match said.as_str() {
            "true" | "yes" | "ja" => Some(Self::Given(note(&said))),
            "false" | "no" | "nein" | "withdrawn" | "widerrufen" => {
                Some(Self::Withdrawn(note(&said)))
            }
            _ => None,
        }
    }

    /// Whether they agreed.
    pub const fn is_given(&self) -> bool {
        matches!(self, Self::Given(_))
    }

    /// Whether they refused.
    pub const fn is_withdrawn(&self) -> bool {
        matches!(self, Self::Withdrawn(_))
    }

    /// Both together: a refusal outweighs everything, and of two equal words the first counts.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        match (self, other) {
            (Self::Withdrawn(one), Self::Withdrawn(two)) => Self::Withdrawn(one.min(two)),
            (it @ Self::Withdrawn(_), _) | (_, it @ Self::Withdrawn(_)) => it,
            (Self::Given(one), Self::Given(two)) => Self::Given(one.min(two)),
            (it @ Self::Given(_), Self::Unknown) | (Self::Unknown, it) => it,
        }
    }
}
