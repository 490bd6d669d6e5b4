//! Layer 1: `calcom:slots:{eventTypeId}:{startDate}:{endDate}`, UTC days, both included.

use std::fmt;
use std::str::FromStr;

use super::text::Reader;
use super::{KeyError, KeyProblem, reach};
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
    const FORM: &'static str = "calcom:slots:{eventTypeId}:{startDate}:{endDate}";

    /// The entry that covers `window`, rounded outward to whole UTC days.
    ///
    /// ```
    /// use booking_domain::{cache_key::DayRangeKey, ids::EventTypeId, time::TimeRange};
    /// // Half past midnight in Berlin is still yesterday in UTC.
    /// let window = TimeRange::lasting("2025-10-13T00:30:00+02:00".parse()?, 60);
    /// let key = DayRangeKey::covering(EventTypeId::new(2563193), &window);
    /// assert_eq!(key.to_string(), "calcom:slots:2563193:2025-10-12:2025-10-12");
    /// # Ok::<(), booking_domain::time::InstantError>(())
    /// ```
    pub fn covering(event_type: EventTypeId, window: &TimeRange) -> Self {
        Self {
            event_type,
            days: window.utc_days(),
        }
    }

    /// What the entry covers.
    ///
    /// ```
    /// use booking_domain::cache_key::DayRangeKey;
    /// let key: DayRangeKey = "calcom:slots:2563193:2025-10-13:2025-10-14".parse()?;
    /// assert_eq!(key.window().end().to_string(), "2025-10-15T00:00:00Z");
    /// # Ok::<(), booking_domain::cache_key::KeyError>(())
    /// ```
    pub fn window(&self) -> TimeRange {
        self.days.as_utc_range()
    }

    /// Every name, up to `max_days` wide ([`Self::MAX_DAYS`] at most), whose window a change of
    /// `appointment` reaches; none twice.
    ///
    /// ```
    /// use booking_domain::{cache_key::DayRangeKey, ids::EventTypeId, time::TimeRange};
    /// let sold = TimeRange::lasting("2025-10-13T08:00:00+02:00".parse()?, 60);
    /// let names: Vec<_> = DayRangeKey::touched_by(EventTypeId::new(7), &sold, 2)
    ///     .map(|key| key.to_string())
    ///     .collect();
    /// assert_eq!(names, [
    ///     "calcom:slots:7:2025-10-13:2025-10-13",
    ///     "calcom:slots:7:2025-10-12:2025-10-13",
    ///     "calcom:slots:7:2025-10-13:2025-10-14",
    /// ]);
    /// # Ok::<(), booking_domain::time::InstantError>(())
    /// ```
    pub fn touched_by(
        event_type: EventTypeId,
        appointment: &TimeRange,
        max_days: u32,
    ) -> impl Iterator<Item = Self> + use<> {
        let days = reach(appointment).utc_days();
        let widest = max_days.min(Self::MAX_DAYS) as i32;
        (1..=widest).flat_map(move |width| {
            let first = days.first().epoch_days() - (width - 1);
            (first..=days.last().epoch_days()).filter_map(move |start| {
                let (start, end) = (Day::from_epoch_days(start), start + width - 1);
                let days = DayRange::new(start, Day::from_epoch_days(end))?;
                // At the ends of the calendar there is nothing so wide.
                (days.len_days() == width as u32).then_some(Self { event_type, days })
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
        let reader = Reader {
            text,
            wanted: "cache key",
        };
        let Some(rest) = text.strip_prefix(Self::PREFIX) else {
            return reader.fail(KeyProblem::Beginning(Self::PREFIX));
        };
        let [event_type, first, last] = reader.parts(rest, ':', Self::FORM)?;
        let event_type = EventTypeId::new(reader.number(event_type, Reader::EVENT_TYPE)?);
        let days = DayRange::new(reader.day(first)?, reader.day(last)?);
        days.map_or_else(
            || reader.fail(KeyProblem::Order),
            |days| Ok(Self { event_type, days }),
        )
    }
}
