//! Zones: the only place where local time meets UTC.

use std::fmt;
use std::str::FromStr;

use chrono::offset::LocalResult;
use chrono::{NaiveTime, Offset, TimeZone, Timelike};
use chrono_tz::Tz;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Day, Instant, Span, TimeRange};

/// The name of a zone of the IANA database, such as `Europe/Berlin`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ZoneName(Tz);

/// A name that the zone database does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a time zone like Europe/Berlin (IANA name)")]
pub struct UnknownZone(pub String);

/// Hour and minute on a wall clock.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct LocalTime {
    hour: u8,
    minute: u8,
}

/// What calendar and wall clock show in a zone.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct LocalDateTime {
    /// The local date.
    pub day: Day,
    /// The wall clock.
    pub time: LocalTime,
}

/// What a wall-clock time means on the UTC line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Resolved {
    /// One moment.
    One(Instant),
    /// The hour happens twice (clocks go back).
    Twice {
        /// The first time round.
        earlier: Instant,
        /// The second time round.
        later: Instant,
    },
    /// The hour does not happen (clocks go forward).
    Gap {
        /// The first moment after the gap.
        after: Instant,
    },
}

impl Resolved {
    /// The moment, taking the earlier of two; `None` in a gap.
    pub const fn earliest(self) -> Option<Instant> {
        match self {
            Self::One(at) | Self::Twice { earlier: at, .. } => Some(at),
            Self::Gap { .. } => None,
        }
    }

    /// The moment, taking the earlier of two and the end of a gap.
    pub const fn lenient(self) -> Instant {
        match self {
            Self::One(at) | Self::Twice { earlier: at, .. } | Self::Gap { after: at } => at,
        }
    }
}

/// The version of the zone database compiled in (shown by `/health`).
pub const fn zone_data_version() -> &'static str {
    chrono_tz::IANA_TZDB_VERSION
}

impl LocalTime {
    /// Midnight.
    pub const MIDNIGHT: Self = Self { hour: 0, minute: 0 };

    /// `hour` 0–23 and `minute` 0–59; `None` otherwise.
    pub fn new(hour: u8, minute: u8) -> Option<Self> {
        (hour < 24 && minute < 60).then_some(Self { hour, minute })
    }

    /// The hour, 0–23.
    pub const fn hour(self) -> u8 {
        self.hour
    }

    /// The minute, 0–59.
    pub const fn minute(self) -> u8 {
        self.minute
    }

    /// Minutes since midnight.
    pub const fn minute_of_day(self) -> u16 {
        self.hour as u16 * 60 + self.minute as u16
    }
}

impl fmt::Display for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.hour, self.minute)
    }
}

impl ZoneName {
    /// Coordinated universal time.
    pub const UTC: Self = Self(Tz::UTC);

    /// The IANA name.
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// What people in this zone call the moment.
    pub fn local(self, at: Instant) -> LocalDateTime {
        let local = at.to_chrono().with_timezone(&self.0);
        let time = LocalTime {
            hour: local.hour() as u8,
            minute: local.minute() as u8,
        };
        LocalDateTime {
            day: Day::from_chrono(local.date_naive()),
            time,
        }
    }

    /// The moment that a wall clock in this zone means.
    pub fn resolve(self, day: Day, time: LocalTime) -> Resolved {
        let wall = day.to_chrono().and_time(
            NaiveTime::from_hms_opt(time.hour.into(), time.minute.into(), 0)
                .expect("a LocalTime is a valid wall clock"),
        );
        let instant = |at: chrono::DateTime<Tz>| {
            Instant::from_chrono(at.with_timezone(&chrono::Utc)).unwrap_or_else(|_| day.start_utc())
        };
        match self.0.from_local_datetime(&wall) {
            LocalResult::Single(at) => Resolved::One(instant(at)),
            LocalResult::Ambiguous(earlier, later) => Resolved::Twice {
                earlier: instant(earlier),
                later: instant(later),
            },
            LocalResult::None => Resolved::Gap {
                after: self.after_gap(day, time),
            },
        }
    }

    /// The moment a minute-by-minute walk first leaves the gap around `day time`.
    fn after_gap(self, day: Day, time: LocalTime) -> Instant {
        let wanted = LocalDateTime { day, time };
        // A gap is an hour, rarely up to a whole day: from a day before, the local clock first
        // shows something later than the wanted time exactly at the end of the gap.
        let (mut low, mut high) = (
            day.start_utc() - Span::days(2),
            day.start_utc() + Span::days(3),
        );
        while high.since(low) > Span::MINUTE {
            let middle = low + Span::minutes(high.since(low).as_minutes() / 2);
            if self.local(middle) > wanted {
                high = middle;
            } else {
                low = middle;
            }
        }
        high
    }

    /// The local day as a range on the UTC line: 23, 24 or 25 hours, or odd lengths elsewhere.
    pub fn day_range(self, day: Day) -> TimeRange {
        let start = self.resolve(day, LocalTime::MIDNIGHT).lenient();
        let end = self
            .resolve(day.plus_days(1), LocalTime::MIDNIGHT)
            .lenient();
        TimeRange::new(start, end)
            .unwrap_or_else(|_| TimeRange::lasting(start, Span::DAY.as_minutes() as u32))
    }

    /// RFC 3339 text of the moment with this zone's offset, such as `2025-10-13T08:00:00+02:00`.
    pub fn rfc3339(self, at: Instant) -> String {
        let local = at.to_chrono().with_timezone(&self.0);
        let offset = local.offset().fix();
        local
            .with_timezone(&offset)
            .to_rfc3339_opts(chrono::SecondsFormat::AutoSi, false)
    }
}

impl FromStr for ZoneName {
    type Err = UnknownZone;
    fn from_str(text: &str) -> Result<Self, UnknownZone> {
        text.parse()
            .map(Self)
            .map_err(|_| UnknownZone(text.to_owned()))
    }
}

impl fmt::Display for ZoneName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Debug for ZoneName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for ZoneName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for ZoneName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn berlin() -> ZoneName {
        "Europe/Berlin".parse().expect("known zone")
    }

    fn day(text: &str) -> Day {
        text.parse().expect("valid day")
    }

    fn at(hour: u8, minute: u8) -> LocalTime {
        LocalTime::new(hour, minute).expect("valid time")
    }

    #[test]
    fn the_spring_gap_names_its_end() {
        let gap = berlin().resolve(day("2027-03-28"), at(2, 30));
        assert_eq!(
            gap,
            Resolved::Gap {
                after: "2027-03-28T01:00:00Z".parse().expect("valid")
            }
        );
        assert_eq!(gap.earliest(), None);
    }

    #[test]
    fn the_autumn_hour_happens_twice() {
        let Resolved::Twice { earlier, later } = berlin().resolve(day("2027-10-31"), at(2, 30))
        else {
            panic!("two moments expected")
        };
        assert_eq!(later.since(earlier), Span::HOUR);
    }

    #[test]
    fn days_have_23_24_or_25_hours() {
        let hours = |text| berlin().day_range(day(text)).span().as_minutes() / 60;
        assert_eq!(
            (
                hours("2027-03-28"),
                hours("2027-10-31"),
                hours("2027-06-01")
            ),
            (23, 25, 24)
        );
    }

    #[test]
    fn offsets_are_printed() {
        let at: Instant = "2025-10-13T06:00:00Z".parse().expect("valid");
        assert_eq!(berlin().rfc3339(at), "2025-10-13T08:00:00+02:00");
        assert_eq!(ZoneName::UTC.rfc3339(at), "2025-10-13T06:00:00+00:00");
    }

    proptest! {
        #[test]
        fn local_and_back(zone in 0..chrono_tz::TZ_VARIANTS.len(), minutes in 28_401_120i64..32_083_200) {
            let zone = ZoneName(chrono_tz::TZ_VARIANTS[zone]);
            let instant = Instant::from_unix_seconds(minutes * 60).expect("in range");
            let local = zone.local(instant);
            match zone.resolve(local.day, local.time) {
                // Zones with offsets that are no whole minutes do not occur in these years.
                Resolved::One(back) => prop_assert_eq!(back, instant),
                Resolved::Twice { earlier, later } => prop_assert!(earlier == instant || later == instant),
                Resolved::Gap { .. } => prop_assert!(false, "a moment that happens is in no gap"),
            }
        }
    }
}
