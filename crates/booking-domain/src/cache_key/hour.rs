//! The whole UTC hours that layer 2 is made of.

use std::fmt;
use std::str::FromStr;

use super::text::Reader;
use super::{KeyError, KeyProblem};
use crate::time::{Day, Instant, Span};

/// A whole hour on the UTC line, printed `YYYY-MM-DD-HH`, in the years 1 to 9999.
///
/// ```
/// use booking_domain::cache_key::UtcHour;
/// let hour: UtcHour = "2025-10-13-23".parse()?;
/// assert_eq!(hour.plus(1).to_string(), "2025-10-14-00");
/// # Ok::<(), booking_domain::cache_key::KeyError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UtcHour(i64);

impl UtcHour {
    /// 0001-01-01-00.
    pub const MIN: Self = Self(Day::MIN.epoch_days() as i64 * 24);
    /// 9999-12-31-23.
    pub const MAX: Self = Self(Day::MAX.epoch_days() as i64 * 24 + 23);

    /// The hour this moment lies in.
    ///
    /// ```
    /// use booking_domain::cache_key::UtcHour;
    /// let hour = UtcHour::of("2025-10-13T08:59:59+02:00".parse()?);
    /// assert_eq!(hour.to_string(), "2025-10-13-06");
    /// # Ok::<(), booking_domain::time::InstantError>(())
    /// ```
    pub const fn of(at: Instant) -> Self {
        Self(at.unix_seconds().div_euclid(3_600))
    }

    /// Its first moment.
    ///
    /// ```
    /// use booking_domain::cache_key::UtcHour;
    /// let hour: UtcHour = "2025-10-13-06".parse()?;
    /// assert_eq!(hour.start().to_string(), "2025-10-13T06:00:00Z");
    /// # Ok::<(), booking_domain::cache_key::KeyError>(())
    /// ```
    pub fn start(self) -> Instant {
        self.day().start_utc() + Span::hours(self.hour_of_day())
    }

    /// The hour `n` later (earlier when negative), stopping at [`Self::MIN`] and [`Self::MAX`].
    ///
    /// ```
    /// use booking_domain::cache_key::UtcHour;
    /// let hour: UtcHour = "2024-03-01-00".parse()?;
    /// assert_eq!(hour.plus(-1).to_string(), "2024-02-29-23");
    /// assert_eq!(UtcHour::MAX.plus(1), UtcHour::MAX);
    /// # Ok::<(), booking_domain::cache_key::KeyError>(())
    /// ```
    pub fn plus(self, n: i64) -> Self {
        Self(self.0.saturating_add(n)).clamp(Self::MIN, Self::MAX)
    }

    pub(super) const fn hours_since(self, earlier: Self) -> i64 {
        self.0 - earlier.0
    }

    const fn day(self) -> Day {
        Day::from_epoch_days(self.0.div_euclid(24) as i32)
    }

    const fn hour_of_day(self) -> i64 {
        self.0.rem_euclid(24)
    }

    /// `None` for any other form.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (day, hour) = text.rsplit_once('-')?;
        let day: Day = day.parse().ok()?;
        let digits = hour.len() == 2 && hour.bytes().all(|byte| byte.is_ascii_digit());
        let hour: i64 = hour.parse().ok()?;
        (digits && hour < 24).then_some(Self(i64::from(day.epoch_days()) * 24 + hour))
    }
}

impl fmt::Display for UtcHour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:02}", self.day(), self.hour_of_day())
    }
}

impl fmt::Debug for UtcHour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for UtcHour {
    type Err = KeyError;
    /// Accepts exactly `YYYY-MM-DD-HH`.
    fn from_str(text: &str) -> Result<Self, KeyError> {
        let reader = Reader {
            text,
            wanted: "hour of a cache key",
        };
        Self::parse(text).map_or_else(|| reader.fail(KeyProblem::Hour(text.to_owned())), Ok)
    }
}
