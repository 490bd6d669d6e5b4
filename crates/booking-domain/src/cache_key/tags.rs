//! Tags: one set of names per (event type, UTC day), so that a change finds every entry it
//! touches without searching.

use std::fmt;
use std::str::FromStr;

use super::text::Reader;
use super::{KeyError, KeyProblem, reach};
use crate::ids::EventTypeId;
use crate::time::{Day, TimeRange};

/// The set of entries that cover a UTC day of an event type: `calcom:tag:{eventTypeId}:{date}`.
///
/// ```
/// use booking_domain::cache_key::Tag;
/// let tag: Tag = "calcom:tag:2563193:2025-10-13".parse()?;
/// assert_eq!((tag.event_type.get(), tag.day.ymd()), (2563193, (2025, 10, 13)));
/// # Ok::<(), booking_domain::cache_key::KeyError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Tag {
    /// Cal.com's number for what is booked.
    pub event_type: EventTypeId,
    /// The UTC day.
    pub day: Day,
}

impl Tag {
    /// What every tag begins with.
    pub const PREFIX: &'static str = "calcom:tag:";

    /// The sets an entry over `window` belongs to, by day.
    ///
    /// ```
    /// use booking_domain::cache_key::{CacheKey, Tag};
    /// let key: CacheKey = "cal_slots_15_9_7_2025-10-13-23_2025-10-14-01".parse()?;
    /// let file_in = Tag::of_window(key.event_type(), &key.window());
    /// assert_eq!(file_in[0].to_string(), "calcom:tag:7:2025-10-13");
    /// assert_eq!(file_in[1].to_string(), "calcom:tag:7:2025-10-14");
    /// # Ok::<(), booking_domain::cache_key::KeyError>(())
    /// ```
    #[must_use]
    pub fn of_window(event_type: EventTypeId, window: &TimeRange) -> Vec<Self> {
        window
            .utc_days()
            .iter()
            .map(|day| Self { event_type, day })
            .collect()
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}:{}", Self::PREFIX, self.event_type, self.day)
    }
}

impl FromStr for Tag {
    type Err = KeyError;
    fn from_str(text: &str) -> Result<Self, KeyError> {
        let reader = Reader {
            text,
            wanted: "tag",
        };
        let Some(rest) = text.strip_prefix(Self::PREFIX) else {
            return reader.fail(KeyProblem::Beginning(Self::PREFIX));
        };
        let [event_type, day] = reader.parts(rest, ':', "calcom:tag:{eventTypeId}:{date}")?;
        Ok(Self {
            event_type: EventTypeId::new(reader.number(event_type, Reader::EVENT_TYPE)?),
            day: reader.day(day)?,
        })
    }
}

/// The sets whose entries a change of these ranges may touch, for each of the event types that
/// share a host; sorted, none twice. For a move, give both sides.
///
/// ```
/// use booking_domain::{cache_key::tags_touched, ids::EventTypeId, time::TimeRange};
/// let siblings = [EventTypeId::new(7), EventTypeId::new(8)];
/// let from = TimeRange::lasting("2025-10-13T09:00:00Z".parse()?, 60);
/// let to = TimeRange::lasting("2025-10-14T22:30:00Z".parse()?, 60);
/// let tags: Vec<_> = tags_touched(&siblings, &[from, to]).iter().map(|tag| tag.to_string()).collect();
/// assert_eq!(tags, [
///     "calcom:tag:7:2025-10-13", "calcom:tag:7:2025-10-14", "calcom:tag:7:2025-10-15",
///     "calcom:tag:8:2025-10-13", "calcom:tag:8:2025-10-14", "calcom:tag:8:2025-10-15",
/// ]);
/// # Ok::<(), booking_domain::time::InstantError>(())
/// ```
#[must_use = "entries filed under these tags are wrong now"]
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
