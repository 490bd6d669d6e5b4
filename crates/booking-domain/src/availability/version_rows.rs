//! The versions of one group as a mirror keeps them.

use std::collections::BTreeMap;

use super::ALL_DAYS;
use crate::time::{Day, DayRange, Instant};

/// The versions of one group, by UTC day; that of all days is under [`ALL_DAYS`].
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct VersionRows(BTreeMap<Day, Version>);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Version {
    number: i64,
    freed_at: Option<Instant>,
}

impl VersionRows {
    /// Takes in a row: the day's version, and when something in it was last given up.
    pub fn put(&mut self, day: Day, number: i64, freed_at: Option<Instant>) {
        self.0.insert(day, Version { number, freed_at });
    }

    /// The version of all days, of which every window's sum is at least.
    pub fn all_days(&self) -> i64 {
        self.0.get(&ALL_DAYS).map_or(0, |version| version.number)
    }

    /// The sum of the [`Stamp`](super::Stamp) of these days.
    pub fn sum(&self, days: DayRange) -> i64 {
        self.in_stamp(days).map(|version| version.number).sum()
    }

    /// When something in these days was last given up.
    pub fn freed_at(&self, days: DayRange) -> Option<Instant> {
        self.in_stamp(days)
            .filter_map(|version| version.freed_at)
            .max()
    }

    fn in_stamp(&self, days: DayRange) -> impl Iterator<Item = &Version> {
        let in_window = self.0.range(days.first()..=days.last());
        let in_window = in_window.filter(|(day, _)| **day != ALL_DAYS);
        in_window
            .map(|(_, version)| version)
            .chain(self.0.get(&ALL_DAYS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Span;

    fn days(first: &str, last: &str) -> DayRange {
        let day = |text: &str| text.parse::<Day>().expect("a date");
        DayRange::new(day(first), day(last)).expect("in order")
    }

    /// Red when a day outside counts, a first, last or the all-days row does not or does so twice,
    /// or a later moment is passed over.
    #[test]
    fn a_window_has_its_days_and_all_days() {
        let early: Instant = "2025-10-10T08:00:00Z".parse().expect("an instant");
        let (later, latest) = (early + Span::HOUR, early + Span::DAY);
        let mut rows = VersionRows::default();
        let week = days("2025-10-13", "2025-10-19");
        assert_eq!(
            (rows.sum(week), rows.all_days(), rows.freed_at(week)),
            (0, 0, None)
        );
        for (day, number, freed_at) in [
            ("2025-10-12", 1_000, Some(latest)),
            ("2025-10-13", 1, None),
            ("2025-10-14", 20, Some(early)),
            ("2025-10-19", 300, Some(later)),
        ] {
            rows.put(day.parse().expect("a date"), number, freed_at);
        }
        assert_eq!((rows.sum(week), rows.freed_at(week)), (321, Some(later)));
        let monday = days("2025-10-13", "2025-10-13");
        assert_eq!((rows.sum(monday), rows.freed_at(monday)), (1, None));
        rows.put(ALL_DAYS, 7, Some(latest));
        assert_eq!((rows.sum(monday), rows.freed_at(monday)), (8, Some(latest)));
        assert_eq!(
            (rows.all_days(), rows.sum(days("0001-01-01", "0001-01-01"))),
            (7, 7)
        );
        rows.put(ALL_DAYS, 8, None);
        assert_eq!((rows.sum(week), rows.freed_at(week)), (329, Some(later)));
    }
}
