//! From, until, between: `ab Montag`, `bis zum 20.`, `von Dienstag bis Donnerstag`.

use booking_domain::time::Day;

use super::resolve::{SOON_DAYS, days, resolve};
use super::{Bound, DateProblem, DateReading, Piece, Place, Recognised, date_at};
use crate::language::Lang;
use crate::language::token::Token;

const DE: Option<Lang> = Some(Lang::De);
const EN: Option<Lang> = Some(Lang::En);

const WORDS: [(&str, Bound, Option<Lang>); 20] = [
    ("ab", Bound::From, DE),
    ("von", Bound::From, DE),
    ("vom", Bound::From, DE),
    ("seit", Bound::From, DE),
    ("fruehestens", Bound::From, DE),
    ("from", Bound::From, EN),
    ("starting", Bound::From, EN),
    ("beginning", Bound::From, EN),
    ("nach", Bound::After, DE),
    ("after", Bound::After, EN),
    ("bis", Bound::Until, DE),
    ("spaetestens", Bound::Until, DE),
    ("until", Bound::Until, EN),
    ("till", Bound::Until, EN),
    ("by", Bound::Until, EN),
    ("through", Bound::Until, EN),
    ("vor", Bound::Before, DE),
    ("before", Bound::Before, EN),
    ("zwischen", Bound::Between, DE),
    ("between", Bound::Between, EN),
];
/// What may stand between the word and its day.
const ARTICLES: [&str; 8] = ["der", "die", "dem", "den", "zum", "zur", "am", "the"];

/// The word before a day, where a day follows; the day itself is read next.
pub(in super::super) fn bound_at(tokens: &[Token], place: Place) -> Option<Recognised<Piece>> {
    let first = tokens.first()?;
    let known = WORDS.iter().find(|(word, ..)| first.is(word));
    let (bound, lang) = match known {
        Some((_, bound, lang)) => (*bound, *lang),
        // Only between two days do these mean a stretch.
        None if place.dated && (first.is("to") || first.is_mark('-')) => (Bound::Until, None),
        None => return None,
    };
    let is_article = |it: &&Token| it.word().is_some_and(|word| ARTICLES.contains(&word));
    let articles = tokens[1..].iter().take_while(is_article).count();
    let place = Place {
        at_start: true,
        ..place
    };
    date_at(&tokens[1 + articles..], place)?;
    Some((Piece::Bound(bound), 1 + articles, lang))
}

/// What the pieces come to; `None` without a bound among them.
pub(super) fn bounded(pieces: &[Piece], today: Day) -> Option<DateReading> {
    let bound = |piece: &Piece| match piece {
        Piece::Bound(bound) => Some(*bound),
        _ => None,
    };
    let at = pieces.iter().position(|it| bound(it).is_some())?;
    let (kind, before, after) = (bound(&pieces[at])?, &pieces[..at], &pieces[at + 1..]);
    let second = after.iter().position(|it| bound(it) == Some(Bound::Until));
    let half = after.len() / 2;
    Some(match (before, kind, second) {
        ([], Bound::From | Bound::Between, Some(until)) => {
            stretch(&after[..until], &after[until + 1..], today)
        }
        ([], Bound::Between, None) if half > 0 => stretch(&after[..half], &after[half..], today),
        ([], kind, None) => one_sided(kind, &resolve(after, today), today),
        (within, kind, None) => match resolve(within, today) {
            DateReading::Days { first, last } => {
                let both: Vec<_> = within.iter().chain(after).copied().collect();
                inside(kind, &resolve(&both, today), (first, last), today)
            }
            _ if kind == Bound::Until => stretch(within, after, today),
            _ => NOT_UNDERSTOOD,
        },
        _ => NOT_UNDERSTOOD,
    })
}

const NOT_UNDERSTOOD: DateReading = DateReading::Invalid(DateProblem::NotUnderstood);

fn ends(reading: &DateReading) -> Option<(Day, Day)> {
    match reading {
        DateReading::Exact(day) => Some((*day, *day)),
        DateReading::Days { first, last } => Some((*first, *last)),
        _ => None,
    }
}

/// `von … bis …`. A day of the month alone is of the month that is named with the other.
fn stretch(from: &[Piece], until: &[Piece], today: Day) -> DateReading {
    let month = until.iter().find_map(|piece| match piece {
        Piece::Date { month, year, .. } if month.is_some() => Some((*month, *year)),
        _ => None,
    });
    let mut from = from.to_vec();
    for piece in &mut from {
        if let (
            Piece::Date {
                month: own @ None,
                year,
                ..
            },
            Some((named, of)),
        ) = (piece, month)
        {
            (*own, *year) = (named, of);
        }
    }
    let (from, until) = (resolve(&from, today), resolve(until, today));
    match (ends(&from), ends(&until)) {
        (Some((first, _)), Some((_, last))) if last >= first => days(first, last, today),
        // "Donnerstag bis Dienstag" reaches into the next week.
        (Some((first, _)), Some((_, last))) if last.plus_days(7) >= first => {
            days(first, last.plus_days(7), today)
        }
        (Some(_), Some(_)) => NOT_UNDERSTOOD,
        (None, _) => from,
        (Some(_), None) => until,
    }
}

fn one_sided(kind: Bound, reading: &DateReading, today: Day) -> DateReading {
    let Some((first, last)) = ends(reading) else {
        return reading.clone();
    };
    let onwards = |from: Day| days(from, from.plus_days(SOON_DAYS).max(last), today);
    match kind {
        Bound::From | Bound::Between => onwards(first),
        Bound::After => onwards(last.plus_days(1)),
        Bound::Until => days(today, last, today),
        Bound::Before => days(today, first.plus_days(-1), today),
    }
}

/// `nächste Woche ab Mittwoch`.
fn inside(kind: Bound, reading: &DateReading, whole: (Day, Day), today: Day) -> DateReading {
    let Some((first, last)) = ends(reading) else {
        return reading.clone();
    };
    let (from, until) = match kind {
        Bound::From | Bound::Between => (first, whole.1),
        Bound::After => (last.plus_days(1), whole.1),
        Bound::Until => (whole.0, last),
        Bound::Before => (whole.0, first.plus_days(-1)),
    };
    if from <= until {
        days(from, until, today)
    } else {
        NOT_UNDERSTOOD
    }
}
