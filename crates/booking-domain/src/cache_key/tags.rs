//! Tags: one set of names per (event type, UTC day), so that a change finds every entry it
//! touches without searching.

use std::fmt;

use super::reach;
use crate::ids::EventTypeId;
use crate::time::{Day, TimeRange};

/// The set of entries that cover a UTC day of an event type.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Tag {
    /// Cal.com's number for what is booked.
    pub event_type: EventTypeId,
    /// The UTC day.
    pub day: Day,
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "calcom:tag:{}:{}", self.event_type, self.day)
    }
}

impl Tag {
    /// The sets an entry over `window` belongs to.
    pub fn of_window(event_type: EventTypeId, window: &TimeRange) -> Vec<Self> {
        window
            .utc_days()
            .iter()
            .map(|day| Self { event_type, day })
            .collect()
    }
}

/// The sets whose entries a change of these ranges may touch, for each of the event types that
/// share a host; sorted, none twice.
pub fn tags_touched(event_types: &[EventTypeId], affected: &[TimeRange]) -> Vec<Tag> {
    let mut tags: Vec<_> = event_types
        .iter()
        .flat_map(|event_type| {
            affected
                .iter()
                .flat_map(|range| Tag::of_window(*event_type, &reach(range)))
        })
        .collect();
    tags.sort_unstable();
    tags.dedup();
    tags
}
