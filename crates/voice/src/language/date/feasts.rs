//! Days with a name: `Heiligabend`, `2. Weihnachtstag`, `zwischen den Jahren`, `Ostermontag`.

use booking_domain::time::Day;

use super::resolve::days;
use super::spans::ordinal;
use super::{DateReading, Piece, Recognised};
use crate::language::Lang;
use crate::language::token::{Token, begins};

const DE: Option<Lang> = Some(Lang::De);
const EN: Option<Lang> = Some(Lang::En);

/// On the same date every year: day, month.
const FIXED: [(&[&str], u32, u32, Option<Lang>); 18] = [
    (&["heiligabend"], 24, 12, DE),
    (&["silvester"], 31, 12, DE),
    (&["neujahr"], 1, 1, DE),
    (&["nikolaus"], 6, 12, DE),
    (&["christmas", "eve"], 24, 12, EN),
    (&["new", "years", "eve"], 31, 12, EN),
    (&["new", "years", "day"], 1, 1, EN),
    (&["christmas", "day"], 25, 12, EN),
    (&["boxing", "day"], 26, 12, EN),
    (&["valentines", "day"], 14, 2, EN),
    (&["halloween"], 31, 10, None),
    (&["valentinstag"], 14, 2, DE),
    (&["tag", "der", "arbeit"], 1, 5, DE),
    (&["tag", "der", "deutschen", "einheit"], 3, 10, DE),
    (&["reformationstag"], 31, 10, DE),
    (&["allerheiligen"], 1, 11, DE),
    (&["dreikoenigstag"], 6, 1, DE),
    (&["heilige", "drei", "koenige"], 6, 1, DE),
];

/// Days that belong together or move.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in super::super) enum Feast {
    /// Days of December, both included.
    December(u32, u32),
    /// Days after Easter Sunday, both included.
    Easter(i32, i32),
}
use Feast::{December, Easter};

const MOVING: [(&[&str], Feast, Option<Lang>); 22] = [
    (&["weihnachten"], December(24, 26), DE),
    (&["zwischen", "den", "jahren"], December(27, 31), DE),
    (&["christmas"], December(25, 26), EN),
    (&["rosenmontag"], Easter(-48, -48), DE),
    (&["faschingsdienstag"], Easter(-47, -47), DE),
    (&["aschermittwoch"], Easter(-46, -46), DE),
    (&["ash", "wednesday"], Easter(-46, -46), EN),
    (&["gruendonnerstag"], Easter(-3, -3), DE),
    (&["karfreitag"], Easter(-2, -2), DE),
    (&["good", "friday"], Easter(-2, -2), EN),
    (&["ostersonntag"], Easter(0, 0), DE),
    (&["easter", "sunday"], Easter(0, 0), EN),
    (&["ostermontag"], Easter(1, 1), DE),
    (&["easter", "monday"], Easter(1, 1), EN),
    (&["ostern"], Easter(0, 1), DE),
    (&["easter"], Easter(0, 1), EN),
    (&["himmelfahrt"], Easter(39, 39), DE),
    (&["pfingstsonntag"], Easter(49, 49), DE),
    (&["pfingstmontag"], Easter(50, 50), DE),
    (&["whit", "monday"], Easter(50, 50), EN),
    (&["pfingsten"], Easter(49, 50), DE),
    (&["fronleichnam"], Easter(60, 60), DE),
];

pub(super) fn at(tokens: &[Token]) -> Option<Recognised<Piece>> {
    fixed(tokens)
        .or_else(|| day_of_christmas(tokens))
        .or_else(|| {
            let (words, feast, lang) = MOVING.iter().find(|(words, ..)| begins(tokens, words))?;
            Some((Piece::Feast(*feast), words.len(), *lang))
        })
}

fn fixed(tokens: &[Token]) -> Option<Recognised<Piece>> {
    let (words, day, month, lang) = FIXED.iter().find(|(words, ..)| begins(tokens, words))?;
    Some((of_every_year(*day, *month), words.len(), *lang))
}

const fn of_every_year(day: u32, month: u32) -> Piece {
    Piece::Date {
        day,
        month: Some(month),
        year: None,
    }
}

/// `erster Weihnachtstag`, `2. Weihnachtsfeiertag`.
fn day_of_christmas(tokens: &[Token]) -> Option<Recognised<Piece>> {
    let (number, len) = ordinal(tokens).filter(|it| (1..=2).contains(&it.0))?;
    let name = tokens.get(len)?.word()?;
    ["weihnachtstag", "weihnachtsfeiertag"]
        .contains(&name)
        .then_some((of_every_year(24 + number, 12), len + 1, DE))
}

/// The next time that it is not over.
pub(super) fn coming(feast: Feast, today: Day) -> DateReading {
    let year = today.ymd().0;
    let mut coming = [year, year + 1]
        .into_iter()
        .filter_map(|year| in_year(feast, year))
        .filter(|(_, last)| *last >= today);
    coming.next().map_or(DateReading::Missing, |(first, last)| {
        days(first, last, today)
    })
}

fn in_year(feast: Feast, year: i32) -> Option<(Day, Day)> {
    Some(match feast {
        December(first, last) => (
            Day::from_ymd(year, 12, first)?,
            Day::from_ymd(year, 12, last)?,
        ),
        Easter(first, last) => {
            let sunday = easter_sunday(year)?;
            (sunday.plus_days(first), sunday.plus_days(last))
        }
    })
}

/// Of the Gregorian calendar (the method of 1876 that bears no name).
fn easter_sunday(year: i32) -> Option<Day> {
    let (golden, century, of_century) = (year % 19, year / 100, year % 100);
    let correction = (century - (century + 8) / 25 + 1) / 3;
    let moon = (19 * golden + century - century / 4 - correction + 15) % 30;
    let to_sunday = (32 + 2 * (century % 4) + 2 * (of_century / 4) - moon - of_century % 4) % 7;
    let late = (golden + 11 * moon + 22 * to_sunday) / 451;
    let count = moon + to_sunday - 7 * late + 114;
    Day::from_ymd(year, (count / 31) as u32, (count % 31) as u32 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Red when a step of the reckoning is off: earliest, latest, leap years, a change of century.
    #[test]
    fn easter_falls_on_its_sundays() {
        for day in [
            "1818-03-22",
            "1943-04-25",
            "1981-04-19",
            "2000-04-23",
            "2024-03-31",
            "2025-04-20",
            "2026-04-05",
            "2027-03-28",
            "2028-04-16",
            "2038-04-25",
            "2049-04-18",
            "2285-03-22",
        ] {
            let day: Day = day.parse().expect("a day");
            assert_eq!(easter_sunday(day.ymd().0), Some(day));
        }
    }
}
