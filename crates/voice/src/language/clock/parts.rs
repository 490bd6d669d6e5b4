//! Parts of the day and stretches of time: `nachmittags`, `ab 14 Uhr`, `between two and four`.

use super::super::token::Token;
use super::fractions::fraction;
use super::spoken::{clock_at, plain};
use super::{Clock, PartOfDay, Piece, Place, Recognised};
use crate::language::Lang;

const DE: Option<Lang> = Some(Lang::De);
const EN: Option<Lang> = Some(Lang::En);

/// Folded words. `morgen` is not among them: it depends on its neighbours.
const PARTS: [(&str, PartOfDay, Option<Lang>); 30] = [
    ("vormittag", PartOfDay::Morning, DE),
    ("vormittags", PartOfDay::Morning, DE),
    ("morgens", PartOfDay::Morning, DE),
    ("fruehmorgens", PartOfDay::Morning, DE),
    ("frueh", PartOfDay::Morning, DE),
    ("fruehs", PartOfDay::Morning, DE),
    ("mittag", PartOfDay::Noon, DE),
    ("mittags", PartOfDay::Noon, DE),
    ("mittagszeit", PartOfDay::Noon, DE),
    ("mittagspause", PartOfDay::Noon, DE),
    ("nachmittag", PartOfDay::Afternoon, DE),
    ("nachmittags", PartOfDay::Afternoon, DE),
    ("spaetnachmittag", PartOfDay::Afternoon, DE),
    ("spaetnachmittags", PartOfDay::Afternoon, DE),
    ("abend", PartOfDay::Evening, DE),
    ("abends", PartOfDay::Evening, DE),
    ("feierabend", PartOfDay::Evening, DE),
    ("nacht", PartOfDay::Night, DE),
    ("nachts", PartOfDay::Night, DE),
    ("morning", PartOfDay::Morning, EN),
    ("mornings", PartOfDay::Morning, EN),
    ("midday", PartOfDay::Noon, EN),
    ("lunchtime", PartOfDay::Noon, EN),
    ("afternoon", PartOfDay::Afternoon, EN),
    ("afternoons", PartOfDay::Afternoon, EN),
    ("lunch", PartOfDay::Noon, EN),
    ("evening", PartOfDay::Evening, EN),
    ("evenings", PartOfDay::Evening, EN),
    ("nights", PartOfDay::Night, EN),
    ("night", PartOfDay::Night, EN),
];

pub(in super::super) fn is_part_word(word: &str) -> bool {
    word == "morgen" || PARTS.iter().any(|(name, ..)| *name == word)
}

/// The part of the day at the beginning of `tokens`. `tonight` says the day as well and is read by
/// the one who knows about days.
pub(in super::super) fn part_at(tokens: &[Token]) -> Option<Recognised<Piece>> {
    let word = tokens.first()?.word()?;
    let (_, part, lang) = PARTS.iter().find(|(name, ..)| *name == word)?;
    Some((Piece::Part(*part), 1, *lang))
}

/// The stretch of time at the beginning of `tokens`.
pub(in super::super) fn window_at(tokens: &[Token], place: Place) -> Option<Recognised<Piece>> {
    between(tokens)
        .or_else(|| close_to(tokens))
        .or_else(|| open_ended(tokens))
        .or_else(|| tailed(tokens))
        .or_else(|| dashed(tokens, place))
}

fn time(tokens: &[Token]) -> Option<(Clock, usize, Option<Lang>)> {
    match clock_at(tokens, Place { expected: true })? {
        (Piece::Clock(clock), len, lang) => Some((clock, len, lang)),
        _ => None,
    }
}

/// A time without `to` and `past` in it, so that `from two to four` is not two minutes to four.
fn near_end(tokens: &[Token], connectors: &[&str]) -> Option<(Clock, usize, Option<Lang>)> {
    let connected = |len: usize| {
        let next = tokens.get(len);
        connectors
            .iter()
            .any(|word| next.is_some_and(|it| it.is(word)))
    };
    match plain(tokens) {
        Some((Piece::Clock(clock), len, lang)) if connected(len) => Some((clock, len, lang)),
        _ => time(tokens).filter(|it| connected(it.1)),
    }
}

/// `zwischen zwei und vier`, `between two and four`, `von 14 bis 16 Uhr`, `from 2 to 4 pm`.
fn between(tokens: &[Token]) -> Option<Recognised<Piece>> {
    let (connectors, lang): (&[&str], _) = match tokens.first()?.word()? {
        "zwischen" => (&["und"], DE),
        "between" => (&["and"], EN),
        "von" => (&["bis"], DE),
        "from" => (&["to", "until", "till"], EN),
        _ => return None,
    };
    let (from, first, _) = near_end(&tokens[1..], connectors)?;
    let (until, second, _) = time(&tokens[first + 2..])?;
    Some((
        Piece::Between(Some(from), Some(until)),
        first + second + 2,
        lang,
    ))
}

/// Whether the word opens a stretch (`ab`) or closes one (`bis`).
fn side(word: &str) -> Option<(bool, Option<Lang>)> {
    Some(match word {
        "ab" | "nach" | "fruehestens" | "seit" => (true, DE),
        "vor" | "bis" | "spaetestens" => (false, DE),
        "after" | "from" | "since" => (true, EN),
        "before" | "until" | "till" | "by" => (false, EN),
        _ => return None,
    })
}

/// The side that `tokens` begin with, turned round by `nicht`: `nicht vor`, `no later than`.
fn side_at(tokens: &[Token]) -> Option<(bool, usize, Option<Lang>)> {
    let word = |at: usize| tokens.get(at).and_then(Token::word).unwrap_or_default();
    if !["nicht", "not", "no"].contains(&word(0)) {
        let (after, lang) = side(word(0))?;
        return Some((after, 1, lang));
    }
    match (word(1), word(2)) {
        ("spaeter", "als") | ("later", "than") => Some((false, 3, None)),
        ("frueher", "als") | ("earlier", "than") => Some((true, 3, None)),
        (turned, _) => {
            let (after, lang) = side(turned)?;
            Some((!after, 2, lang))
        }
    }
}

fn open_end(after: bool, clock: Clock) -> Piece {
    if after {
        Piece::Between(Some(clock), None)
    } else {
        Piece::Between(None, Some(clock))
    }
}

/// `ab 14 Uhr`, `nach 16 Uhr`, `vor zwölf`, `after 4 pm`, `until noon`, `nicht vor zehn`.
fn open_ended(tokens: &[Token]) -> Option<Recognised<Piece>> {
    let (after, skip, lang) = side_at(tokens)?;
    let skip = skip + usize::from(tokens.get(skip).is_some_and(|it| it.is("um")));
    let (clock, len, more) = time(tokens.get(skip..)?)?;
    let onwards = |it: &Token| it.is("on") || it.is("onwards") || it.is("onward");
    let tail = usize::from(tokens.get(skip + len).is_some_and(onwards));
    Some((open_end(after, clock), skip + len + tail, lang.or(more)))
}

/// `ten or later`, `10 am onwards`, `zehn Uhr oder später`.
fn tailed(tokens: &[Token]) -> Option<Recognised<Piece>> {
    let (clock, len, lang) = time(tokens)?;
    let word = |at: usize| {
        tokens
            .get(len + at)
            .and_then(Token::word)
            .unwrap_or_default()
    };
    match (word(0), word(1)) {
        ("onwards" | "onward", _) => Some((open_end(true, clock), len + 1, EN)),
        ("or" | "oder", "later" | "after" | "spaeter") => {
            Some((open_end(true, clock), len + 2, lang))
        }
        ("or" | "oder", "earlier" | "before" | "frueher") => {
            Some((open_end(false, clock), len + 2, lang))
        }
        _ => None,
    }
}

/// `kurz nach acht`, `just before nine`: the hour on that side.
fn close_to(tokens: &[Token]) -> Option<Recognised<Piece>> {
    let near = ["kurz", "just", "shortly"];
    tokens.first()?.word().filter(|word| near.contains(word))?;
    let (after, lang) = side(tokens.get(1)?.word()?)?;
    let (clock, len, _) = time(tokens.get(2..)?)?;
    let moved = |hour: Option<u8>| {
        hour.filter(|hour| *hour <= 23)
            .map(|hour| Clock { hour, ..clock })
    };
    let (from, until) = if after {
        (Some(clock), moved(clock.hour.checked_add(1)))
    } else {
        (moved(clock.hour.checked_sub(1)), Some(clock))
    };
    Some((Piece::Between(from, until), 2 + len, lang))
}

/// `14-16 Uhr`, `14:00-16:00`, `9 bis 11`.
fn dashed(tokens: &[Token], place: Place) -> Option<Recognised<Piece>> {
    let (Piece::Clock(from), first, lang) = plain(tokens)? else {
        return None;
    };
    let link = tokens.get(first)?;
    // "twenty to nine" is one time.
    if link.is("to") && fraction(tokens).is_some() {
        return None;
    }
    let linked = link.is_mark('-') || link.is("bis") || link.is("to") || link.is("until");
    let (until, second, more) = time(&tokens[first + 1..]).filter(|_| linked)?;
    // Without a sign of a clock, "13-16" in a text about days is something else.
    let shows = place.expected || from.minute > 0 || until.minute > 0 || first + second > 2;
    shows.then_some((
        Piece::Between(Some(from), Some(until)),
        first + second + 1,
        lang.or(more),
    ))
}
