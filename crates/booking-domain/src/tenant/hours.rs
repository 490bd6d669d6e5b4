//! Weekly opening hours in local time.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::time::{Day, LocalTime, TimeRange, Weekday, ZoneName};

const END_OF_DAY: u16 = 24 * 60;

/// When a service can be had: local hours per weekday. Empty means "at any time".
///
/// Written as `{"mon":[["08:00","12:00"],["13:00","18:00"]]}`; hours end at `24:00` at the latest.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(try_from = "RawHours", into = "RawHours")]
pub struct OpeningHours(BTreeMap<Weekday, Vec<(u16, u16)>>);

type RawHours = BTreeMap<Weekday, Vec<(String, String)>>;

/// Hours that are no hours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HoursError {
    /// Not `HH:MM`.
    #[error("'{0}' is not a time like 08:00 (24:00 at the latest)")]
    Time(String),
    /// Closes before it opens.
    #[error("the hours {0}–{1} end before they begin; split hours over midnight at 24:00")]
    Order(String, String),
    /// Two intervals of one day overlap.
    #[error("the hours of {0:?} overlap")]
    Overlap(Weekday),
}

impl OpeningHours {
    /// Whether no hours are set, which means always open.
    pub fn is_unrestricted(&self) -> bool {
        self.0.values().all(Vec::is_empty)
    }

    /// Whether the whole of `range` lies within opening hours of `zone`.
    pub fn covers(&self, range: &TimeRange, zone: ZoneName) -> bool {
        let holds = |open: &TimeRange| open.contains(range);
        self.is_unrestricted() || self.open_ranges(range, zone).iter().any(holds)
    }

    /// The open ranges of the local days that `window` touches, in order. Those that touch (at
    /// midnight) are one, so that a stay across it lies inside.
    pub fn open_ranges(&self, window: &TimeRange, zone: ZoneName) -> Vec<TimeRange> {
        let first = zone.local(window.start()).day;
        let days = zone.local(window.end()).day.days_since(first);
        let mut ranges: Vec<TimeRange> = Vec::new();
        for open in (0..=days).flat_map(|ahead| self.on(first.plus_days(ahead), zone)) {
            match ranges.last_mut() {
                Some(last) if open.start() <= last.end() => *last = last.joined(&open),
                _ => ranges.push(open),
            }
        }
        ranges
    }

    /// The open ranges of one local day, in order.
    pub fn on(&self, day: Day, zone: ZoneName) -> Vec<TimeRange> {
        if self.is_unrestricted() {
            return vec![zone.day_range(day)];
        }
        let intervals = self
            .0
            .get(&day.weekday())
            .map(Vec::as_slice)
            .unwrap_or_default();
        intervals
            .iter()
            .filter_map(|&(open, close)| {
                let start = zone.resolve(day, local(open)?).lenient();
                let end = match local(close) {
                    Some(time) => zone.resolve(day, time).lenient(),
                    None => zone.day_range(day).end(),
                };
                TimeRange::new(start, end).ok()
            })
            .collect()
    }
}

fn local(minute: u16) -> Option<LocalTime> {
    LocalTime::new(u8::try_from(minute / 60).ok()?, (minute % 60) as u8)
}

fn parse(text: &str) -> Result<u16, HoursError> {
    let bad = || HoursError::Time(text.to_owned());
    let (hour, minute) = text.split_once(':').ok_or_else(bad)?;
    let number = |part: &str| -> Result<u16, HoursError> {
        let plain = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse().ok().filter(|_| plain).ok_or_else(bad)
    };
    let (hour, minute) = (number(hour)?, number(minute)?);
    let total = hour * 60 + minute;
    if minute < 60 && total <= END_OF_DAY {
        Ok(total)
    } else {
        Err(bad())
    }
}

fn print(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

impl TryFrom<RawHours> for OpeningHours {
    type Error = HoursError;
    fn try_from(raw: RawHours) -> Result<Self, HoursError> {
        let mut week = BTreeMap::new();
        for (weekday, intervals) in raw {
            let mut parsed = Vec::with_capacity(intervals.len());
            for (open, close) in intervals {
                let (from, until) = (parse(&open)?, parse(&close)?);
                if from >= until {
                    return Err(HoursError::Order(open, close));
                }
                parsed.push((from, until));
            }
            parsed.sort_unstable();
            if parsed.windows(2).any(|pair| pair[0].1 > pair[1].0) {
                return Err(HoursError::Overlap(weekday));
            }
            week.insert(weekday, parsed);
        }
        Ok(Self(week))
    }
}

impl From<OpeningHours> for RawHours {
    fn from(hours: OpeningHours) -> Self {
        let print_all = |day: Vec<(u16, u16)>| {
            day.into_iter()
                .map(|(open, close)| (print(open), print(close)))
                .collect()
        };
        hours
            .0
            .into_iter()
            .map(|(weekday, day)| (weekday, print_all(day)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Instant;

    fn hours(json: &str) -> Result<OpeningHours, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    fn berlin() -> ZoneName {
        "Europe/Berlin".parse().expect("known zone")
    }

    fn range(start: &str, minutes: u32) -> TimeRange {
        TimeRange::lasting(start.parse::<Instant>().expect("valid"), minutes)
    }

    #[test]
    fn round_trip_and_refusals() {
        let text = r#"{"mon":[["08:00","12:00"],["13:00","24:00"]]}"#;
        let parsed = hours(text).expect("valid");
        assert_eq!(serde_json::to_string(&parsed).expect("prints"), text);
        for bad in [
            r#"{"mon":[["8:00","12:00"]]}"#,
            r#"{"mon":[["08:00","24:01"]]}"#,
            r#"{"mon":[["12:00","08:00"]]}"#,
            r#"{"mon":[["08:00","12:00"],["11:00","13:00"]]}"#,
            r#"{"someday":[]}"#,
        ] {
            assert!(hours(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_stay_must_fit_inside() {
        let week = hours(r#"{"mon":[["08:00","18:00"]]}"#).expect("valid");
        let fits = |start, minutes| week.covers(&range(start, minutes), berlin());
        assert!(fits("2025-10-13T08:00:00+02:00", 60));
        assert!(fits("2025-10-13T17:00:00+02:00", 60));
        assert!(!fits("2025-10-13T17:30:00+02:00", 60));
        assert!(!fits("2025-10-13T07:59:00+02:00", 60));
        assert!(!fits("2025-10-14T09:00:00+02:00", 60), "Tuesday is closed");
    }

    #[test]
    fn hours_that_meet_at_midnight_join() {
        let week =
            hours(r#"{"mon":[["20:00","24:00"]],"tue":[["00:00","04:00"]]}"#).expect("valid");
        assert!(week.covers(&range("2025-10-13T23:00:00+02:00", 120), berlin()));
        assert!(!week.covers(&range("2025-10-14T03:30:00+02:00", 60), berlin()));
    }

    /// Red when only the days next to the first one count.
    #[test]
    fn hours_that_meet_join_for_as_long_as_they_do() {
        let days = ["mon", "tue", "wed", "thu", "fri"];
        let week: Vec<_> = days
            .iter()
            .map(|day| format!(r#""{day}":[["00:00","24:00"]]"#))
            .collect();
        let week = hours(&format!("{{{}}}", week.join(","))).expect("valid");
        let five_days = range("2025-10-13T00:00:00+02:00", 5 * 24 * 60);
        assert!(week.covers(&five_days, berlin()));
        let into_saturday = range("2025-10-13T00:01:00+02:00", 5 * 24 * 60);
        assert!(!week.covers(&into_saturday, berlin()));
    }

    #[test]
    fn no_hours_mean_any_time() {
        assert!(OpeningHours::default().covers(&range("2025-10-12T03:00:00Z", 600), berlin()));
    }
}
