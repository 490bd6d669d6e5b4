//! Weeks and months of the calendar, seen from today.

use booking_domain::time::{Day, Weekday};

use super::resolve::{days, judge};
use super::{DateProblem, DateReading, Span, Third, Unit};

const NO_SUCH_DAY: DateReading = DateReading::Invalid(DateProblem::NoSuchDay);

/// How many days ahead the weekday is.
pub(super) fn ahead(today: Day, weekday: Weekday) -> i32 {
    (weekday as i32 - today.weekday() as i32).rem_euclid(7)
}

/// The weekday in the week of `day`.
pub(super) fn in_week(day: Day, weekday: Weekday) -> Day {
    day.plus_days(weekday as i32 - day.weekday() as i32)
}

/// The same day of a later month, or its last.
pub(super) fn months_ahead(today: Day, months: i32) -> Day {
    let (year, month, day) = today.ymd();
    let count = year * 12 + month as i32 - 1 + months;
    let (year, month) = (count.div_euclid(12), count.rem_euclid(12) as u32 + 1);
    (1..=day)
        .rev()
        .find_map(|day| Day::from_ymd(year, month, day))
        .unwrap_or(today)
}

/// All days of a month.
pub(super) fn whole_month(year: i32, month: u32, today: Day) -> DateReading {
    let first = Day::from_ymd(year, month, 1);
    let last = (28..=31)
        .rev()
        .find_map(|day| Day::from_ymd(year, month, day));
    match (first, last) {
        (Some(first), Some(last)) => days(first, last, today),
        _ => NO_SUCH_DAY,
    }
}

/// The next week with this number.
pub(super) fn iso_week(week: u32, today: Day) -> DateReading {
    let monday = in_week(today, Weekday::Mon);
    (0..=54)
        .map(|ahead| monday.plus_days(7 * ahead))
        .find(|monday| monday.iso_week().1 == week)
        .map_or(NO_SUCH_DAY, |monday| {
            days(monday, monday.plus_days(6), today)
        })
}

/// The first and the last day of a week or a month.
fn span(span: Span, today: Day) -> Option<(Day, Day)> {
    let (year, month) = match span {
        Span::Week(weeks) => {
            let monday = in_week(today, Weekday::Mon).plus_days(7 * weeks);
            return Some((monday, monday.plus_days(6)));
        }
        Span::Month(month) => (coming_year(month, today), month),
        Span::MonthAhead(months) => {
            let (year, month, _) = months_ahead(today, months).ymd();
            (year, month)
        }
    };
    let first = Day::from_ymd(year, month, 1)?;
    let last = (28..=31)
        .rev()
        .find_map(|day| Day::from_ymd(year, month, day))?;
    Some((first, last))
}

/// The year in which the month comes next, or is now.
pub(super) fn coming_year(month: u32, today: Day) -> i32 {
    today.ymd().0 + i32::from(month < today.ymd().1)
}

/// `der erste Montag im November`; the last one is number -1.
pub(super) fn nth(number: i32, weekday: Weekday, month: Span, today: Day) -> DateReading {
    let Some((first, last)) = span(month, today) else {
        return NO_SUCH_DAY;
    };
    let day = if number < 0 {
        last.plus_days(-(last.weekday() as i32 - weekday as i32).rem_euclid(7))
    } else {
        first.plus_days(ahead(first, weekday) + 7 * (number - 1))
    };
    if (first..=last).contains(&day) {
        judge(day, today)
    } else {
        NO_SUCH_DAY
    }
}

/// `der letzte Tag des Monats`, `die erste Woche im Januar`; the last one is number -1.
pub(super) fn nth_of(number: i32, unit: Unit, of: Span, today: Day) -> DateReading {
    let Some((first, last)) = span(of, today) else {
        return NO_SUCH_DAY;
    };
    let length = match unit {
        Unit::Day => 1,
        Unit::Week => 7,
        Unit::Half => (last.days_since(first) + 1) / 2,
    };
    let (from, until) = match (number, unit) {
        (..0, _) => (last.plus_days(1 - length), last),
        (2.., Unit::Half) => (first.plus_days(length), last),
        _ => {
            let from = first.plus_days(length * (number - 1));
            (from, from.plus_days(length - 1).min(last))
        }
    };
    if from <= until {
        days(from, until, today)
    } else {
        NO_SUCH_DAY
    }
}

/// `Anfang November`: ten days; `Ende der Woche`: its last two working days.
pub(super) fn third(third: Third, of: Span, today: Day) -> DateReading {
    let Some((first, last)) = span(of, today) else {
        return NO_SUCH_DAY;
    };
    let week = matches!(of, Span::Week(_));
    let (from, until) = match (third, week) {
        (Third::Beginning, true) => (first, first.plus_days(1)),
        (Third::Middle, true) => (first.plus_days(1), first.plus_days(3)),
        (Third::End, true) => (first.plus_days(3), first.plus_days(4)),
        (Third::Beginning, false) => (first, first.plus_days(9)),
        (Third::Middle, false) => (first.plus_days(10), first.plus_days(19)),
        (Third::End, false) => (first.plus_days(20), last),
    };
    days(from, until, today)
}
