//! Times told from the full hour: `halb neun`, `Viertel nach acht`, `zehn vor halb`, `half past`.

use super::super::numbers::number_at;
use super::super::token::Token;
use super::Clock;
use super::spoken::hour;
use crate::language::Lang;

const DE: Option<Lang> = Some(Lang::De);
const EN: Option<Lang> = Some(Lang::En);

type Read = (Option<Clock>, usize, Option<Lang>);

/// Which way from the hour.
fn direction(token: Option<&Token>) -> Option<(i32, Option<Lang>)> {
    Some(match token?.word()? {
        "nach" | "ueber" => (1, DE),
        "vor" => (-1, DE),
        "past" | "after" => (1, EN),
        "to" | "till" | "til" | "before" => (-1, EN),
        _ => return None,
    })
}

/// The hour at the beginning of `tokens`, as a clock face shows it.
fn face(tokens: &[Token]) -> Option<(u32, usize, usize)> {
    let found = number_at(tokens).filter(|it| it.value <= 24)?;
    Some((found.value, found.digits, found.len))
}

/// `minutes` from the full hour, on the same half of the day as people count.
fn from_hour(value: u32, digits: usize, minutes: i32) -> Option<Clock> {
    let said = hour(value % 24, digits)?;
    let total = value as i32 * 60 + minutes;
    // On a clock face, before one comes twelve.
    let total = if total < 60 && !said.certain {
        total + 720
    } else {
        total
    };
    let total = total.rem_euclid(24 * 60);
    let (hour, minute) = ((total / 60) as u8, (total % 60) as u8);
    Some(Clock {
        hour,
        minute,
        certain: said.certain || hour > 12,
    })
}

/// The time at the beginning of `tokens`, if it is told from the hour.
pub(super) fn fraction(tokens: &[Token]) -> Option<Read> {
    halves(tokens)
        .or_else(|| quarters(tokens))
        .or_else(|| minutes(tokens))
}

/// `halb neun` is half an hour before nine, `half nine` and `half past nine` after.
fn halves(tokens: &[Token]) -> Option<Read> {
    let (len, lang) = if tokens.first()?.is("halb") || tokens[0].is("halber") {
        (1, DE)
    } else if tokens[0].is("half") {
        (
            1 + usize::from(tokens.get(1).is_some_and(|it| it.is("past"))),
            EN,
        )
    } else {
        return None;
    };
    let (value, digits, more) = face(&tokens[len..])?;
    let minutes = if lang == DE { -30 } else { 30 };
    Some((from_hour(value, digits, minutes), len + more, lang))
}

/// `Viertel nach acht`, `viertel neun` (a quarter of the ninth hour), `drei viertel neun`.
fn quarters(tokens: &[Token]) -> Option<Read> {
    let first = tokens.first()?.word()?;
    let second = tokens.get(1).and_then(Token::word);
    let (len, quarters) = match (first, second) {
        ("dreiviertel", _) => (1, 3),
        ("drei", Some("viertel")) => (2, 3),
        ("viertel", _) => (1, 1),
        ("quarter", _) => (1, 1),
        ("a", Some("quarter")) => (2, 1),
        _ => return None,
    };
    let lang = if first == "quarter" || first == "a" {
        EN
    } else {
        DE
    };
    let rest = &tokens[len..];
    let of = rest.first().is_some_and(|it| it.is("of")) && lang == EN;
    let direction = if of {
        Some((-1, EN))
    } else {
        direction(rest.first())
    };
    if let Some((sign, _)) = direction.filter(|_| quarters == 1) {
        let (value, digits, more) = face(&rest[1..])?;
        return Some((from_hour(value, digits, sign * 15), len + 1 + more, lang));
    }
    let (value, digits, more) = face(rest).filter(|_| lang == DE)?;
    Some((
        from_hour(value, digits, quarters * 15 - 60),
        len + more,
        lang,
    ))
}

/// `zehn nach acht`, `fünf vor halb neun`, `twenty to nine`.
fn minutes(tokens: &[Token]) -> Option<Read> {
    let count = number_at(tokens).filter(|it| (1..60).contains(&it.value))?;
    let unit = |it: &Token| it.is("minuten") || it.is("minutes") || it.is("minute");
    let named = usize::from(tokens.get(count.len).is_some_and(unit));
    let len = count.len + named;
    let (sign, lang) = direction(tokens.get(len))?;
    // "2 to 4" is a stretch of time; people tell minutes in fives.
    if named == 0 && count.value % 5 != 0 {
        return None;
    }
    let rest = &tokens[len + 1..];
    let (base, told) = base(rest);
    let (value, digits, more) = face(&rest[told..])?;
    let clock = from_hour(value, digits, base + sign * count.value as i32);
    Some((clock, len + 1 + told + more, lang))
}

/// What stands between the minutes and the hour, in minutes and words: `fünf vor halb neun`, `fünf
/// vor drei viertel neun`.
fn base(tokens: &[Token]) -> (i32, usize) {
    let first = tokens.first().and_then(Token::word);
    match (first, tokens.get(1).and_then(Token::word)) {
        (Some("halb"), _) => (-30, 1),
        (Some("dreiviertel"), _) => (-15, 1),
        (Some("drei"), Some("viertel")) => (-15, 2),
        (Some("viertel"), _) => (-45, 1),
        _ => (0, 0),
    }
}
