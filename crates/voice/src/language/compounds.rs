//! Words that recognisers, and Germans, write as one: `achtuhrdreißig`, `halbneun`, `Montagvormittag`.

use super::clock::is_part_word;
use super::names::{is_month, is_weekday};
use super::numbers::cardinal_of;

/// Days that a part of the day is written together with, besides the weekdays.
const DAYS: [&str; 4] = ["heute", "morgen", "uebermorgen", "gestern"];
/// What stands before an hour.
const BEFORE_HOURS: [(&str, &[&str]); 7] = [
    ("dreiviertel", &["dreiviertel"]),
    ("viertelnach", &["viertel", "nach"]),
    ("viertelvor", &["viertel", "vor"]),
    ("viertel", &["viertel"]),
    ("halb", &["halb"]),
    ("halfpast", &["half", "past"]),
    ("quarterpast", &["quarter", "past"]),
];

/// The words in a folded word.
pub(super) fn apart(word: &str) -> Vec<String> {
    let found = with_uhr(word)
        .or_else(|| before_an_hour(word))
        .or_else(|| day_and_part(word))
        .or_else(|| part_of_month(word));
    found.unwrap_or_else(|| vec![word.to_owned()])
}

fn owned(words: &[&str]) -> Vec<String> {
    let words = words.iter().filter(|word| !word.is_empty());
    words.map(|word| (*word).to_owned()).collect()
}

fn number_below(text: &str, limit: u32) -> bool {
    cardinal_of(text).is_some_and(|value| value < limit)
}

/// `achtuhr`, `achtuhrdreissig`, `uhrdreissig`.
fn with_uhr(word: &str) -> Option<Vec<String>> {
    let (hour, minute) = word.split_once("uhr")?;
    let fits = (hour.is_empty() || number_below(hour, 25))
        && (minute.is_empty() || number_below(minute, 60));
    (fits && word != "uhr").then(|| owned(&[hour, "uhr", minute]))
}

/// `halbneun`, `viertelnachacht`; `halfpast` before a word of its own.
fn before_an_hour(word: &str) -> Option<Vec<String>> {
    BEFORE_HOURS.iter().find_map(|(joined, words)| {
        let hour = word.strip_prefix(joined)?;
        let alone = hour.is_empty() && words.len() > 1;
        let mut found = owned(words);
        found.extend(owned(&[hour]));
        (alone || number_below(hour, 13)).then_some(found)
    })
}

/// `montagvormittag`, `heuteabend`.
fn day_and_part(word: &str) -> Option<Vec<String>> {
    // No shorter word is two of these.
    if word.len() < 8 {
        return None;
    }
    let places = word.char_indices().map(|(at, _)| at).skip(1);
    places
        .map(|at| word.split_at(at))
        .find(|(day, part)| (is_weekday(day) || DAYS.contains(day)) && is_part_word(part))
        .map(|(day, part)| owned(&[day, part]))
}

/// `januarwoche`, `novemberhaelfte`.
fn part_of_month(word: &str) -> Option<Vec<String>> {
    ["woche", "haelfte"].iter().find_map(|part| {
        let month = word.strip_suffix(part)?;
        is_month(month).then(|| owned(&[part, "im", month]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Red when a word that is one is taken apart.
    #[test]
    fn only_compounds_come_apart() {
        for (word, words) in [
            ("achtuhrdreissig", "acht uhr dreissig"),
            ("zehnuhr", "zehn uhr"),
            ("halbneun", "halb neun"),
            ("viertelvorzwoelf", "viertel vor zwoelf"),
            ("dreiviertelneun", "dreiviertel neun"),
            ("halfpast", "half past"),
            ("mittwochabend", "mittwoch abend"),
            ("morgenfrueh", "morgen frueh"),
            ("januarwoche", "woche im januar"),
        ] {
            assert_eq!(apart(word).join(" "), words);
        }
        for word in [
            "uhr",
            "halb",
            "viertel",
            "dreiviertel",
            "morgens",
            "montags",
            "uhrzeit",
            "viertelstunde",
            "halbjahr",
            "sonntag",
            "kalenderwoche",
        ] {
            assert_eq!(apart(word), [word]);
        }
    }
}
