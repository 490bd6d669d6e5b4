//! Days in words: `morgen`, `nächsten Dienstag`, `in zwei Wochen`, `KW 42`, `so bald wie möglich`.

use super::super::names::weekday_at;
use super::super::numbers::number_at;
use super::super::token::Token;
use super::{Piece, Place, Recognised, Which};
use crate::language::Lang;

const DE: Option<Lang> = Some(Lang::De);
const EN: Option<Lang> = Some(Lang::En);

/// Days from today.
const RELATIVE: [(&[&str], i32, Option<Lang>); 13] = [
    (&["the", "day", "after", "tomorrow"], 2, EN),
    (&["day", "after", "tomorrow"], 2, EN),
    (&["day", "before", "yesterday"], -2, EN),
    (&["ueberuebermorgen"], 3, DE),
    (&["uebermorgen"], 2, DE),
    (&["ubermorgen"], 2, DE),
    (&["vorgestern"], -2, DE),
    (&["gestern"], -1, DE),
    (&["heute"], 0, DE),
    (&["today"], 0, EN),
    (&["tomorrow"], 1, EN),
    (&["yesterday"], -1, EN),
    (&["morgen"], 1, DE),
];

/// As early as can be.
const SOON: [(&[&str], Option<Lang>); 16] = [
    (&["so", "bald", "wie", "moeglich"], DE),
    (&["so", "schnell", "wie", "moeglich"], DE),
    (&["so", "frueh", "wie", "moeglich"], DE),
    (&["as", "soon", "as", "possible"], EN),
    (&["as", "early", "as", "possible"], EN),
    (&["any", "day"], EN),
    (&["any", "time"], EN),
    (&["anytime"], EN),
    (&["asap"], None),
    (&["sofort"], DE),
    (&["baldmoeglichst"], DE),
    (&["schnellstmoeglich"], DE),
    (&["naechstmoeglich"], DE),
    (&["fruehestmoeglich"], DE),
    (&["jederzeit"], DE),
    (&["egal"], DE),
];

pub(super) fn at(tokens: &[Token], place: Place) -> Option<Recognised<Piece>> {
    soon(tokens)
        .or_else(|| relative(tokens, place))
        .or_else(|| offset(tokens))
        .or_else(|| qualified(tokens))
        .or_else(|| iso_week(tokens))
        .or_else(|| {
            let (weekday, len, lang) = weekday_at(tokens, place.at_start)?;
            Some((Piece::Weekday(weekday, Which::Bare), len, lang))
        })
}

fn begins(tokens: &[Token], words: &[&str]) -> bool {
    tokens.len() >= words.len() && words.iter().zip(tokens).all(|(word, it)| it.is(word))
}

fn soon(tokens: &[Token]) -> Option<Recognised<Piece>> {
    let (words, lang) = SOON.iter().find(|(words, _)| begins(tokens, words))?;
    Some((Piece::Soon, words.len(), *lang))
}

fn relative(tokens: &[Token], place: Place) -> Option<Recognised<Piece>> {
    let (words, days, lang) = RELATIVE.iter().find(|(words, ..)| begins(tokens, words))?;
    // "Dienstag morgen", "heute morgen", and "morgen" where a time of day is asked for.
    let morning = tokens[0].is("morgen") && place.means_morning(tokens);
    (!morning).then_some((Piece::Relative(*days), words.len(), *lang))
}

#[derive(Clone, Copy)]
enum Unit {
    Day,
    Week,
    Month,
}

fn unit(token: Option<&Token>) -> Option<(Unit, Lang)> {
    Some(match token?.word()? {
        "tag" | "tage" | "tagen" => (Unit::Day, Lang::De),
        "woche" | "wochen" => (Unit::Week, Lang::De),
        "monat" | "monate" | "monaten" => (Unit::Month, Lang::De),
        "day" | "days" => (Unit::Day, Lang::En),
        "week" | "weeks" => (Unit::Week, Lang::En),
        "month" | "months" => (Unit::Month, Lang::En),
        _ => return None,
    })
}

/// `in zwei Wochen`, `in einer Woche`, `in a week`, `two weeks from today`.
fn offset(tokens: &[Token]) -> Option<Recognised<Piece>> {
    let first = tokens.first()?;
    let (past, lead) = (
        first.is("vor"),
        usize::from(first.is("in") || first.is("vor")),
    );
    let rest = &tokens[lead..];
    let one = ["einer", "einem", "einen", "eine", "a", "an"];
    let (count, len, in_words) = match number_at(rest) {
        Some(found) => (found.value, found.len, found.digits == 0),
        None if one
            .iter()
            .any(|word| rest.first().is_some_and(|it| it.is(word))) =>
        {
            (1, 1, true)
        }
        None => return None,
    };
    let (unit, lang) = unit(rest.get(len))?;
    let from = rest.get(len + 1).is_some_and(|it| it.is("from"));
    let ago = rest.get(len + 1).is_some_and(|it| it.is("ago"));
    let tail = if from
        && rest
            .get(len + 2)
            .is_some_and(|it| it.is("now") || it.is("today"))
    {
        2
    } else {
        0
    };
    // Without "in" it is a length, not a distance: "zwei Wochen", unless "from" follows.
    if lead == 0 && !from && !ago {
        return None;
    }
    let count = count.min(1_000) as i32 * if past || ago { -1 } else { 1 };
    let piece = match unit {
        Unit::Day if count == 8 && in_words && lang == Lang::De => Piece::EightDays,
        Unit::Day if from && tail == 0 => Piece::After(count),
        Unit::Week if from && tail == 0 => Piece::After(count * 7),
        Unit::Day => Piece::Offset(count),
        Unit::Week => Piece::Offset(count * 7),
        Unit::Month => Piece::Months(count),
    };
    // "a week from Tuesday": the weekday that follows is counted from.
    let len = lead + len + 1 + tail.max(usize::from(from || ago));
    Some((piece, len, Some(lang)))
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
        "next" | "coming" | "upcoming" => Some((Which::Next, EN)),
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
        "monat" | "month" if qualified => Some((Piece::MonthAhead(ahead), len + 1, lang)),
        "wochenende" => Some((Piece::Weekend(which), len + 1, DE)),
        "weekend" => Some((Piece::Weekend(which), len + 1, EN)),
        _ if qualified => {
            let (weekday, more, name) = weekday_at(rest, true)?;
            Some((Piece::Weekday(weekday, which), len + more, lang.or(name)))
        }
        _ => None,
    }
}

/// `KW 42`, `Kalenderwoche 42`.
fn iso_week(tokens: &[Token]) -> Option<Recognised<Piece>> {
    if !tokens.first()?.is("kw") && !tokens[0].is("kalenderwoche") {
        return None;
    }
    let found = number_at(&tokens[1..])?;
    Some((Piece::IsoWeek(found.value), 1 + found.len, DE))
}
