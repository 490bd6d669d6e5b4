//! Half-open ranges: of time, and of whole UTC days.

use serde::{Deserialize, Serialize};

use super::{Day, Instant, Span};

/// `[start, end)` with `start < end`, by construction.
///
/// ```
/// use booking_domain::time::{Instant, TimeRange};
/// let at = |text: &str| text.parse::<Instant>().unwrap();
/// let nine = TimeRange::new(at("2025-10-13T09:00:00Z"), at("2025-10-13T10:00:00Z"))?;
/// let ten = TimeRange::new(at("2025-10-13T10:00:00Z"), at("2025-10-13T11:00:00Z"))?;
/// assert!(!nine.overlaps(&ten), "the end is not part of the range");
/// # Ok::<(), booking_domain::time::EmptyRange>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "RawRange")]
pub struct TimeRange {
    start: Instant,
    end: Instant,
}

#[derive(Deserialize)]
struct RawRange {
    start: Instant,
    end: Instant,
}

impl TryFrom<RawRange> for TimeRange {
    type Error = EmptyRange;
    fn try_from(raw: RawRange) -> Result<Self, EmptyRange> {
        Self::new(raw.start, raw.end)
    }
}

/// The end is not after the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the end ({end}) is not after the start ({start})")]
pub struct EmptyRange {
    /// The start that was given.
    pub start: Instant,
    /// The end that was given.
    pub end: Instant,
}

impl TimeRange {
    /// The range from `start` up to, not including, `end`.
    pub fn new(start: Instant, end: Instant) -> Result<Self, EmptyRange> {
        if start < end {
            Ok(Self { start, end })
        } else {
            Err(EmptyRange { start, end })
        }
    }

    /// The range of `minutes` beginning at `start`; a length of zero becomes one minute. At the end of
    /// the year 9999 it is shorter.
    pub fn lasting(start: Instant, minutes: u32) -> Self {
        let start = start.min(Instant::MAX - Span::MICROSECOND);
        Self {
            start,
            end: start + Span::minutes(i64::from(minutes.max(1))),
        }
    }

    /// The first moment inside.
    pub const fn start(&self) -> Instant {
        self.start
    }

    /// The first moment after.
    pub const fn end(&self) -> Instant {
        self.end
    }

    /// How long it is.
    pub const fn span(&self) -> Span {
        self.end.since(self.start)
    }

    /// Whether the two share a moment.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// Whether `other` lies wholly inside.
    pub fn contains(&self, other: &Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// The range made longer at both ends.
    pub fn padded(&self, before: Span, after: Span) -> Self {
        Self {
            start: self.start - before,
            end: self.end + after,
        }
    }

    /// From the earlier start to the later end of the two.
    pub fn joined(&self, other: &Self) -> Self {
        Self {
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }

    /// Rounded outward to whole UTC hours.
    pub fn to_hours(&self) -> Self {
        Self {
            start: self.start.floor_hour(),
            end: self.end.ceil_hour(),
        }
    }

    /// The UTC days that share a moment with the range.
    pub fn utc_days(&self) -> DayRange {
        DayRange {
            first: self.start.utc_day(),
            // The end itself is not part of the range.
            last: (self.end - Span::MICROSECOND).utc_day(),
        }
    }
}

/// Whole days from `first` to `last`, both included, `first <= last` by construction.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct DayRange {
    first: Day,
    last: Day,
}

impl DayRange {
    /// The days from `first` to `last`, both included; `None` when `last` is before `first`.
    pub fn new(first: Day, last: Day) -> Option<Self> {
        (first <= last).then_some(Self { first, last })
    }

    /// The first day.
    pub const fn first(&self) -> Day {
        self.first
    }

    /// The last day, included.
    pub const fn last(&self) -> Day {
        self.last
    }

    /// How many days, at least one.
    pub const fn len_days(&self) -> u32 {
        (self.last.epoch_days() - self.first.epoch_days()) as u32 + 1
    }

    /// Every day, in order.
    pub fn iter(&self) -> impl Iterator<Item = Day> + use<> {
        (self.first.epoch_days()..=self.last.epoch_days()).map(Day::from_epoch_days)
    }

    /// From midnight UTC of the first day to midnight UTC after the last (for 9999-12-31 to its last
    /// moment).
    pub fn as_utc_range(&self) -> TimeRange {
        TimeRange {
            start: self.first.start_utc(),
            end: self.last.start_utc() + Span::DAY,
        }
    }

    /// Whether the two share a day.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.first <= other.last && other.first <= self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn range(start: i64, minutes: i64) -> TimeRange {
        let start = Instant::from_unix_seconds(start).expect("in range");
        TimeRange::new(start, start + Span::minutes(minutes)).expect("not empty")
    }

    #[test]
    fn an_end_at_midnight_does_not_touch_the_next_day() {
        let evening: TimeRange = TimeRange::new(
            "2025-10-13T22:00:00Z".parse().expect("valid"),
            "2025-10-14T00:00:00Z".parse().expect("valid"),
        )
        .expect("not empty");
        assert_eq!(evening.utc_days().len_days(), 1);
        assert_eq!(
            evening
                .padded(Span::ZERO, Span::MINUTE)
                .utc_days()
                .len_days(),
            2
        );
    }

    /// Red when a range can be made that is empty or ends before it begins (`as_utc_range` by the
    /// beginning of the next day, `lasting` without its limit, `ceil_hour` past the last moment).
    #[test]
    fn the_end_of_the_calendar_leaves_no_range_empty() {
        let day = DayRange::new(Day::MAX, Day::MAX).expect("one day");
        let last = TimeRange::lasting(Instant::MAX, 60);
        for range in [
            day.as_utc_range(),
            last,
            last.to_hours(),
            last.padded(Span::DAY, Span::DAY),
        ] {
            assert!(range.start() < range.end(), "{range:?}");
            assert_eq!(range.utc_days().last(), Day::MAX);
        }
    }

    #[test]
    fn contained_ranges_overlap() {
        let long = range(0, 180);
        assert!(long.overlaps(&range(1_800, 60)) && range(1_800, 60).overlaps(&long));
        assert!(!long.overlaps(&range(180 * 60, 30)));
    }

    proptest! {
        #[test]
        fn days_of_a_range_are_exactly_those_it_overlaps(start in 0i64..10_000_000, minutes in 1i64..10_000) {
            let range = range(start, minutes);
            let days = range.utc_days();
            for day in DayRange::new(days.first().plus_days(-2), days.last().plus_days(2)).expect("ordered").iter() {
                let whole = DayRange::new(day, day).expect("one day").as_utc_range();
                let inside = days.first() <= day && day <= days.last();
                prop_assert_eq!(whole.overlaps(&range), inside);
            }
        }
    }
}
