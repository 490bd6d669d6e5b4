//! Layer 1: `calcom:slots:{eventTypeId}:{startDate}:{endDate}`, UTC days, both included.

use std::fmt;
use std::str::FromStr;

use super::{KeyError, reach};
use crate::ids::EventTypeId;
use crate::time::{Day, DayRange, TimeRange};

/// The name of a layer-1 entry.
///
/// ```
/// use booking_domain::cache_key::DayRangeKey;
/// let key: DayRangeKey = "calcom:slots:2563193:2025-10-13:2025-10-14".parse()?;
/// assert_eq!(key.days.len_days(), 2);
/// # Ok::<(), booking_domain::cache_key::KeyError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct DayRangeKey {
    /// Cal.com's number for what is booked.
    pub event_type: EventTypeId,
    /// The UTC days, both included.
    pub days: DayRange,
}

impl DayRangeKey {
    /// What every layer-1 name begins with.
    pub const PREFIX: &'static str = "calcom:slots:";
    /// The widest range that is cached.
    pub const MAX_DAYS: u32 = 63;

    /// The entry that covers `window`, rounded outward to whole UTC days.
    pub fn covering(event_type: EventTypeId, window: &TimeRange) -> Self {
        Self {
            event_type,
            days: window.utc_days(),
        }
    }

    /// What the entry covers.
    pub fn window(&self) -> TimeRange {
        self.days.as_utc_range()
    }

    /// Every name, up to `max_days` wide, whose window a change of `appointment` reaches.
    pub fn touched_by(
        event_type: EventTypeId,
        appointment: &TimeRange,
        max_days: u32,
    ) -> impl Iterator<Item = Self> + use<> {
        let days = reach(appointment).utc_days();
        let widest = max_days.min(Self::MAX_DAYS) as i32;
        (1..=widest).flat_map(move |width| {
            let first = days.first().epoch_days() - (width - 1);
            (first..=days.last().epoch_days()).map(move |start| {
                let start = Day::from_epoch_days(start);
                let days = DayRange::new(start, start.plus_days(width - 1))
                    .expect("a width of one or more keeps the order");
                Self { event_type, days }
            })
        })
    }
}

impl fmt::Display for DayRangeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, last) = (self.days.first(), self.days.last());
        write!(f, "{}{}:{first}:{last}", Self::PREFIX, self.event_type)
    }
}

impl FromStr for DayRangeKey {
    type Err = KeyError;
    fn from_str(text: &str) -> Result<Self, KeyError> {
        let fail = |problem| KeyError::new(text, problem);
        let rest = text
            .strip_prefix(Self::PREFIX)
            .ok_or(fail("it must begin with calcom:slots:"))?;
        let parts: Vec<_> = rest.split(':').collect();
        let [event_type, first, last] = parts[..] else {
            return Err(fail("it needs an event type id and two dates"));
        };
        let event_type = canonical(event_type).ok_or(fail("the event type id is not a number"))?;
        let day = |text: &str| {
            text.parse::<Day>()
                .ok()
                .ok_or(fail("a date is not YYYY-MM-DD"))
        };
        let days = DayRange::new(day(first)?, day(last)?)
            .ok_or(fail("the last day is before the first"))?;
        Ok(Self {
            event_type: EventTypeId::new(event_type),
            days,
        })
    }
}

/// A number as we would print it: `007` is another name, so it is refused.
pub(super) fn canonical(text: &str) -> Option<i64> {
    text.parse::<i64>()
        .ok()
        .filter(|number| *number >= 0 && number.to_string() == text)
}
