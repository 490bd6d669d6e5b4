//! A moment on the UTC time line, and the distance between two of them.

use std::fmt;
use std::ops::{Add, Sub};
use std::str::FromStr;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Day;

const MICROS_PER_SECOND: i64 = 1_000_000;
const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;
/// Years 1 to 9999: what RFC 3339 can write and every database of ours can store.
const RANGE: std::ops::RangeInclusive<i64> = -62_135_596_800_000_000..=253_402_300_799_999_999;

/// A moment in UTC, in whole microseconds (what Postgres stores).
///
/// ```
/// use booking_domain::time::Instant;
/// let start: Instant = "2025-10-13T08:00:00+02:00".parse()?;
/// assert_eq!(start.to_string(), "2025-10-13T06:00:00Z");
/// # Ok::<(), booking_domain::time::InstantError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

/// Why a text or number is not an [`Instant`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InstantError {
    /// Not RFC 3339, or without an offset.
    #[error("'{0}' is not a time like 2025-10-13T08:00:00+02:00 (RFC 3339 with an offset)")]
    Malformed(String),
    /// Outside the years 1 to 9999.
    #[error("the time is outside the years 1 to 9999")]
    OutOfRange,
}

impl Instant {
    /// 9999-12-31T23:59:59.999999Z.
    pub const MAX: Self = Self(*RANGE.end());

    /// From microseconds since 1970-01-01T00:00:00Z.
    pub fn from_unix_micros(micros: i64) -> Result<Self, InstantError> {
        if RANGE.contains(&micros) {
            Ok(Self(micros))
        } else {
            Err(InstantError::OutOfRange)
        }
    }

    /// From whole seconds since 1970-01-01T00:00:00Z.
    pub fn from_unix_seconds(seconds: i64) -> Result<Self, InstantError> {
        seconds
            .checked_mul(MICROS_PER_SECOND)
            .ok_or(InstantError::OutOfRange)
            .and_then(Self::from_unix_micros)
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    pub const fn unix_micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970-01-01T00:00:00Z, rounded down.
    pub const fn unix_seconds(self) -> i64 {
        self.0.div_euclid(MICROS_PER_SECOND)
    }

    /// The UTC calendar day this moment lies in.
    pub const fn utc_day(self) -> Day {
        Day::from_epoch_days(self.0.div_euclid(MICROS_PER_DAY) as i32)
    }

    /// How far into its UTC day this moment lies.
    pub const fn utc_time_of_day(self) -> Span {
        Span(self.0.rem_euclid(MICROS_PER_DAY))
    }

    /// The last whole UTC hour at or before this moment.
    pub const fn floor_hour(self) -> Self {
        Self(self.0 - self.0.rem_euclid(Span::HOUR.0))
    }

    /// The first whole UTC hour at or after this moment; in the last hour of the year 9999 its last
    /// moment.
    pub fn ceil_hour(self) -> Self {
        let floor = self.floor_hour();
        if floor == self {
            self
        } else {
            floor + Span::HOUR
        }
    }

    /// This moment moved by `span`, stopping at the ends of the representable years.
    pub fn saturating_add(self, span: Span) -> Self {
        Self(
            self.0
                .saturating_add(span.0)
                .clamp(*RANGE.start(), *RANGE.end()),
        )
    }

    /// How long after `earlier` this moment is (negative when it is before).
    pub const fn since(self, earlier: Self) -> Span {
        Span(self.0 - earlier.0)
    }

    pub(crate) fn to_chrono(self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.0).expect("the constructor keeps to chrono's years")
    }

    pub(crate) fn from_chrono(at: DateTime<Utc>) -> Result<Self, InstantError> {
        Self::from_unix_micros(at.timestamp_micros())
    }
}

impl Add<Span> for Instant {
    type Output = Self;
    fn add(self, span: Span) -> Self {
        self.saturating_add(span)
    }
}

impl Sub<Span> for Instant {
    type Output = Self;
    fn sub(self, span: Span) -> Self {
        self.saturating_add(Span(-span.0))
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            &self
                .to_chrono()
                .to_rfc3339_opts(SecondsFormat::AutoSi, true),
        )
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Instant {
    type Err = InstantError;
    fn from_str(text: &str) -> Result<Self, InstantError> {
        let parsed = DateTime::parse_from_rfc3339(text)
            .map_err(|_| InstantError::Malformed(text.to_owned()))?;
        Self::from_chrono(parsed.with_timezone(&Utc))
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A length of time in microseconds; may be negative.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Span(i64);

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// The smallest length.
    pub const MICROSECOND: Self = Self(1);
    /// One minute.
    pub const MINUTE: Self = Self(60 * MICROS_PER_SECOND);
    /// One hour.
    pub const HOUR: Self = Self(3_600 * MICROS_PER_SECOND);
    /// Twenty-four hours (not always a local day).
    pub const DAY: Self = Self(MICROS_PER_DAY);

    /// `n` seconds.
    pub const fn seconds(n: i64) -> Self {
        Self(n.saturating_mul(MICROS_PER_SECOND))
    }

    /// `n` minutes.
    pub const fn minutes(n: i64) -> Self {
        Self(n.saturating_mul(60 * MICROS_PER_SECOND))
    }

    /// `n` hours.
    pub const fn hours(n: i64) -> Self {
        Self(n.saturating_mul(3_600 * MICROS_PER_SECOND))
    }

    /// `n` times twenty-four hours.
    pub const fn days(n: i64) -> Self {
        Self(n.saturating_mul(MICROS_PER_DAY))
    }

    /// `n` milliseconds.
    pub const fn millis(n: i64) -> Self {
        Self(n.saturating_mul(1_000))
    }

    /// The length in microseconds.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// The length in whole minutes, rounded towards zero.
    pub const fn as_minutes(self) -> i64 {
        self.0 / (60 * MICROS_PER_SECOND)
    }

    /// The length in whole seconds, rounded towards zero.
    pub const fn as_seconds(self) -> i64 {
        self.0 / MICROS_PER_SECOND
    }

    /// The length in seconds with fractions, for metrics.
    pub fn as_seconds_f64(self) -> f64 {
        self.0 as f64 / MICROS_PER_SECOND as f64
    }

    /// The length without its sign.
    pub const fn abs(self) -> Self {
        Self(self.0.saturating_abs())
    }
}

impl Add for Span {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_needs_an_offset() {
        assert!(matches!(
            "2025-10-13T08:00:00".parse::<Instant>(),
            Err(InstantError::Malformed(_))
        ));
        assert!("2025-10-13T08:00:00+02:00".parse::<Instant>().is_ok());
    }

    #[test]
    fn hours_round_outward_also_before_1970() {
        let odd: Instant = "1969-12-31T23:10:00Z".parse().expect("valid");
        assert_eq!(odd.floor_hour().to_string(), "1969-12-31T23:00:00Z");
        assert_eq!(odd.ceil_hour().to_string(), "1970-01-01T00:00:00Z");
        assert_eq!(odd.ceil_hour().ceil_hour(), odd.ceil_hour());
        assert_eq!((Instant::MAX - Span::MINUTE).ceil_hour(), Instant::MAX);
    }

    proptest! {
        #[test]
        fn text_round_trip(micros in RANGE) {
            let instant = Instant::from_unix_micros(micros).expect("in range");
            prop_assert_eq!(instant.to_string().parse::<Instant>(), Ok(instant));
        }

        #[test]
        fn day_and_time_of_day_add_up(micros in RANGE) {
            let instant = Instant::from_unix_micros(micros).expect("in range");
            prop_assert_eq!(instant.utc_day().start_utc() + instant.utc_time_of_day(), instant);
        }
    }
}
