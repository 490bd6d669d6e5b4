//! Weeks and months, and days told by them: `nächste Woche`, `KW 42`, `Anfang November`,
//! `der erste Montag im November`, `nächsten Dienstag`.

use super::super::names::{month_at, weekday_at};
use super::super::numbers::{number_at, ordinal_at};
use super::super::token::Token;
use super::{Piece, Recognised, Span, Third, Unit, Which};
use crate::language::Lang;

const DE: Option<Lang> = Some(Lang::De);
const EN: Option<Lang> = Some(Lang::En);

/// Between the parts of `die dritte Woche des nächsten Monats`.
const LINKS: [&str; 10] = [
    "im", "in", "der", "des", "dem", "vom", "of", "the", "on", "am",
];

/// Spans that begin like a day of the month: these are tried before one.
pub(super) fn first(tokens: &[Token]) -> Option<Recognised<Piece>> {
    nth(tokens)
        .or_else(|| nth_of(tokens))
        .or_else(|| numbered_week(tokens))
        .or_else(|| third(tokens))
}

pub(super) fn at(tokens: &[Token]) -> Option<Recognised<Piece>> {
    after_next(tokens)
        .or_else(|| week_of(tokens))
        .or_else(|| qualified(tokens))
        .or_else(|| iso_week(tokens))
}

fn links(tokens: &[Token]) -> usize {
    let is_link = |it: &&Token| it.word().is_some_and(|word| LINKS.contains(&word));
    tokens.iter().take_while(is_link).count()
}

fn which(token: &Token) -> Option<(Which, Option<Lang>)> {
    let word = token.word()?;
    let de = |stem: &str| {
        let ending = word.strip_prefix(stem)?;
        ["", "e", "en", "er", "es", "em"]
            .contains(&ending)
            .then_some(())
    };
    let table: [(&str, Which); 8] = [
        ("letzt", Which::Last),
        ("vorig", Which::Last),
        ("vergangen", Which::Last),
        ("dies", Which::This),
        ("kommend", Which::Next),
        ("naechst", Which::Next),
        ("nachst", Which::Next),
        ("uebernaechst", Which::AfterNext),
    ];
    if let Some((_, which)) = table.iter().find(|(stem, _)| de(stem).is_some()) {
        return Some((*which, DE));
    }
    match word {
        "this" => Some((Which::This, EN)),
        "next" | "coming" | "upcoming" | "following" => Some((Which::Next, EN)),
        "last" | "past" => Some((Which::Last, EN)),
        _ => None,
    }
}

/// `diesen Dienstag`, `nächste Woche`, `this coming Friday`, `am Wochenende`.
fn qualified(tokens: &[Token]) -> Option<Recognised<Piece>> {
    let mut len = 0;
    let mut found: Option<(Which, Option<Lang>)> = None;
    while let Some(next) = tokens.get(len).and_then(which) {
        found = Some(next);
        len += 1;
    }
    let rest = &tokens[len..];
    let (which, lang) = found.unwrap_or((Which::Bare, None));
    let ahead = match which {
        Which::Bare | Which::This => 0,
        Which::Next => 1,
        Which::AfterNext => 2,
        Which::Last => -1,
    };
    let qualified = found.is_some();
    match rest.first()?.word()? {
        "woche" | "week" if qualified => Some((Piece::Week(ahead), len + 1, lang)),
        "monat" | "monats" | "month" if qualified => {
            Some((Piece::MonthAhead(ahead), len + 1, lang))
        }
        "jahr" | "jahres" | "year" if qualified => Some((Piece::Year(ahead), len + 1, lang)),
        "wochenende" => Some((Piece::Weekend(which), len + 1, DE)),
        "weekend" => Some((Piece::Weekend(which), len + 1, EN)),
        _ if qualified => {
            if let Some((month, more, _)) = month_at(rest) {
                let piece = match which {
                    Which::Last => Piece::PastMonth(month),
                    _ => Piece::Month(month, None),
                };
                return Some((piece, len + more, lang));
            }
            let (weekday, more, name) = weekday_at(rest, true)?;
            Some((Piece::Weekday(weekday, which), len + more, lang.or(name)))
        }
        _ => None,
    }
}

/// `the Monday after next`, `the week after next`.
fn after_next(tokens: &[Token]) -> Option<Recognised<Piece>> {
    let behind = |len: usize| {
        let next = tokens.get(len + 1).is_some_and(|it| it.is("next"));
        next && tokens.get(len).is_some_and(|it| it.is("after"))
    };
    match tokens.first()?.word()? {
        "week" if behind(1) => Some((Piece::Week(2), 3, EN)),
        "month" if behind(1) => Some((Piece::MonthAhead(2), 3, EN)),
        _ => {
            let (weekday, len, _) = weekday_at(tokens, true).filter(|it| behind(it.1))?;
            Some((Piece::Weekday(weekday, Which::AfterNext), len + 2, EN))
        }
    }
}

/// `die Woche vom 20.`, `the week of October 20`.
fn week_of(tokens: &[Token]) -> Option<Recognised<Piece>> {
    let of = tokens.get(1)?.word()?;
    let lang = match (tokens[0].word()?, of) {
        ("woche", "vom" | "ab" | "um") => DE,
        ("week", "of" | "commencing" | "beginning" | "starting") => EN,
        _ => return None,
    };
    Some((Piece::WeekOf, 2, lang))
}

fn is_week(token: Option<&Token>) -> Option<Option<Lang>> {
    match token?.word()? {
        "kw" | "kalenderwoche" => Some(DE),
        _ => None,
    }
}

/// `KW 42`, `Kalenderwoche 42`, `week 42`, `calendar week 42`.
fn iso_week(tokens: &[Token]) -> Option<Recognised<Piece>> {
    let calendar = usize::from(tokens.first()?.is("calendar"));
    let word = tokens.get(calendar)?;
    let lang = match is_week(Some(word)) {
        Some(lang) => lang,
        None if word.is("woche") => DE,
        None if word.is("week") => EN,
        None => return None,
    };
    let found = number_at(&tokens[calendar + 1..])?;
    Some((Piece::IsoWeek(found.value), calendar + 1 + found.len, lang))
}

/// `42. KW`, `in der vierundvierzigsten Kalenderwoche`, `42. Woche`.
fn numbered_week(tokens: &[Token]) -> Option<Recognised<Piece>> {
    let (number, len) = ordinal(tokens)?;
    // No month has so many.
    let of_the_year = number > 5 && tokens.get(len).is_some_and(|it| it.is("woche"));
    let lang = if of_the_year {
        DE
    } else {
        is_week(tokens.get(len))?
    };
    Some((Piece::IsoWeek(number), len + 1, lang))
}

/// `erster`, `1.`, `first`.
pub(super) fn ordinal(tokens: &[Token]) -> Option<(u32, usize)> {
    match (tokens.first()?, tokens.get(1)) {
        (Token::Number { value, .. }, Some(dot)) if dot.is_mark('.') => Some((*value, 2)),
        _ => ordinal_at(tokens).map(|it| (it.value, it.len)),
    }
}

/// `erster`, `3.`; the last one is number -1.
fn number(tokens: &[Token]) -> Option<(i32, usize)> {
    match which(tokens.first()?) {
        Some((Which::Last, _)) => Some((-1, 1)),
        _ => ordinal(tokens)
            .filter(|it| it.0 <= 5)
            .map(|(number, len)| (number as i32, len)),
    }
}

/// `der letzte Tag des Monats`, `die erste Woche im Januar`, `the second half of November`.
fn nth_of(tokens: &[Token]) -> Option<Recognised<Piece>> {
    let (number, len) = number(tokens)?;
    let (unit, lang) = match tokens.get(len)?.word()? {
        "tag" => (Unit::Day, DE),
        "day" => (Unit::Day, EN),
        "woche" => (Unit::Week, DE),
        "week" => (Unit::Week, EN),
        "haelfte" => (Unit::Half, DE),
        "half" => (Unit::Half, EN),
        _ => return None,
    };
    let linked = len + 1 + links(&tokens[len + 1..]);
    let (span, more) = span(tokens.get(linked..)?)?;
    let parts = !(unit == Unit::Week && matches!(span, Span::Week(_)));
    parts.then_some((Piece::NthOf(number, unit, span), linked + more, lang))
}

/// `der erste Montag im November`, `the last Friday of next month`.
fn nth(tokens: &[Token]) -> Option<Recognised<Piece>> {
    let (number, len) = number(tokens)?;
    let (weekday, more, lang) = weekday_at(&tokens[len..], true)?;
    let len = len + more;
    let linked = links(&tokens[len..]);
    if linked == 0 {
        return None;
    }
    let (span, more) = span(&tokens[len + linked..])?;
    let month = !matches!(span, Span::Week(_));
    month.then_some((Piece::Nth(number, weekday, span), len + linked + more, lang))
}

/// A month or a week, by name or seen from now.
fn span(tokens: &[Token]) -> Option<(Span, usize)> {
    if let Some((month, len, _)) = month_at(tokens) {
        return Some((Span::Month(month), len));
    }
    let now = match tokens.first()?.word()? {
        "monats" | "monat" | "month" => Some(Span::MonthAhead(0)),
        "woche" | "week" => Some(Span::Week(0)),
        _ => None,
    };
    if let Some(span) = now {
        return Some((span, 1));
    }
    match after_next(tokens).or_else(|| qualified(tokens))? {
        (Piece::Week(weeks), len, _) => Some((Span::Week(weeks), len)),
        (Piece::MonthAhead(months), len, _) => Some((Span::MonthAhead(months), len)),
        (Piece::Month(month, _), len, _) => Some((Span::Month(month), len)),
        _ => None,
    }
}

/// `Anfang November`, `Mitte nächster Woche`, `the end of the month`, `early next week`.
fn third(tokens: &[Token]) -> Option<Recognised<Piece>> {
    let (third, lang) = match tokens.first()?.word()? {
        "anfang" => (Third::Beginning, DE),
        "mitte" => (Third::Middle, DE),
        "ende" => (Third::End, DE),
        "beginning" | "start" | "early" => (Third::Beginning, EN),
        "middle" | "mid" => (Third::Middle, EN),
        "end" | "late" => (Third::End, EN),
        _ => return None,
    };
    let linked = 1 + links(&tokens[1..]);
    let (span, len) = span(tokens.get(linked..)?)?;
    Some((Piece::Third(third, span), linked + len, lang))
}
