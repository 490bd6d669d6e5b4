//! The names of cache entries, in both layers: build them, parse them, and find every one that a
//! change touches.
//!
//! | layer | form | window |
//! |---|---|---|
//! | 1 | `calcom:slots:{eventTypeId}:{startDate}:{endDate}` | UTC days, both included |
//! | 2 | `cal_slots_{company}_{branch}_{eventType}_{startHour}_{endHour}` | UTC hours, end excluded |
//!
//! Days and hours are UTC because local hours repeat and vanish twice a year. No branch is `0`.
//! The forms are a promise: `golden_vectors.json` beside this module lists them for other
//! languages, and a test holds the code to it.

mod layer1;
mod layer2;
mod tags;

#[cfg(any(feature = "proptest", test))]
pub mod strategies;
#[cfg(test)]
mod tests;

pub use layer1::DayRangeKey;
pub use layer2::{HourWindowKey, UtcHour};
pub use tags::{Tag, tags_touched};

use std::fmt;
use std::str::FromStr;

use crate::time::{Span, TimeRange};

/// A name of either layer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum CacheKey {
    /// Cal.com day ranges.
    Layer1(DayRangeKey),
    /// Hour windows, used for alternatives.
    Layer2(HourWindowKey),
}

/// A text that names no cache entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{text}' is no cache key: {problem}")]
pub struct KeyError {
    /// The text.
    pub text: String,
    /// What is wrong with it.
    pub problem: &'static str,
}

impl KeyError {
    fn new(text: &str, problem: &'static str) -> Self {
        Self {
            text: text.to_owned(),
            problem,
        }
    }
}

impl CacheKey {
    /// The UTC window the entry covers.
    pub fn window(&self) -> TimeRange {
        match self {
            Self::Layer1(key) => key.window(),
            Self::Layer2(key) => key.window(),
        }
    }

    /// The Cal.com event type.
    pub const fn event_type(&self) -> crate::ids::EventTypeId {
        match self {
            Self::Layer1(key) => key.event_type,
            Self::Layer2(key) => key.event_type,
        }
    }
}

impl fmt::Display for CacheKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Layer1(key) => key.fmt(f),
            Self::Layer2(key) => key.fmt(f),
        }
    }
}

impl FromStr for CacheKey {
    type Err = KeyError;
    fn from_str(text: &str) -> Result<Self, KeyError> {
        if text.starts_with(DayRangeKey::PREFIX) {
            text.parse().map(Self::Layer1)
        } else if text.starts_with(HourWindowKey::PREFIX) {
            text.parse().map(Self::Layer2)
        } else {
            Err(KeyError::new(
                text,
                "it begins neither with calcom:slots: nor with cal_slots_",
            ))
        }
    }
}

/// What a change of `appointment` reaches: the appointment and an hour on either side, rounded
/// outward to UTC hours.
///
/// The hour on either side keeps the classic promise that the hour before, during and after a
/// booking are forgotten.
pub fn reach(appointment: &TimeRange) -> TimeRange {
    appointment.to_hours().padded(Span::HOUR, Span::HOUR)
}
