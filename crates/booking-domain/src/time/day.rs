//! A calendar day: the UTC day of a cache key, or a local date that a person named.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Instant, Span};

/// Days from 0001-01-01 to 1970-01-01 in chrono's count.
const EPOCH_FROM_CE: i32 = 719_163;

/// A day of the (proleptic Gregorian) calendar, without a zone, in the years 1 to 9999: always ten
/// characters.
///
/// ```
/// use booking_domain::time::Day;
/// let day: Day = "2024-02-28".parse()?;
/// assert_eq!(day.plus_days(1).to_string(), "2024-02-29");
/// # Ok::<(), booking_domain::time::DayError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(i32);

/// A text that names no day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a date like 2025-10-13")]
pub struct DayError(pub String);

/// The day of the week, Monday first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Weekday {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

impl Weekday {
    /// All seven, Monday first.
    pub const ALL: [Self; 7] = [
        Self::Mon,
        Self::Tue,
        Self::Wed,
        Self::Thu,
        Self::Fri,
        Self::Sat,
        Self::Sun,
    ];
}

impl Day {
    /// 0001-01-01.
    pub const MIN: Self = Self(-719_162);
    /// 9999-12-31.
    pub const MAX: Self = Self(2_932_896);

    /// From the number of days since 1970-01-01, stopping at [`Self::MIN`] and [`Self::MAX`].
    pub const fn from_epoch_days(days: i32) -> Self {
        if days < Self::MIN.0 {
            Self::MIN
        } else if days > Self::MAX.0 {
            Self::MAX
        } else {
            Self(days)
        }
    }

    /// The number of days since 1970-01-01.
    pub const fn epoch_days(self) -> i32 {
        self.0
    }

    /// From year (1–9999), month (1–12) and day of the month; `None` when there is no such day.
    pub fn from_ymd(year: i32, month: u32, day: u32) -> Option<Self> {
        NaiveDate::from_ymd_opt(year, month, day)
            .filter(|_| (1..=9_999).contains(&year))
            .map(Self::from_chrono)
    }

    /// Year, month (1–12) and day of the month.
    pub fn ymd(self) -> (i32, u32, u32) {
        let date = self.to_chrono();
        (date.year(), date.month(), date.day())
    }

    /// The day of the week.
    pub const fn weekday(self) -> Weekday {
        // 1970-01-01 was a Thursday.
        Weekday::ALL[(self.0 + 3).rem_euclid(7) as usize]
    }

    /// The ISO 8601 week-year and week number.
    pub fn iso_week(self) -> (i32, u32) {
        let week = self.to_chrono().iso_week();
        (week.year(), week.week())
    }

    /// The day `n` days later (earlier when negative), stopping at [`Self::MIN`] and [`Self::MAX`].
    pub const fn plus_days(self, n: i32) -> Self {
        Self::from_epoch_days(self.0.saturating_add(n))
    }

    /// How many days `other` is before this one.
    pub const fn days_since(self, other: Self) -> i32 {
        self.0 - other.0
    }

    /// Midnight UTC at the beginning of this day.
    pub fn start_utc(self) -> Instant {
        Instant::from_unix_micros(i64::from(self.0) * Span::DAY.as_micros())
            .expect("days and instants are of the same years")
    }

    pub(crate) fn to_chrono(self) -> NaiveDate {
        NaiveDate::from_num_days_from_ce_opt(self.0 + EPOCH_FROM_CE)
            .expect("the years 1 to 9999 are chrono's too")
    }

    pub(crate) fn from_chrono(date: NaiveDate) -> Self {
        Self::from_epoch_days(date.num_days_from_ce() - EPOCH_FROM_CE)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.ymd();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Day {
    type Err = DayError;
    /// Accepts exactly `YYYY-MM-DD`.
    fn from_str(text: &str) -> Result<Self, DayError> {
        let bytes = text.as_bytes();
        let shaped = bytes.len() == 10
            && bytes.iter().enumerate().all(|(at, byte)| match at {
                4 | 7 => *byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        let parse = || {
            let (year, month, day) = (
                text[..4].parse().ok()?,
                text[5..7].parse().ok()?,
                text[8..].parse().ok()?,
            );
            Self::from_ymd(year, month, day)
        };
        if shaped { parse() } else { None }.ok_or_else(|| DayError(text.to_owned()))
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_days() {
        assert_eq!(Day::from_epoch_days(0).to_string(), "1970-01-01");
        assert_eq!(
            "2025-10-13".parse::<Day>().map(Day::weekday),
            Ok(Weekday::Mon)
        );
        for bad in [
            "2025-02-29",
            "2025-1-1",
            "25-10-13",
            "2025-10-13T",
            "２025-10-1",
            "0000-12-31",
        ] {
            assert!(bad.parse::<Day>().is_err(), "{bad}");
        }
    }

    /// Red when a day outside the years 1 to 9999 can be made: its text would be read by nobody,
    /// and its beginning would be the year 1 (`from_epoch_days` without its limits).
    #[test]
    fn days_stop_at_the_ends_of_the_calendar() {
        assert_eq!(Day::MIN.to_string(), "0001-01-01");
        assert_eq!(Day::MAX.to_string(), "9999-12-31");
        assert_eq!(Day::MAX.plus_days(1), Day::MAX);
        assert_eq!(Day::MIN.plus_days(-1), Day::MIN);
        assert_eq!(Day::from_epoch_days(i32::MAX), Day::MAX);
        assert_eq!(Day::from_epoch_days(i32::MIN), Day::MIN);
        assert_eq!(Day::from_ymd(10_000, 1, 1), None);
        assert_eq!(Day::from_ymd(0, 1, 1), None);
    }

    proptest! {
        #[test]
        fn text_round_trip(days in Day::MIN.0..=Day::MAX.0) {
            let day = Day::from_epoch_days(days);
            prop_assert_eq!(day.to_string().parse::<Day>(), Ok(day));
            prop_assert_eq!(day.start_utc().utc_day(), day);
            prop_assert_eq!(Day::from_epoch_days(days % 7 + 70).weekday(), day.weekday());
        }
    }
}
