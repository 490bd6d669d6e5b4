//! The names of availability cache entries, in both layers: build them, parse them, and find every
//! one that a change touches. To be imported by whoever shares the cache, or builds one like it;
//! other languages follow `docs/cache-keys.md` and `golden_vectors.json` beside this module.
//!
//! # The two layers
//!
//! | layer | form | window |
//! |---|---|---|
//! | 1 | `calcom:slots:{eventTypeId}:{startDate}:{endDate}` | UTC days, both included |
//! | 2 | `cal_slots_{company}_{branch}_{eventType}_{startHour}_{endHour}` | UTC hours, end excluded |
//!
//! Layer 1 ([`DayRangeKey`]) holds what Cal.com answered about whole days. Layer 2
//! ([`HourWindowKey`]) holds a narrower window cut from it, for alternatives near a wish.
//! [`CacheKey`] is either. Days and hours are UTC because local hours repeat and vanish twice a year.
//! No branch is `0`; every other id is positive. A prefix of the installation comes before all names
//! and is the business of whoever talks to the store.
//!
//! A layer-1 name carries no company, and no name says how long the slots are: keep what else an
//! entry depends on inside it, and compare (see
//! [`EntryScope`](crate::availability::EntryScope)).
//!
//! # Build and parse
//!
//! ```
//! use booking_domain::cache_key::{CacheKey, DayRangeKey, HourWindowKey};
//! use booking_domain::ids::{BranchId, CompanyId, EventTypeId};
//! use booking_domain::time::TimeRange;
//!
//! let (company, branch) = (CompanyId::new(15), Some(BranchId::new(9)));
//! let event_type = EventTypeId::new(2563193);
//! let wish = TimeRange::lasting("2025-10-13T08:10:00+02:00".parse()?, 60);
//!
//! let days = DayRangeKey::covering(event_type, &wish);
//! assert_eq!(days.to_string(), "calcom:slots:2563193:2025-10-13:2025-10-13");
//! let hours = HourWindowKey::covering(company, branch, event_type, &wish);
//! assert_eq!(hours.to_string(), "cal_slots_15_9_2563193_2025-10-13-06_2025-10-13-08");
//!
//! let read: CacheKey = "calcom:slots:2563193:2025-10-13:2025-10-13".parse()?;
//! assert_eq!(read, CacheKey::Layer1(days));
//! assert!(read.window().contains(&wish));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! An entry may answer what lies wholly inside its [`window`](CacheKey::window), and nothing else.
//!
//! # What a change touches
//!
//! Ask in this order:
//!
//! 1. Which times? All that the appointment took before and takes now: both sides of a move.
//! 2. Which slots may come or go with them? Those in
//!    [`predictive_window`](crate::availability::predictive_window), by the lengths and buffers of
//!    the group: a slot that begins an hour before an appointment cannot be had any more if it
//!    takes an hour and a minute.
//! 3. Whose? Every event type that shares a host with it
//!    ([`availability_groups`](crate::tenant::availability_groups)).
//! 4. Which entries? Those filed under [`tags_touched`].
//!
//! ```
//! use booking_domain::{cache_key::tags_touched, ids::EventTypeId, time::{Span, TimeRange}};
//! let group = [EventTypeId::new(7), EventTypeId::new(8)]; // one host performs both
//! let moved_from = TimeRange::lasting("2025-10-13T09:00:00Z".parse()?, 60);
//! let moved_to = TimeRange::lasting("2025-10-14T10:00:00Z".parse()?, 60);
//! // Without buffers, the longest of the group takes an hour.
//! let affected = [moved_from, moved_to].map(|range| range.padded(Span::HOUR, Span::HOUR));
//! assert_eq!(tags_touched(&group, &affected).len(), 4);
//! # Ok::<(), booking_domain::time::InstantError>(())
//! ```
//!
//! # Tags or enumeration
//!
//! [`tags_touched`] gives a few set names; what is filed there is to be deleted. It finds too much
//! (all entries of a day), never too little, and costs one round trip. `touched_by` of either layer
//! lists the exact names, present or not: [`DayRangeKey::touched_by`] up to some thousands,
//! [`HourWindowKey::touched_by`] some hundreds per company and branch. It is for tests, for people
//! (`booking-gateway cache keys --overlapping`) and for caches without sets. Both go an hour further
//! than asked ([`reach`]), so that the hour before, during and after a booking are always among them
//! ([`HourWindowKey::classic_three`]).
//!
//! # How to file an entry
//!
//! With the entry, put its name into the set of each of [`Tag::of_window`]; let the sets live longer
//! than what is filed in them. Deleting is hygiene: it comes late when the store cannot be reached,
//! and misses what is filed a moment after it. What makes an answer safe is the
//! [`Stamp`](crate::availability::Stamp) inside the entry, read before its slots were fetched.
//!
//! # What is promised
//!
//! The textual forms of keys, hours and tags, what `covering`, `of_window` and `tags_touched` give
//! for given times, and the words of [`KeyProblem::as_str`] change only with a new major version;
//! `golden_vectors.json` lists them, and a test holds the code to it. Vectors are added, never
//! changed. A name is read in one spelling only: two different texts never mean the same entry. Not
//! promised: the wording of errors, the order of `touched_by`, the form of the entries themselves.
//!
//! With the feature `proptest`, `strategies` has generators for tests of caches built on this.

mod error;
mod hour;
mod layer1;
mod layer2;
mod tags;
mod text;

#[cfg(any(feature = "proptest", test))]
pub mod strategies;
#[cfg(test)]
mod tests;

pub use error::{KeyError, KeyProblem};
pub use hour::UtcHour;
pub use layer1::DayRangeKey;
pub use layer2::HourWindowKey;
pub use tags::{Tag, tags_touched};

use std::fmt;
use std::str::FromStr;

use crate::ids::EventTypeId;
use crate::time::{Span, TimeRange};

/// A name of either layer.
///
/// ```
/// use booking_domain::cache_key::CacheKey;
/// let names = r#"["calcom:slots:7:2025-10-13:2025-10-14", "cal_slots_15_0_7_2025-10-13-08_2025-10-13-09"]"#;
/// let keys: Vec<CacheKey> = serde_json::from_str(names)?;
/// assert!(matches!(keys[..], [CacheKey::Layer1(_), CacheKey::Layer2(_)]));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum CacheKey {
    /// Cal.com day ranges.
    Layer1(DayRangeKey),
    /// Hour windows, used for alternatives.
    Layer2(HourWindowKey),
}

impl CacheKey {
    /// The UTC window the entry covers.
    ///
    /// ```
    /// use booking_domain::cache_key::CacheKey;
    /// let key: CacheKey = "calcom:slots:7:2025-10-13:2025-10-13".parse()?;
    /// assert_eq!(key.window().start().to_string(), "2025-10-13T00:00:00Z");
    /// # Ok::<(), booking_domain::cache_key::KeyError>(())
    /// ```
    pub fn window(&self) -> TimeRange {
        match self {
            Self::Layer1(key) => key.window(),
            Self::Layer2(key) => key.window(),
        }
    }

    /// The Cal.com event type.
    ///
    /// ```
    /// use booking_domain::cache_key::CacheKey;
    /// let key: CacheKey = "cal_slots_15_0_7_2025-10-13-08_2025-10-13-09".parse()?;
    /// assert_eq!(key.event_type().get(), 7);
    /// # Ok::<(), booking_domain::cache_key::KeyError>(())
    /// ```
    pub const fn event_type(&self) -> EventTypeId {
        match self {
            Self::Layer1(key) => key.event_type,
            Self::Layer2(key) => key.event_type,
        }
    }
}

impl From<DayRangeKey> for CacheKey {
    fn from(key: DayRangeKey) -> Self {
        Self::Layer1(key)
    }
}

impl From<HourWindowKey> for CacheKey {
    fn from(key: HourWindowKey) -> Self {
        Self::Layer2(key)
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
            let wanted = "cache key";
            let beginnings = "calcom:slots: (layer 1) or cal_slots_ (layer 2)";
            text::Reader { text, wanted }.fail(KeyProblem::Beginning(beginnings))
        }
    }
}

/// What a change of `appointment` reaches: the appointment and an hour on either side, rounded
/// outward to UTC hours.
///
/// The hour on either side keeps the classic promise that the hour before, during and after a
/// booking are forgotten. It takes no account of lengths and buffers: for those, ask about the
/// [`predictive_window`](crate::availability::predictive_window) of the appointment.
///
/// ```
/// use booking_domain::{cache_key::reach, time::TimeRange};
/// let reached = reach(&TimeRange::lasting("2025-10-13T08:30:00Z".parse()?, 45));
/// assert_eq!(reached.start().to_string(), "2025-10-13T07:00:00Z");
/// assert_eq!(reached.end().to_string(), "2025-10-13T11:00:00Z");
/// # Ok::<(), booking_domain::time::InstantError>(())
/// ```
#[must_use]
pub fn reach(appointment: &TimeRange) -> TimeRange {
    appointment.to_hours().padded(Span::HOUR, Span::HOUR)
}
