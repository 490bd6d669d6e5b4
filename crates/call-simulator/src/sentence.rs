//! What one line of the caller's carries: what they wish for, and their own words about day, time,
//! service and name. The words are cut out, never interpreted: that is the gateway's part.

use crate::language::{Lang, Wish, Words, among, fold, is};

/// What was said.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Said {
    pub wish: Option<Wish>,
    pub yes: bool,
    pub no: bool,
    pub place: Option<Place>,
    /// About day and time, in order.
    pub phrases: Vec<Phrase>,
    pub service: Option<String>,
    /// What stands before day and time, where nothing else says what the line is about.
    pub opening: Option<String>,
    pub name: Option<String>,
}

/// Which of several.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Place {
    Number(usize),
    Last,
}

/// Words about a day, a time, or both.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Phrase {
    pub day: Option<String>,
    pub time: Option<String>,
    /// Where an appointment is to be moved.
    pub is_target: bool,
}

/// A word as it was said, and as words are compared; what follows it ends a part of the sentence.
#[derive(Clone, Debug)]
struct Word {
    said: String,
    folded: String,
    ends: bool,
}

/// What a line carries.
pub(crate) fn read(lang: Lang, line: &str) -> Said {
    let table = lang.words();
    let words = without_greeting(table, words(line));
    let has = |words: &[Word], list: &str| words.iter().any(|it| among(list, &it.folded));
    // A name may hold any word.
    let (name, rest) = name(table, words);
    let place = table.places.iter().position(|list| has(&rest, list));
    let phrases = phrases(table, &rest);
    let opening = opening(table, &rest).filter(|_| !phrases.is_empty());
    Said {
        wish: wish(table, &rest),
        yes: has(&rest, table.yes),
        no: has(&rest, table.no),
        place: place.map(|at| {
            if at == 3 {
                Place::Last
            } else {
                Place::Number(at)
            }
        }),
        phrases,
        service: service(table, &rest),
        opening,
        name,
    }
}

/// The line itself, where it is the answer to a question: without the words around it.
pub(crate) fn answer(lang: Lang, line: &str) -> String {
    let table = lang.words();
    let polite = |it: &Word| among("bitte please", &it.folded) || among(table.yes, &it.folded);
    let words = words(line);
    let said = words.iter().skip_while(|it| polite(it));
    let said: Vec<_> = said.take_while(|it| !polite(it)).cloned().collect();
    joined(&said)
}

fn words(line: &str) -> Vec<Word> {
    let word = |text: &str| {
        let said = text.trim_matches(|it: char| ",;!?\"„“”".contains(it));
        // A full stop belongs to a number: the thirteenth.
        let bare = said.trim_end_matches('.');
        let said = if bare.ends_with(|it: char| it.is_ascii_digit()) {
            said
        } else {
            bare
        };
        Word {
            said: said.to_owned(),
            folded: fold(said),
            ends: text.ends_with([',', ';', '!', '?'])
                || !said.is_empty() && bare.len() < text.len() && text.ends_with('.'),
        }
    };
    line.split_whitespace()
        .map(word)
        .filter(|it| !it.said.is_empty())
        .collect()
}

fn joined(words: &[Word]) -> String {
    let words: Vec<_> = words.iter().map(|it| it.said.as_str()).collect();
    words.join(" ")
}

/// How many words at the beginning of `words` are those of the pattern.
fn begins(pattern: &str, words: &[Word]) -> Option<usize> {
    let wanted: Vec<_> = pattern.split(' ').collect();
    let here = words.get(..wanted.len())?;
    let fit = wanted
        .iter()
        .zip(here)
        .all(|(pattern, word)| is(pattern, &word.folded));
    fit.then_some(wanted.len())
}

fn without_greeting(table: &Words, mut words: Vec<Word>) -> Vec<Word> {
    if let Some(length) = table.greetings.iter().find_map(|it| begins(it, &words)) {
        words.drain(..length);
    }
    words
}

fn wish(table: &Words, words: &[Word]) -> Option<Wish> {
    let in_order = |pattern: &str| {
        let mut words = words.iter();
        pattern
            .split(' ')
            .all(|part| words.any(|word| is(part, &word.folded)))
    };
    let rule = table.wishes.iter().find(|(pattern, _)| in_order(pattern));
    rule.map(|(_, wish)| *wish)
}

/// Up to so many words after one of the leads, and the words without both.
fn after(table: &Words, leads: &[&str], words: &[Word]) -> Option<(usize, std::ops::Range<usize>)> {
    let found = (0..words.len()).find_map(|at| {
        let length = leads.iter().find_map(|lead| begins(lead, &words[at..]))?;
        Some((at, at + length))
    });
    let (lead, from) = found?;
    let mut until = from;
    while let Some(word) = words.get(until) {
        if among(table.stops, &word.folded) {
            break;
        }
        until += 1;
        if word.ends {
            break;
        }
    }
    (until > from).then_some((lead, from..until))
}

fn name(table: &Words, mut words: Vec<Word>) -> (Option<String>, Vec<Word>) {
    match after(table, table.names, &words) {
        Some((lead, range)) => {
            let name = joined(&words[range.clone()]);
            words.drain(lead..range.end);
            (Some(name), words)
        }
        None => (None, words),
    }
}

fn service(table: &Words, words: &[Word]) -> Option<String> {
    let named = |leads| {
        let (_, range) = after(table, leads, words)?;
        let about_time = |at: &usize| kind(table, words, *at).is_some();
        let until = range.clone().find(about_time).unwrap_or(range.end);
        let said = &words[range.start..until];
        let first = said.first()?;
        (!among(table.no_services, &first.folded)).then(|| joined(said))
    };
    named(table.services).or_else(|| named(table.articles))
}

/// "Kurztermin morgen um neun": short, before a day or a time, and of no words that begin other
/// sentences.
fn opening(table: &Words, words: &[Word]) -> Option<String> {
    let until = (0..words.len()).find(|at| kind(table, words, *at).is_some())?;
    let is_stop = |it: &Word| among(table.stops, &it.folded);
    let from_behind = words[..until].iter().rev();
    let said = &words[..until - from_behind.take_while(|it| is_stop(it)).count()];
    let others = [
        table.openers,
        table.no_services,
        table.stops,
        table.yes,
        table.no,
    ];
    let is_other = |it: &Word| others.iter().any(|list| among(list, &it.folded));
    let is_short = (1..=2).contains(&said.len());
    (is_short && !said.iter().any(is_other)).then(|| joined(said))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Day,
    Time,
    Between,
}

/// What part a word has in a phrase about day and time, if any.
fn kind(table: &Words, words: &[Word], at: usize) -> Option<Kind> {
    let word = &words.get(at)?.folded;
    if *word != table.and && *word != table.target {
        return own_kind(table, words, at);
    }
    // "Quarter to nine", "between nine and ten".
    let is_time =
        |at: Option<usize>| at.and_then(|at| own_kind(table, words, at)) == Some(Kind::Time);
    let inside = is_time(at.checked_sub(1)) && is_time(at.checked_add(1));
    inside.then_some(Kind::Between)
}

/// The same, whatever follows.
fn own_kind(table: &Words, words: &[Word], at: usize) -> Option<Kind> {
    let word = words.get(at)?.folded.as_str();
    let before = at.checked_sub(1);
    if word.starts_with(|it: char| it.is_ascii_digit()) {
        let is_day =
            word.contains(['-', '/']) || word.ends_with('.') || word.matches('.').count() > 1;
        return Some(if is_day { Kind::Day } else { Kind::Time });
    }
    if among(table.days, word) {
        return Some(Kind::Day);
    }
    let after_begin = before.is_some_and(|it| among(table.time_begins, &words[it].folded));
    let after_time = || before.is_some_and(|it| own_kind(table, words, it) == Some(Kind::Time));
    let is_time = among(table.times, word)
        || word == table.one && after_begin
        || among(table.half_days, word) && after_time();
    match is_time {
        true => Some(Kind::Time),
        false => among(table.between, word).then_some(Kind::Between),
    }
}

fn phrases(table: &Words, words: &[Word]) -> Vec<Phrase> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let from = at;
        while kind(table, words, at).is_some() {
            at += 1;
        }
        if let Some(mut phrase) = phrase(table, words, from..at) {
            phrase.is_target = from > 0 && words[from - 1].folded == table.target;
            found.push(phrase);
        }
        at += 1;
    }
    found
}

fn phrase(table: &Words, words: &[Word], range: std::ops::Range<usize>) -> Option<Phrase> {
    let is = |at: usize, wanted| kind(table, words, at) == Some(wanted);
    let last = range.clone().rev().find(|at| !is(*at, Kind::Between))?;
    let range = range.start..last + 1;
    let text = |range: std::ops::Range<usize>| (!range.is_empty()).then(|| joined(&words[range]));
    let last_day = range.clone().rev().find(|at| is(*at, Kind::Day));
    let Some(last_day) = last_day else {
        return Some(Phrase {
            time: text(range),
            ..Phrase::default()
        });
    };
    // Day and time are told apart where the time is all that follows.
    let time = (last_day + 1..range.end).find(|at| among(table.time_begins, &words[*at].folded));
    let split = time.unwrap_or(range.end);
    Some(Phrase {
        day: text(range.start..split),
        time: text(split..range.end),
        is_target: false,
    })
}

#[cfg(test)]
mod tests;
