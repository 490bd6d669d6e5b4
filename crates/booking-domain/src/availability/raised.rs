//! Which availability versions a change raises, and what a commit says it has raised.

use std::collections::BTreeSet;

use crate::ids::GroupId;
use crate::time::{Day, DayRange, Span, TimeRange};

/// The day whose version is that of all days: 0001-01-01.
pub const ALL_DAYS: Day = Day::from_epoch_days(-719_162);

/// More days than this count as all days.
const MOST_DAYS: usize = 62;

/// The days whose versions a change raises: the UTC days of the affected times, widened by `reach`
/// on both sides. More than 62 days are [`ALL_DAYS`], and so is what nobody knows (`None`).
pub fn days_reached(affected: Option<&[TimeRange]>, reach: Span) -> BTreeSet<Day> {
    let Some(affected) = affected else {
        return BTreeSet::from([ALL_DAYS]);
    };
    let days: BTreeSet<Day> = affected
        .iter()
        // One more than the most is enough to know.
        .flat_map(|it| {
            it.padded(reach, reach)
                .utc_days()
                .iter()
                .take(MOST_DAYS + 1)
        })
        .collect();
    if days.len() > MOST_DAYS {
        BTreeSet::from([ALL_DAYS])
    } else {
        days
    }
}

/// The versions that a commit has raised, each by exactly one.
///
/// The store says so itself, by group: which group a service was in when the commit came is known
/// there alone, and a version counted for the wrong group could make an old entry look fresh.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Raised(BTreeSet<(GroupId, Day)>);

impl Raised {
    /// By how much this commit has raised the [`Stamp`](super::Stamp) of the group over these days.
    pub fn count(&self, group: GroupId, days: DayRange) -> i64 {
        let in_stamp = |day: Day| day == ALL_DAYS || (days.first()..=days.last()).contains(&day);
        let raised = self
            .0
            .iter()
            .filter(|row| row.0 == group && in_stamp(row.1));
        raised.map(|_| 1).sum()
    }

    /// Whether no version was raised.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(GroupId, Day)> for Raised {
    fn from_iter<I: IntoIterator<Item = (GroupId, Day)>>(rows: I) -> Self {
        Self(rows.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Instant;
    use proptest::prelude::*;

    fn at(text: &str) -> Instant {
        text.parse().expect("an instant")
    }

    fn days(ranges: &[(&str, u32)], reach: Span) -> Vec<String> {
        let ranges: Vec<_> = ranges
            .iter()
            .map(|(start, minutes)| TimeRange::lasting(at(start), *minutes))
            .collect();
        let days = days_reached(Some(&ranges), reach);
        days.iter().map(Day::to_string).collect()
    }

    /// Red when a side is not widened, or a second range is forgotten.
    #[test]
    fn days_are_those_of_all_ranges_widened_by_the_reach() {
        let day = [("2025-10-13T09:00:00Z", 60)];
        assert_eq!(days(&day, Span::ZERO), ["2025-10-13"]);
        assert_eq!(days(&day, Span::hours(9)), ["2025-10-13"]);
        let with_before = days(&day, Span::minutes(9 * 60 + 1));
        assert_eq!(with_before, ["2025-10-12", "2025-10-13"]);
        let with_both = days(&day, Span::minutes(14 * 60 + 1));
        assert_eq!(with_both, ["2025-10-12", "2025-10-13", "2025-10-14"]);
        let both_sides = [day[0], ("2026-03-01T23:30:00Z", 60)];
        assert_eq!(
            days(&both_sides, Span::ZERO),
            ["2025-10-13", "2026-03-01", "2026-03-02"]
        );
        assert!(days(&[], Span::DAY).is_empty());
    }

    /// Red when the most is another number, is counted per range, or does not count the reach.
    #[test]
    fn more_than_sixty_two_days_are_all_days() {
        let day = 24 * 60;
        let start = "2025-01-01T00:00:00Z";
        let second = "2025-06-01T00:00:00Z";
        assert_eq!(days(&[(start, 62 * day)], Span::ZERO).len(), 62);
        assert_eq!(days(&[(start, 63 * day)], Span::ZERO), ["0001-01-01"]);
        assert_eq!(days(&[(start, 62 * day)], Span::MINUTE), ["0001-01-01"]);
        let two = [(start, 31 * day), (second, 32 * day)];
        assert_eq!(days(&two, Span::ZERO), ["0001-01-01"]);
        let twice = [(start, 62 * day), (start, 62 * day)];
        assert_eq!(days(&twice, Span::ZERO).len(), 62);
        assert_eq!(days_reached(None, Span::ZERO), BTreeSet::from([ALL_DAYS]));
    }

    /// Red when the all-days row, a first or a last day is left out, or another group counted.
    #[test]
    fn a_window_counts_its_days_and_all_days() {
        let (group, other) = (GroupId::new(1), GroupId::new(3));
        let day = |text: &str| text.parse::<Day>().expect("a date");
        let rows = ["2025-10-13", "2025-10-13", "2025-10-15", "0001-01-01"];
        let raised: Raised = rows
            .iter()
            .map(|it| (group, day(it)))
            .chain([(other, day("2025-10-14"))])
            .collect();
        for (first, last, in_group, in_other) in [
            ("2025-10-13", "2025-10-15", 3, 1),
            ("2025-10-14", "2025-10-15", 2, 1),
            ("2025-10-13", "2025-10-14", 2, 1),
            ("2025-10-16", "2025-10-20", 1, 0),
            ("0001-01-01", "2025-10-12", 1, 0),
        ] {
            let days = DayRange::new(day(first), day(last)).expect("in order");
            assert_eq!(raised.count(group, days), in_group, "{days:?}");
            assert_eq!(raised.count(other, days), in_other, "{days:?}");
        }
        assert!(!raised.is_empty() && Raised::default().is_empty());
    }

    proptest! {
        /// Red when any day is missing or one too many.
        #[test]
        fn a_day_is_reached_if_a_widened_range_shares_a_moment_with_it(
            ranges in proptest::collection::vec((0i64..6_000_000, 1u32..80_000), 0..5),
            reach in 0i64..3_000,
        ) {
            let reach = Span::minutes(reach);
            let start = at("2025-01-01T00:00:00Z");
            let affected: Vec<_> = ranges
                .iter()
                .map(|(from, minutes)| TimeRange::lasting(start + Span::seconds(*from), *minutes))
                .collect();
            let calendar = DayRange::new(
                "2024-12-01".parse().expect("a date"),
                "2025-07-01".parse().expect("a date"),
            ).expect("in order");
            let touched: BTreeSet<Day> = calendar
                .iter()
                .filter(|day| {
                    let whole = DayRange::new(*day, *day).expect("one day").as_utc_range();
                    affected.iter().any(|it| it.padded(reach, reach).overlaps(&whole))
                })
                .collect();
            let expected = if touched.len() > 62 { BTreeSet::from([ALL_DAYS]) } else { touched };
            prop_assert_eq!(days_reached(Some(&affected), reach), expected);
        }
    }
}
