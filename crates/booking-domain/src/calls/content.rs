//! What was said in a call, and what was made of it: the part that needs the caller's consent.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::CallEvent;

/// Everything about a call that repeats what was said in it.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Content {
    /// Word for word.
    pub transcript: Option<Transcript>,
    /// In a sentence or two.
    pub summary: Option<String>,
    /// The fields that the company has its platform find out.
    pub analysis: Option<Map<String, Value>>,
}

/// What was said, word for word.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Transcript {
    /// Which event brought it: a later one knows better.
    pub told_by: CallEvent,
    /// The text.
    pub text: String,
}

impl Content {
    /// Longest transcript that is kept, in bytes; what comes after is cut.
    pub const MAX_TRANSCRIPT: usize = 256 * 1024;
    /// Longest summary.
    pub const MAX_SUMMARY: usize = 8 * 1024;
    /// Largest analysis, as JSON; a larger one is not kept at all.
    pub const MAX_ANALYSIS: usize = 16 * 1024;

    /// Whether nothing was said, as far as is known.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Within the limits.
    #[must_use]
    pub fn capped(self) -> Self {
        let size = |it: &Map<String, Value>| serde_json::to_string(it).map_or(0, |it| it.len());
        Self {
            transcript: self.transcript.map(|it| Transcript {
                told_by: it.told_by,
                text: cut(it.text, Self::MAX_TRANSCRIPT),
            }),
            summary: self.summary.map(|it| cut(it, Self::MAX_SUMMARY)),
            analysis: self
                .analysis
                .filter(|it| !it.is_empty() && size(it) <= Self::MAX_ANALYSIS),
        }
    }

    /// Both together. A transcript grows, so that of two of the same event the longer one counts;
    /// where nothing tells which is the better, the greater text is as good as the other.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        let transcript = |it: &Option<Transcript>| {
            let it = it.as_ref();
            it.map(|it| (it.told_by, it.text.len(), it.text.clone()))
        };
        let analysis = |it: &Option<Map<String, Value>>| {
            let it = it.as_ref();
            it.map(|it| serde_json::to_string(it).unwrap_or_default())
        };
        Self {
            transcript: greater(self.transcript, other.transcript, transcript),
            summary: self.summary.max(other.summary),
            analysis: greater(self.analysis, other.analysis, analysis),
        }
    }
}

/// The one with the greater key.
pub(super) fn greater<T, K: Ord>(one: T, two: T, key: impl Fn(&T) -> K) -> T {
    if key(&two) > key(&one) { two } else { one }
}

fn cut(mut text: String, most: usize) -> String {
    if text.len() > most {
        let end = text.floor_char_boundary(most);
        text.truncate(end);
    }
    text
}

/// Says that there is something, never what.
impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = |it: &Option<Transcript>| it.as_ref().map_or(0, |it| it.text.len());
        write!(
            f,
            "Content({} bytes of transcript)",
            bytes(&self.transcript)
        )
    }
}

impl fmt::Debug for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Transcript({} bytes)", self.text.len())
    }
}
