//! Dates with a day of the month: `2025-10-13`, `13.10.`, `13. Oktober`, `October 13th`, `10/13`.

use super::super::names::month_at;
use super::super::numbers::{number_at, ordinal_at};
use super::super::token::Token;
use super::{Piece, Place, Recognised};
use crate::language::Lang;

pub(super) fn at(tokens: &[Token], place: Place) -> Option<Recognised<Piece>> {
    iso(tokens)
        .or_else(|| compact(tokens))
        .or_else(|| dotted(tokens, place))
        .or_else(|| slashed(tokens, place))
        .or_else(|| month_first(tokens))
        .or_else(|| day_first(tokens, place))
}

fn digits(tokens: &[Token], at: usize) -> Option<(u32, usize)> {
    match tokens.get(at)? {
        Token::Number { value, digits } => Some((*value, *digits)),
        _ => None,
    }
}

fn mark(tokens: &[Token], at: usize, marks: &str) -> bool {
    matches!(tokens.get(at), Some(Token::Mark(mark)) if marks.contains(*mark))
}

/// Whether a number here is part of a clock time.
fn is_clock(tokens: &[Token], at: usize) -> bool {
    let word = |it: &Token| {
        ["uhr", "h", "am", "pm", "oclock"]
            .iter()
            .any(|clock| it.is(clock))
    };
    tokens.get(at).is_some_and(|it| it.is_mark(':') || word(it))
}

fn four_digit_year(tokens: &[Token], at: usize) -> Option<i32> {
    digits(tokens, at)
        .filter(|it| it.1 == 4)
        .map(|it| it.0 as i32)
}

/// `2025-10-13`, also with slashes, also with `T` and a time behind it.
fn iso(tokens: &[Token]) -> Option<Recognised<Piece>> {
    let year = four_digit_year(tokens, 0)?;
    let (month, _) = digits(tokens, 2).filter(|_| mark(tokens, 1, "-/."))?;
    let (day, _) = digits(tokens, 4).filter(|_| mark(tokens, 3, "-/."))?;
    let t = usize::from(tokens.get(5).is_some_and(|it| it.is("t")));
    let piece = Piece::Date {
        day,
        month: Some(month),
        year: Some(year),
    };
    Some((piece, 5 + t, None))
}

/// `20251013`, `13102025`.
fn compact(tokens: &[Token]) -> Option<Recognised<Piece>> {
    let (value, _) = digits(tokens, 0).filter(|it| it.1 == 8)?;
    let is_year = |it: &u32| (2000..2100).contains(it);
    let (year, month, day) = match (value / 10_000, value % 10_000) {
        (year, rest) if is_year(&year) => (year, rest / 100, rest % 100),
        (rest, year) if is_year(&year) => (year, rest % 100, rest / 100),
        _ => return None,
    };
    let piece = Piece::Date {
        day,
        month: Some(month),
        year: Some(year as i32),
    };
    Some((piece, 1, None))
}

/// A year of two or four digits, not the hour of a time that follows.
fn year_at(tokens: &[Token], at: usize) -> Option<i32> {
    let (value, digits) = digits(tokens, at)?;
    match digits {
        4 => Some(value as i32),
        2 if !is_clock(tokens, at + 1) => Some(2000 + value as i32),
        _ => None,
    }
}

/// `13.10.2025`, `13.10.25`, `13.10.`, `13.10`, `13-10-2025`, `13.`
fn dotted(tokens: &[Token], place: Place) -> Option<Recognised<Piece>> {
    let (day, _) = digits(tokens, 0)?;
    if mark(tokens, 1, "-") {
        let (month, _) = digits(tokens, 2)?;
        let year = four_digit_year(tokens, 4).filter(|_| mark(tokens, 3, "-"))?;
        return Some((Piece::DayAndMonth(day, month, Some(year)), 5, None));
    }
    if !mark(tokens, 1, ".") || is_clock(tokens, 2) {
        return None;
    }
    let Some((month, _)) = digits(tokens, 2) else {
        // `13. Oktober` is read elsewhere; `13.` alone is a day only where days are asked for.
        return month_at(&tokens[2..])
            .is_none()
            .then_some(())
            .and_then(|()| {
                (place.date_field || tokens.len() == 2).then_some((lone_day(day), 2, None))
            });
    };
    let closed = mark(tokens, 3, ".");
    if is_clock(tokens, 3) || (!closed && !place.date_field) {
        return None;
    }
    let year = year_at(tokens, 3 + usize::from(closed)).filter(|_| closed);
    let len = 3 + usize::from(closed) + usize::from(year.is_some());
    let piece = Piece::Date {
        day,
        month: Some(month),
        year,
    };
    Some((piece, len, None))
}

fn lone_day(day: u32) -> Piece {
    Piece::Date {
        day,
        month: None,
        year: None,
    }
}

/// `10/13/2025`, `13/10/2025`, `10/13`: which way round is decided by the calendar, or asked.
fn slashed(tokens: &[Token], place: Place) -> Option<Recognised<Piece>> {
    let (first, _) = digits(tokens, 0)?;
    let (second, _) = digits(tokens, 2).filter(|_| mark(tokens, 1, "/"))?;
    let year = year_at(tokens, 4).filter(|_| mark(tokens, 3, "/"));
    if year.is_none() && !place.date_field {
        return None;
    }
    let len = if year.is_some() { 5 } else { 3 };
    Some((Piece::DayAndMonth(first, second, year), len, None))
}

/// A day of the month: `13`, `13.`, `13th`, `dreizehnten`, `the thirteenth`.
fn day_at(tokens: &[Token]) -> Option<Recognised<u32>> {
    if let Some(found) = ordinal_at(tokens) {
        return Some((found.value, found.len, found.lang));
    }
    let found = number_at(tokens)?;
    let suffix = |it: &Token| ["st", "nd", "rd", "th"].iter().any(|suffix| it.is(suffix));
    match tokens.get(found.len) {
        Some(next) if found.digits > 0 && next.is_mark('.') => {
            Some((found.value, found.len + 1, None))
        }
        Some(next) if found.digits > 0 && suffix(next) => {
            Some((found.value, found.len + 1, Some(Lang::En)))
        }
        _ => Some((found.value, found.len, found.lang)),
    }
}

fn is_ordinal(tokens: &[Token], len: usize) -> bool {
    ordinal_at(tokens).is_some() || (len == 2 && !tokens[1].is_mark('.'))
}

/// The year after a day and a month, where there is one: `2025`, `, 2025`, in words.
fn year_after(tokens: &[Token], at: usize) -> Option<(i32, usize)> {
    let comma = usize::from(mark(tokens, at, ","));
    if let Some(year) = four_digit_year(tokens, at + comma) {
        return (!is_clock(tokens, at + comma + 1)).then_some((year, comma + 1));
    }
    // "13. Oktober 26": no hour is so late.
    if let Some((value @ 25..100, 2)) = digits(tokens, at + comma)
        && !is_clock(tokens, at + comma + 1)
    {
        return Some((2000 + value as i32, comma + 1));
    }
    let rest = tokens.get(at + comma..)?;
    let found = number_at(rest).filter(|it| it.digits == 0)?;
    if (2000..2100).contains(&found.value) {
        return Some((found.value as i32, comma + found.len));
    }
    // "two thousand twenty six", "two thousand and twenty six"
    if found.value == 2 && rest.get(found.len).is_some_and(|it| it.is("thousand")) {
        let and = usize::from(rest.get(found.len + 1).is_some_and(|it| it.is("and")));
        let len = found.len + 1 + and;
        let tail = number_at(rest.get(len..)?).filter(|it| it.digits == 0 && it.value < 100)?;
        return Some((2000 + tail.value as i32, comma + len + tail.len));
    }
    // "twenty twenty five"
    let second = number_at(rest.get(found.len..)?)?;
    let said = found.value == 20 && found.len == 1 && second.digits == 0;
    (said && (10..100).contains(&second.value))
        .then_some((2000 + second.value as i32, comma + found.len + second.len))
}

/// `October 13`, `October 13th, 2025`, `Oktober`.
fn month_first(tokens: &[Token]) -> Option<Recognised<Piece>> {
    let (month, len, lang) = month_at(tokens)?;
    let the = usize::from(tokens.get(len).is_some_and(|it| it.is("the")));
    let rest = &tokens[len + the..];
    let day = day_at(rest).filter(|(day, ..)| (1..=31).contains(day));
    let Some((day, day_len, day_lang)) = day.filter(|it| !is_clock(rest, it.1)) else {
        return Some((Piece::Month(month, None), len, lang));
    };
    let mut len = len + the + day_len;
    let year = year_after(tokens, len);
    len += year.map_or(0, |it| it.1);
    let piece = Piece::Date {
        day,
        month: Some(month),
        year: year.map(|it| it.0),
    };
    Some((piece, len, lang.or(day_lang)))
}

/// What else is counted by ordinals.
const COUNTED: [&str; 16] = [
    "tag",
    "woche",
    "haelfte",
    "quartal",
    "termin",
    "stunde",
    "mal",
    "moeglichkeit",
    "day",
    "week",
    "half",
    "quarter",
    "appointment",
    "slot",
    "hour",
    "time",
];

/// `13. Oktober 2025`, `13th of October`, `dreizehnten zehnten`, `der dreizehnte`.
fn day_first(tokens: &[Token], place: Place) -> Option<Recognised<Piece>> {
    let (day, day_len, day_lang) = day_at(tokens)?;
    let of = usize::from(tokens.get(day_len).is_some_and(|it| it.is("of")));
    let rest = &tokens[(day_len + of).min(tokens.len())..];
    if let Some((month, month_len, lang)) = month_at(rest) {
        let mut len = day_len + of + month_len;
        let year = year_after(tokens, len);
        len += year.map_or(0, |it| it.1);
        let piece = Piece::Date {
            day,
            month: Some(month),
            year: year.map(|it| it.0),
        };
        return Some((piece, len, lang.or(day_lang)));
    }
    if !is_ordinal(tokens, day_len) {
        let alone = place.date_field && day_len == tokens.len() && place.at_start;
        return alone.then_some((lone_day(day), day_len, day_lang));
    }
    // "am dreizehnten zehnten"
    if day_lang == Some(Lang::De)
        && let Some(month) = ordinal_at(rest).filter(|it| it.lang == day_lang && it.value <= 12)
    {
        let mut len = day_len + month.len;
        let year = year_after(tokens, len);
        len += year.map_or(0, |it| it.1);
        let piece = Piece::Date {
            day,
            month: Some(month.value),
            year: year.map(|it| it.0),
        };
        return Some((piece, len, day_lang));
    }
    // "die erste Möglichkeit" is no first of the month.
    let counted = tokens.get(day_len).and_then(Token::word);
    let counts = counted.is_some_and(|word| COUNTED.contains(&word));
    (!counts).then_some((lone_day(day), day_len, day_lang))
}
