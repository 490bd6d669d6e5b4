//! What the pieces of a date come to together, seen from today.

use booking_domain::time::{Day, Weekday};

use super::bounds::bounded;
use super::calendar::{
    ahead, coming_year, in_week, iso_week, months_ahead, nth, nth_of, third, whole_month,
};
use super::feasts;
use super::{DateProblem, DateReading, Piece, Which};

/// Years ahead from which on a date is taken for a slip.
const FAR_YEARS: i32 = 3;
/// How many days "as soon as possible" looks at.
pub(super) const SOON_DAYS: i32 = 13;

/// The day that `pieces` mean, in the order they were said.
pub(in super::super) fn resolve(pieces: &[Piece], today: Day) -> DateReading {
    let placed = in_their_year(&narrowed(pieces), today);
    let pieces = placed.as_slice();
    if let Some(reading) = week_of(pieces, today) {
        return reading;
    }
    if let Some(reading) = bounded(pieces, today) {
        return reading;
    }
    match pieces {
        [] => DateReading::Missing,
        [one] => single(*one, today),
        [date, month] | [month, date] if day_of(*date, *month).is_some() => {
            let day = day_of(*date, *month).unwrap_or_default();
            match *month {
                Piece::Month(month, year) => dated(day, Some(month), year, today),
                Piece::MonthAhead(months) | Piece::Months(months) => {
                    let (year, month, _) = months_ahead(today, months).ymd();
                    dated_in(day, month, year, today)
                }
                other => single(other, today),
            }
        }
        [Piece::Weekday(weekday, _), offset] | [offset, Piece::Weekday(weekday, _)]
            if days_of(*offset).is_some() =>
        {
            // Said first, the distance names a week ("in zwei Wochen am Montag"); said after the
            // weekday, it is counted from the coming one ("Montag in zwei Wochen").
            let days = days_of(*offset).unwrap_or_default();
            if matches!(pieces[0], Piece::Weekday(..) | Piece::After(_)) {
                judge(today.plus_days(ahead(today, *weekday) + days), today)
            } else {
                judge(in_week(today.plus_days(days), *weekday), today)
            }
        }
        [Piece::Weekday(weekday, _), Piece::Week(weeks)]
        | [Piece::Week(weeks), Piece::Weekday(weekday, _)] => {
            judge(in_week(today.plus_days(7 * weeks), *weekday), today)
        }
        [Piece::Week(weeks), Piece::Workdays] | [Piece::Workdays, Piece::Week(weeks)] => {
            let monday = in_week(today, Weekday::Mon).plus_days(7 * weeks);
            days(monday, monday.plus_days(4), today)
        }
        [Piece::Relative(start), Piece::Months(months)] => {
            judge(months_ahead(today.plus_days(*start), *months), today)
        }
        [Piece::Relative(start), offset] | [offset, Piece::Relative(start)]
            if days_of(*offset).is_some() =>
        {
            judge(
                today.plus_days(start + days_of(*offset).unwrap_or_default()),
                today,
            )
        }
        [Piece::Weekday(weekday, _), fixed] | [fixed, Piece::Weekday(weekday, _)]
            if !matches!(fixed, Piece::Weekday(..)) =>
        {
            checked(single(*fixed, today), *weekday, today)
        }
        several => either(several, today),
    }
}

/// "Any day next week": whoever names days does not mean all of them.
fn narrowed(pieces: &[Piece]) -> Vec<Piece> {
    let named = pieces.iter().copied().filter(|it| *it != Piece::Soon);
    let named: Vec<_> = named.collect();
    if named.is_empty() {
        pieces.to_vec()
    } else {
        named
    }
}

/// The week around the day that is named with it.
fn week_of(pieces: &[Piece], today: Day) -> Option<DateReading> {
    let at = pieces.iter().position(|it| *it == Piece::WeekOf)?;
    let others = [&pieces[..at], &pieces[at + 1..]].concat();
    Some(match resolve(&others, today) {
        DateReading::Exact(day) => {
            let monday = in_week(day, Weekday::Mon);
            days(monday, monday.plus_days(6), today)
        }
        other => other,
    })
}

const fn is_weekend(day: Day) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

/// From Monday to Friday, this week while there is one of them left to come.
fn workdays(today: Day) -> DateReading {
    let over = is_weekend(today.plus_days(1)) || is_weekend(today);
    let monday = in_week(today, Weekday::Mon).plus_days(7 * i32::from(over));
    days(monday, monday.plus_days(4), today)
}

/// `am 3. November nächsten Jahres`: the year goes to what has none. Alone it is no answer.
fn in_their_year(pieces: &[Piece], today: Day) -> Vec<Piece> {
    let said = pieces.iter().find_map(|piece| match piece {
        Piece::Year(ahead) => Some(today.ymd().0 + ahead),
        _ => None,
    });
    let is_year = |piece: &Piece| matches!(piece, Piece::Year(_));
    let Some(said) = said.filter(|_| !pieces.iter().all(is_year)) else {
        return pieces.to_vec();
    };
    let of_year = |piece: Piece| match piece {
        Piece::Date {
            day,
            month: month @ Some(_),
            year: None,
        } => Piece::Date {
            day,
            month,
            year: Some(said),
        },
        Piece::DayAndMonth(first, second, None) => Piece::DayAndMonth(first, second, Some(said)),
        Piece::Month(month, None) => Piece::Month(month, Some(said)),
        other => other,
    };
    let others = pieces.iter().filter(|piece| !is_year(piece));
    others.map(|piece| of_year(*piece)).collect()
}

/// The day of a month that is told beside it: `im Dezember am 5.`
fn day_of(date: Piece, month: Piece) -> Option<u32> {
    let is_month = matches!(
        month,
        Piece::Month(..) | Piece::MonthAhead(_) | Piece::Months(_)
    );
    match date {
        Piece::Date {
            day, month: None, ..
        } if is_month => Some(day),
        _ => None,
    }
}

/// A distance in whole days.
fn days_of(piece: Piece) -> Option<i32> {
    match piece {
        Piece::Offset(days) | Piece::After(days) => Some(days),
        _ => None,
    }
}

pub(super) fn judge(day: Day, today: Day) -> DateReading {
    if day < today {
        DateReading::Past(day)
    } else if day.ymd().0 >= today.ymd().0 + FAR_YEARS {
        DateReading::Invalid(DateProblem::TooFar)
    } else {
        DateReading::Exact(day)
    }
}

pub(super) fn days(first: Day, last: Day, today: Day) -> DateReading {
    if last < today {
        DateReading::Past(last)
    } else {
        let first = first.max(today);
        if first == last {
            DateReading::Exact(first)
        } else {
            DateReading::Days { first, last }
        }
    }
}

fn single(piece: Piece, today: Day) -> DateReading {
    match piece {
        Piece::Relative(ahead) | Piece::Offset(ahead) | Piece::After(ahead) => {
            judge(today.plus_days(ahead), today)
        }
        Piece::Months(months) => judge(months_ahead(today, months), today),
        Piece::Weekday(weekday, which) => coming(weekday, which, today),
        Piece::Date { day, month, year } => dated(day, month, year, today),
        Piece::DayAndMonth(first, second, year) => either_way_round(first, second, year, today),
        Piece::Month(month, year) => {
            let year = year.unwrap_or_else(|| coming_year(month, today));
            whole_month(year, month, today)
        }
        Piece::Nth(number, weekday, month) => nth(number, weekday, month, today),
        Piece::NthOf(number, unit, of) => nth_of(number, unit, of, today),
        Piece::Third(which, of) => third(which, of, today),
        Piece::Year(_) | Piece::Bound(_) | Piece::WeekOf => {
            DateReading::Invalid(DateProblem::NotUnderstood)
        }
        Piece::MonthAhead(months) => {
            let (year, month, _) = months_ahead(today, months).ymd();
            whole_month(year, month, today)
        }
        Piece::Week(weeks) => {
            let monday = in_week(today, Weekday::Mon).plus_days(7 * weeks);
            days(monday, monday.plus_days(6), today)
        }
        Piece::Weekend(which) => weekend(which, today),
        Piece::IsoWeek(week) => iso_week(week, today),
        Piece::Workdays => workdays(today),
        Piece::NextWorkday => {
            let ahead = (1..).map(|ahead| today.plus_days(ahead));
            let mut workdays = ahead.filter(|it| !is_weekend(*it));
            workdays
                .next()
                .map_or(DateReading::Missing, DateReading::Exact)
        }
        Piece::FromNow(count) => days(today, today.plus_days(count), today),
        Piece::Feast(feast) => feasts::coming(feast, today),
        Piece::PastMonth(month) => {
            let (year, now, _) = today.ymd();
            whole_month(year - i32::from(month >= now), month, today)
        }
        Piece::Soon => days(today, today.plus_days(SOON_DAYS), today),
    }
}

fn coming(weekday: Weekday, which: Which, today: Day) -> DateReading {
    let ahead = ahead(today, weekday);
    let later = if ahead == 0 { 7 } else { ahead };
    match which {
        // On a Tuesday, "Dienstag" may be today or a week away.
        Which::Bare if ahead == 0 => DateReading::Ambiguous {
            options: vec![today, today.plus_days(7)],
        },
        Which::Bare | Which::This => DateReading::Exact(today.plus_days(ahead)),
        Which::Next => DateReading::Exact(today.plus_days(later)),
        Which::AfterNext => DateReading::Exact(today.plus_days(later + 7)),
        Which::Last => DateReading::Past(today.plus_days(later - 7 - 7 * i32::from(later == 7))),
    }
}

fn weekend(which: Which, today: Day) -> DateReading {
    let saturday = in_week(today, Weekday::Sat);
    let started = today >= saturday;
    let weeks = match which {
        Which::Bare | Which::This => 0,
        Which::Next => i32::from(started),
        Which::AfterNext => 1 + i32::from(started),
        Which::Last => -1,
    };
    let saturday = saturday.plus_days(7 * weeks);
    days(saturday, saturday.plus_days(1), today)
}

/// A day of a month that was named.
fn dated_in(day: u32, month: u32, year: i32, today: Day) -> DateReading {
    let found = Day::from_ymd(year, month, day);
    found.map_or(DateReading::Invalid(DateProblem::NoSuchDay), |day| {
        judge(day, today)
    })
}

fn dated(day: u32, month: Option<u32>, year: Option<i32>, today: Day) -> DateReading {
    let invalid = DateReading::Invalid(DateProblem::NoSuchDay);
    let (this_year, this_month, _) = today.ymd();
    match (month, year) {
        (Some(month), Some(year)) => dated_in(day, month, year, today),
        // Eight years: 29 February may be that far away.
        (Some(month), None) => {
            let mut years = this_year..=this_year + 8;
            let found = years
                .find_map(|year| Day::from_ymd(year, month, day).filter(|found| *found >= today));
            found.map_or(invalid, DateReading::Exact)
        }
        (None, _) => {
            let first = this_year * 12 + this_month as i32 - 1;
            let found = (first..=first + 12).find_map(|count| {
                let (year, month) = (count.div_euclid(12), count.rem_euclid(12) as u32 + 1);
                Day::from_ymd(year, month, day).filter(|found| *found >= today)
            });
            found.map_or(invalid, DateReading::Exact)
        }
    }
}

fn either_way_round(first: u32, second: u32, year: Option<i32>, today: Day) -> DateReading {
    let day_first = dated(first, Some(second), year, today);
    let month_first = dated(second, Some(first), year, today);
    let open = |it: &DateReading| matches!(it, DateReading::Exact(_));
    match (open(&day_first), open(&month_first)) {
        (true, true) => ambiguous([day_first, month_first]),
        (false, true) => month_first,
        (true, false) => day_first,
        // Neither lies ahead: a day that is over tells more than one that does not exist.
        (false, false) if matches!(month_first, DateReading::Past(_)) => month_first,
        (false, false) => day_first,
    }
}

fn ambiguous(readings: impl IntoIterator<Item = DateReading>) -> DateReading {
    let mut options = Vec::new();
    for reading in readings {
        match reading {
            DateReading::Exact(day) => options.push(day),
            DateReading::Ambiguous { options: more } => options.extend(more),
            other => return other,
        }
    }
    options.sort_unstable();
    options.dedup();
    match options.as_slice() {
        [] => DateReading::Invalid(DateProblem::NotUnderstood),
        [day] => DateReading::Exact(*day),
        _ => DateReading::Ambiguous { options },
    }
}

/// A date with its weekday: where they disagree, both are offered.
fn checked(fixed: DateReading, weekday: Weekday, today: Day) -> DateReading {
    match fixed {
        DateReading::Exact(day) if day.weekday() == weekday => fixed,
        DateReading::Exact(day) => {
            let near = [-3, -2, -1, 1, 2, 3]
                .map(|off| day.plus_days(off))
                .into_iter()
                .find(|near| near.weekday() == weekday && *near >= today)
                .unwrap_or_else(|| today.plus_days(ahead(today, weekday)));
            ambiguous([DateReading::Exact(day), DateReading::Exact(near)])
        }
        DateReading::Days { first, last } => {
            let all: Vec<_> = (0..=last.days_since(first))
                .map(|off| first.plus_days(off))
                .filter(|day| day.weekday() == weekday)
                .collect();
            ambiguous(all.into_iter().take(3).map(DateReading::Exact))
        }
        DateReading::Ambiguous { options } => {
            let fits: Vec<_> = options
                .iter()
                .filter(|it| it.weekday() == weekday)
                .collect();
            match fits.as_slice() {
                [day] => DateReading::Exact(**day),
                _ => DateReading::Ambiguous { options },
            }
        }
        other => other,
    }
}

/// Several days were named (`Montag oder Dienstag`): each is an option.
fn either(pieces: &[Piece], today: Day) -> DateReading {
    ambiguous(pieces.iter().map(|piece| single(*piece, today)))
}
