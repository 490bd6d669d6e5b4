//! Days in words: `morgen`, `in zwei Wochen`, `Heiligabend`, `so bald wie möglich`.

use super::super::names::weekday_at;
use super::super::numbers::number_at;
use super::super::token::{Token, begins};
use super::{Piece, Place, Recognised, Which, spans};
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
const SOON: [(&[&str], Option<Lang>); 32] = [
    (&["moeglichst", "bald"], DE),
    (&["moeglichst", "schnell"], DE),
    (&["moeglichst", "frueh"], DE),
    (&["naechste", "freie"], DE),
    (&["naechsten", "freien"], DE),
    (&["naechster", "freier"], DE),
    (&["next", "available"], EN),
    (&["next", "free"], EN),
    (&["earliest", "available"], EN),
    (&["earliest", "possible"], EN),
    (&["whenever"], EN),
    (&["soon"], EN),
    (&["bald"], DE),
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
    (&["jetzt"], DE),
    (&["gleich"], DE),
    (&["demnaechst"], DE),
    (&["in", "kuerze"], DE),
    (&["sobald", "wie", "moeglich"], DE),
    (&["right", "now"], EN),
    (&["now"], EN),
    (&["jederzeit"], DE),
    (&["egal"], DE),
];

pub(super) fn at(tokens: &[Token], place: Place) -> Option<Recognised<Piece>> {
    soon(tokens)
        .or_else(|| relative(tokens, place))
        .or_else(|| workdays(tokens))
        .or_else(|| from_now(tokens))
        .or_else(|| offset(tokens))
        .or_else(|| counted_on(tokens, place))
        .or_else(|| spans::at(tokens))
        .or_else(|| {
            let (weekday, len, lang) = weekday_at(tokens, place.at_start)?;
            Some((Piece::Weekday(weekday, Which::Bare), len, lang))
        })
}

/// Adjectives that mean the same in every ending.
const SOONEST: [&str; 4] = [
    "naechstmoeglich",
    "fruehestmoeglich",
    "baldmoeglich",
    "schnellstmoeglich",
];

fn soon(tokens: &[Token]) -> Option<Recognised<Piece>> {
    let word = tokens.first()?.word().unwrap_or_default();
    if SOONEST.iter().any(|stem| word.starts_with(stem)) {
        return Some((Piece::Soon, 1, DE));
    }
    let (words, lang) = SOON.iter().find(|(words, _)| begins(tokens, words))?;
    Some((Piece::Soon, words.len(), *lang))
}

fn relative(tokens: &[Token], place: Place) -> Option<Recognised<Piece>> {
    let (words, days, lang) = RELATIVE.iter().find(|(words, ..)| begins(tokens, words))?;
    // "Dienstag morgen", "heute morgen", and "morgen" where a time of day is asked for.
    let morning = tokens[0].is("morgen") && place.means_morning(tokens);
    (!morning).then_some((Piece::Relative(*days), words.len(), *lang))
}

/// The days from Monday to Friday.
const WORKDAYS: [(&[&str], Option<Lang>); 8] = [
    (&["unter", "der", "woche"], DE),
    (&["wochentags"], DE),
    (&["wochentag"], DE),
    (&["werktags"], DE),
    (&["werktag"], DE),
    (&["during", "the", "week"], EN),
    (&["weekdays"], EN),
    (&["weekday"], EN),
];

const NEXT_WORKDAY: [(&[&str], Option<Lang>); 5] = [
    (&["naechster", "werktag"], DE),
    (&["naechsten", "werktag"], DE),
    (&["next", "business", "day"], EN),
    (&["next", "working", "day"], EN),
    (&["next", "weekday"], EN),
];

fn workdays(tokens: &[Token]) -> Option<Recognised<Piece>> {
    if let Some((words, lang)) = NEXT_WORKDAY.iter().find(|it| begins(tokens, it.0)) {
        return Some((Piece::NextWorkday, words.len(), *lang));
    }
    let (words, lang) = WORKDAYS.iter().find(|(words, _)| begins(tokens, words))?;
    Some((Piece::Workdays, words.len(), *lang))
}

/// A length of time, counted in days or in months.
#[derive(Clone, Copy)]
enum Unit {
    Days(i32),
    Months(i32),
}

/// The length at the beginning of `tokens`: `Wochen`, `halben Jahr`, `couple of days`.
fn unit(tokens: &[Token]) -> Option<(Unit, usize, Option<Lang>)> {
    let (unit, lang) = match tokens.first()?.word()? {
        "tag" | "tage" | "tagen" => (Unit::Days(1), DE),
        "woche" | "wochen" => (Unit::Days(7), DE),
        "monat" | "monate" | "monaten" => (Unit::Months(1), DE),
        "vierteljahr" => (Unit::Months(3), DE),
        "halbjahr" => (Unit::Months(6), DE),
        "jahr" | "jahre" | "jahren" => (Unit::Months(12), DE),
        "day" | "days" => (Unit::Days(1), EN),
        "week" | "weeks" => (Unit::Days(7), EN),
        "fortnight" | "fortnights" => (Unit::Days(14), EN),
        "month" | "months" => (Unit::Months(1), EN),
        "year" | "years" => (Unit::Months(12), EN),
        "halben" | "halbes" if tokens.get(1)?.is("jahr") => return Some((Unit::Months(6), 2, DE)),
        _ => return None,
    };
    Some((unit, 1, lang))
}

/// How many: a number, `einer`, `a`, `a couple of`; `half a year` is half of twelve months.
fn how_many(tokens: &[Token]) -> Option<(i32, usize, bool)> {
    if begins(tokens, &["a", "couple", "of"]) {
        return Some((2, 3, true));
    }
    if let Some(found) = number_at(tokens) {
        let count = i32::try_from(found.value.min(1_000)).ok()?;
        return Some((count, found.len, found.digits == 0));
    }
    let one = ["einer", "einem", "einen", "eine", "a", "an"];
    let word = tokens.first()?.word()?;
    one.contains(&word).then_some((1, 1, true))
}

/// `in zwei Wochen`, `in einer Woche`, `in a week`, `two weeks from today`, `vor drei Tagen`.
fn offset(tokens: &[Token]) -> Option<Recognised<Piece>> {
    let first = tokens.first()?;
    let past = first.is("vor");
    let lead = usize::from(first.is("in") || past);
    let rest = &tokens[lead..];
    if lead == 1 && (begins(rest, &["half", "a", "year"])) {
        return Some((Piece::Months(6), 4, EN));
    }
    let (count, len, in_words) = how_many(rest)?;
    let (unit, more, lang) = unit(&rest[len..])?;
    let len = len + more;
    let behind = rest.get(len).and_then(Token::word).unwrap_or_default();
    let next = rest.get(len + 1).and_then(Token::word).unwrap_or_default();
    let (ago, from) = (behind == "ago", behind == "from");
    let on = from || behind == "on";
    let of_today = from && ["now", "today"].contains(&next);
    // "a week today", "a fortnight tomorrow": the day that follows is counted from.
    let counted_from = lead == 0
        && lang == EN
        && (["today", "tomorrow"].contains(&behind) || (on && !of_today && !next.is_empty()));
    // Without "in" it is a length, not a distance: "zwei Wochen".
    if lead == 0 && !ago && !of_today && !counted_from {
        return None;
    }
    let sign = if past || ago { -1 } else { 1 };
    let piece = match unit {
        // To Germans eight days are a week, counted with the day on which they speak.
        Unit::Days(1) if count == 8 && in_words && lang == DE => Piece::Offset(7 * sign),
        Unit::Days(days) if counted_from => Piece::After(days * count),
        Unit::Days(days) => Piece::Offset(days * count * sign),
        Unit::Months(months) => Piece::Months(months * count * sign),
    };
    let tail = match (of_today, ago || (counted_from && on)) {
        (true, _) => 2,
        (_, true) => 1,
        _ => 0,
    };
    Some((piece, lead + len + tail, lang))
}

/// Words for the days that begin today.
const COMING: [&str; 5] = ["naechsten", "naechste", "kommenden", "next", "coming"];

/// `in den nächsten Tagen`, `die nächsten zwei Wochen`, `within the next few days`.
fn from_now(tokens: &[Token]) -> Option<Recognised<Piece>> {
    let first = tokens.first()?.word()?;
    COMING.contains(&first).then_some(())?;
    let rest = &tokens[1..];
    let some = ["few", "paar"];
    let (count, len) = match how_many(rest) {
        Some((count, len, _)) => (Some(count), len),
        None => (None, usize::from(some.contains(&rest.first()?.word()?))),
    };
    let name = rest.get(len)?.word()?;
    // "nächsten Tag" is one, and "next week" a week of the calendar.
    let is_plural = ["tage", "tagen", "wochen", "days", "weeks"].contains(&name);
    let (Unit::Days(days), _, lang) = unit(&rest[len..]).filter(|_| is_plural)? else {
        return None;
    };
    let count = count.unwrap_or(if days == 1 { 7 } else { 3 });
    Some((Piece::FromNow(days * count), len + 2, lang))
}

/// `Friday week`, `Tuesday fortnight`: counted from the day that was named.
fn counted_on(tokens: &[Token], place: Place) -> Option<Recognised<Piece>> {
    let days = match tokens.first()?.word()? {
        "week" => 7,
        "fortnight" => 14,
        _ => return None,
    };
    // "Monday of week 42", "of the week after next"
    let goes_on = |it: &Token| it.is("after") || number_at(std::slice::from_ref(it)).is_some();
    let named = tokens.get(1).is_some_and(goes_on);
    (place.dated && !named).then_some((Piece::After(days), 1, EN))
}
