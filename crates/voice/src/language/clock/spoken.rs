//! Clock times: `08:30`, `8 Uhr 30`, `half past eight`, `acht dreißig`, `8 pm`.

use super::super::names::is_weekday;
use super::super::numbers::{number_at, ordinal_at};
use super::super::token::Token;
use super::fractions::fraction;
use super::parts::is_part_word;
use super::{Clock, Piece, Place, Recognised};
use crate::language::Lang;

const DE: Option<Lang> = Some(Lang::De);
const EN: Option<Lang> = Some(Lang::En);

/// The clock time at the beginning of `tokens`.
pub(in super::super) fn clock_at(tokens: &[Token], place: Place) -> Option<Recognised<Piece>> {
    let (clock, len, lang) = fraction(tokens)
        .or_else(|| named(tokens))
        .or_else(|| digital(tokens, place))
        .or_else(|| with_uhr(tokens))
        .or_else(|| in_words(tokens, place))
        .or_else(|| bare(tokens, place))?;
    Some(with_suffix(tokens, clock, len, lang))
}

/// A plain time without `vor`/`nach`/`to`/`past`: what stands at either end of a stretch.
pub(super) fn plain(tokens: &[Token]) -> Option<Recognised<Piece>> {
    let place = Place { expected: true };
    let (clock, len, lang) = named(tokens)
        .or_else(|| digital(tokens, place))
        .or_else(|| with_uhr(tokens))
        .or_else(|| in_words(tokens, place))
        .or_else(|| bare(tokens, place))?;
    Some(with_suffix(tokens, clock, len, lang))
}

/// An hour as people say it: without a second half of the day unless it shows.
pub(super) fn hour(value: u32, digits: usize) -> Option<Clock> {
    let hour = u8::try_from(value).ok().filter(|hour| *hour < 24)?;
    let padded = digits == 2 && value < 10;
    Some(Clock {
        hour,
        minute: 0,
        certain: padded || hour == 0 || hour > 12,
    })
}

pub(super) fn with_minute(clock: Option<Clock>, minute: u32) -> Option<Clock> {
    let minute = u8::try_from(minute).ok().filter(|minute| *minute < 60)?;
    clock.map(|clock| Clock { minute, ..clock })
}

/// A time that was recognised; `None` inside: it has the form of one, but there is no such time.
type Read = (Option<Clock>, usize, Option<Lang>);

fn with_suffix(
    tokens: &[Token],
    clock: Option<Clock>,
    len: usize,
    lang: Option<Lang>,
) -> Recognised<Piece> {
    let mut len = len;
    let mut lang = lang;
    if tokens.get(len).is_some_and(|it| it.is("uhr")) {
        len += 1;
        lang = lang.or(DE);
    } else if tokens.get(len).is_some_and(|it| it.is("oclock")) {
        len += 1;
        lang = lang.or(EN);
    }
    let Some(clock) = clock else {
        return (Piece::Nonsense, len, lang);
    };
    match meridiem(&tokens[len.min(tokens.len())..]) {
        Some(afternoon) => {
            let hour = match (afternoon, clock.hour) {
                (true, hour @ 0..12) => Some(hour + 12),
                (true, hour) => Some(hour),
                (false, 12) => Some(0),
                (false, hour @ 0..12) => Some(hour),
                (false, _) => None,
            };
            let certain = true;
            let piece = hour.map_or(Piece::Nonsense, |hour| {
                Piece::Clock(Clock {
                    hour,
                    certain,
                    ..clock
                })
            });
            (piece, len + 1, lang.or(EN))
        }
        None => (Piece::Clock(clock), len, lang),
    }
}

/// `am` and `pm` behind a time; `8 am Dienstag` is German.
fn meridiem(tokens: &[Token]) -> Option<bool> {
    match tokens.first()?.word()? {
        "pm" => Some(true),
        "am" => {
            let german = match tokens.get(1) {
                Some(Token::Word(word)) => {
                    (is_weekday(word) && word.ends_with("ag"))
                        || word == "mittwoch"
                        || is_part_word(word)
                        || ordinal_at(&tokens[1..]).is_some_and(|it| it.lang == DE)
                }
                Some(Token::Number { .. }) => tokens.get(2).is_some_and(|it| it.is_mark('.')),
                _ => false,
            };
            (!german).then_some(false)
        }
        _ => None,
    }
}

/// `noon`, `midnight`, `Mitternacht`.
fn named(tokens: &[Token]) -> Option<Read> {
    let (hour, lang) = match tokens.first()?.word()? {
        "noon" => (12, EN),
        "midnight" => (0, EN),
        "mitternacht" => (0, DE),
        _ => return None,
    };
    let clock = Clock {
        hour,
        minute: 0,
        certain: true,
    };
    Some((Some(clock), 1, lang))
}

/// `08:30`, `8:30:00`, `8.30`, `0830`.
fn digital(tokens: &[Token], place: Place) -> Option<Read> {
    let Token::Number { value, digits } = tokens.first()? else {
        return None;
    };
    let pair = |mark: char| match (tokens.get(1)?, tokens.get(2)?) {
        (sign, Token::Number { value, digits: 2 }) if sign.is_mark(mark) => Some(*value),
        _ => None,
    };
    if let Some(minute) = pair(':') {
        let seconds = matches!(
            (tokens.get(3), tokens.get(4)),
            (Some(mark), Some(Token::Number { .. })) if mark.is_mark(':')
        );
        let len = if seconds { 5 } else { 3 };
        return Some((with_minute(hour(*value, *digits), minute), len, None));
    }
    // "14:5" has the form of a time.
    if tokens[1..].first().is_some_and(|it| it.is_mark(':'))
        && matches!(tokens.get(2), Some(Token::Number { digits: 1, .. }))
    {
        return Some((None, 3, None));
    }
    if let Some(minute) = pair('.') {
        let sign = tokens.get(3).and_then(Token::word);
        let uhr = sign.is_some_and(|it| ["uhr", "am", "pm"].contains(&it));
        let goes_on = tokens.get(3).is_some_and(|it| it.is_mark('.'));
        let taken = uhr || (place.expected && !goes_on);
        return taken.then(|| (with_minute(hour(*value, *digits), minute), 3, None));
    }
    if place.expected && matches!(digits, 3 | 4) {
        let padded = if *digits == 4 { 2 } else { 1 };
        return Some((with_minute(hour(value / 100, padded), value % 100), 1, None));
    }
    None
}

/// Minutes after the hour: `dreißig`, `null fünf`, `30`; not the day of a date that follows.
fn minutes_at(tokens: &[Token]) -> Option<(u32, usize)> {
    let zero = ["null", "oh", "o", "zero"];
    let lead = usize::from(
        zero.iter()
            .any(|zero| tokens.first().is_some_and(|it| it.is(zero))),
    );
    let found = number_at(tokens.get(lead..)?)?;
    let next = tokens.get(lead + found.len);
    let date = next.is_some_and(|it| {
        it.is_mark('.') || it.is_mark(':') || it.is("uhr") || it.is("th") || it.is("of")
    });
    let small = lead == 1 && found.value > 9;
    (!date && !small && found.value < 60).then_some((found.value, lead + found.len))
}

/// `8 Uhr`, `8 Uhr 30`, `acht Uhr dreißig`, `8h30`, `eight oclock`.
fn with_uhr(tokens: &[Token]) -> Option<Read> {
    let found = number_at(tokens)?;
    let sign = tokens.get(found.len)?.word()?;
    let lang = match sign {
        "uhr" => DE,
        "oclock" => EN,
        "h" if found.digits > 0 => None,
        _ => return None,
    };
    let clock = hour(found.value, found.digits);
    let rest = tokens.get(found.len + 1..).unwrap_or_default();
    let and = usize::from(rest.first().is_some_and(|it| it.is("und")));
    match minutes_at(&rest[and..]) {
        Some((minute, len)) if sign != "oclock" => {
            let unit = usize::from(rest.get(and + len).is_some_and(|it| it.is("minuten")));
            Some((
                with_minute(clock, minute),
                found.len + 1 + and + len + unit,
                lang,
            ))
        }
        _ => {
            // "zwölf Uhr sechzig" has the form of a time.
            let behind = number_at(&rest[and..]).filter(|it| (60..100).contains(&it.value));
            match behind {
                Some(minute) => Some((None, found.len + 1 + and + minute.len, lang)),
                None => Some((clock, found.len + 1, lang)),
            }
        }
    }
}

/// `acht dreißig`, `eight oh five`, `14 30`.
fn in_words(tokens: &[Token], place: Place) -> Option<Read> {
    let found = number_at(tokens).filter(|it| it.value < 25)?;
    if found.digits > 0 && !place.expected {
        return None;
    }
    let rest = &tokens[found.len..];
    let zero = rest
        .first()
        .is_some_and(|it| !matches!(it, Token::Number { .. }));
    let (minute, len) = minutes_at(rest)?;
    // "acht neun" is no time; "acht null neun" is one.
    if (minute < 10 && len < 2) || (found.digits > 0 && zero) {
        return None;
    }
    Some((
        with_minute(hour(found.value, found.digits), minute),
        found.len + len,
        found.lang,
    ))
}

/// An hour alone, where one is expected.
fn bare(tokens: &[Token], place: Place) -> Option<Read> {
    let found = number_at(tokens)?;
    let next = tokens.get(found.len);
    let other = next.is_some_and(|it| it.is_mark('.') || it.is_mark('/') || it.is_mark(':'));
    let said = if place.expected {
        found.value <= 24 && !other
    } else {
        meridiem(&tokens[found.len..]).is_some()
    };
    said.then(|| (hour(found.value, found.digits), found.len, found.lang))
}
