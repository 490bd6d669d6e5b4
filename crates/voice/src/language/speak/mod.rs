//! Saying days and times: words only, in the right case.

mod de;
mod en;
pub mod spell;

use booking_domain::time::{Day, LocalTime};

use super::Lang;
use super::numbers::cardinal;

/// How a day stands in its sentence.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Case {
    /// `Montag, der dreizehnte Oktober` — `Monday the thirteenth of October`.
    Subject,
    /// `Montag, den dreizehnten Oktober` — `Monday the thirteenth of October`.
    Object,
    /// `am Montag, dem dreizehnten Oktober` — `on Monday the thirteenth of October`.
    On,
}

/// A day with its date; the year only where it is not the year of `today`.
pub fn day(lang: Lang, day: Day, case: Case, today: Day) -> String {
    let year = (day.ymd().0 != today.ymd().0).then(|| day.ymd().0.unsigned_abs());
    match lang {
        Lang::De => de::day(day, case, year),
        Lang::En => en::day(day, case, year),
    }
}

/// A weekday alone: `Montag`, `am Montag`.
pub fn weekday(lang: Lang, day: Day, case: Case) -> String {
    let name = super::names::weekday(lang, day.weekday());
    match (lang, case) {
        (Lang::De, Case::On) => format!("am {name}"),
        (Lang::En, Case::On) => format!("on {name}"),
        _ => name.to_owned(),
    }
}

/// A time: `acht Uhr dreißig`, `eight thirty in the morning`.
pub fn time(lang: Lang, time: LocalTime) -> String {
    match lang {
        Lang::De => de::time(time),
        Lang::En => en::time(time),
    }
}

/// A time in a sentence: `um acht Uhr dreißig`, `at eight thirty in the morning`.
pub fn at_time(lang: Lang, at: LocalTime) -> String {
    match lang {
        Lang::De => format!("um {}", de::time(at)),
        Lang::En => format!("at {}", en::time(at)),
    }
}

/// A number in words.
pub fn number(lang: Lang, n: u32) -> String {
    cardinal(lang, n)
}

/// `a`, `a oder b`, `a, b oder c`.
pub fn one_of(lang: Lang, items: &[String]) -> String {
    let or = match lang {
        Lang::De => "oder",
        Lang::En => "or",
    };
    joined(or, items)
}

/// `a`, `a und b`, `a, b und c`.
pub fn all_of(lang: Lang, items: &[String]) -> String {
    let and = match lang {
        Lang::De => "und",
        Lang::En => "and",
    };
    joined(and, items)
}

fn joined(word: &str, items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} {word} {last}", most.join(", ")),
    }
}

/// A name from somebody's set-up, fit for a sentence: digits in words, signs dropped.
pub fn name(lang: Lang, name: &str) -> String {
    let mut said = String::with_capacity(name.len());
    let mut digits = String::new();
    let flush = |said: &mut String, digits: &mut String| {
        if !digits.is_empty() {
            let number = digits.parse().unwrap_or(u32::MAX);
            said.push_str(&format!(" {} ", cardinal(lang, number)));
            digits.clear();
        }
    };
    for character in name.chars() {
        if character.is_ascii_digit() && digits.len() < 9 {
            digits.push(character);
            continue;
        }
        flush(&mut said, &mut digits);
        match (character, lang) {
            ('&' | '+' | '/', Lang::De) => said.push_str(" und "),
            ('&' | '+' | '/', Lang::En) => said.push_str(" and "),
            // "Clara's" is one word.
            ('\'' | '’', _) => {}
            (letter, _) if letter.is_alphabetic() => said.push(letter),
            _ => said.push(' '),
        }
    }
    flush(&mut said, &mut digits);
    said.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Day {
        text.parse().expect("valid day")
    }

    #[test]
    fn days_stand_in_the_right_case() {
        let (monday, today) = (date("2025-10-13"), date("2025-10-10"));
        for (lang, case, said) in [
            (Lang::De, Case::Subject, "Montag, der dreizehnte Oktober"),
            (Lang::De, Case::Object, "Montag, den dreizehnten Oktober"),
            (Lang::De, Case::On, "am Montag, dem dreizehnten Oktober"),
            (Lang::En, Case::Subject, "Monday the thirteenth of October"),
            (Lang::En, Case::On, "on Monday the thirteenth of October"),
        ] {
            assert_eq!(day(lang, monday, case, today), said);
        }
        let later = date("2026-01-01");
        assert_eq!(
            day(Lang::De, later, Case::On, today),
            "am Donnerstag, dem ersten Januar zweitausendsechsundzwanzig"
        );
        assert_eq!(
            day(Lang::En, later, Case::Subject, today),
            "Thursday the first of January twenty twenty six"
        );
    }

    #[test]
    fn times_are_said_in_words() {
        let at = |hour, minute| LocalTime::new(hour, minute).expect("valid");
        for (hour, minute, german, english) in [
            (8, 30, "acht Uhr dreißig", "eight thirty in the morning"),
            (9, 0, "neun Uhr", "nine in the morning"),
            (12, 0, "zwölf Uhr", "twelve noon"),
            (12, 5, "zwölf Uhr fünf", "twelve oh five in the afternoon"),
            (
                13,
                15,
                "dreizehn Uhr fünfzehn",
                "one fifteen in the afternoon",
            ),
            (
                17,
                45,
                "siebzehn Uhr fünfundvierzig",
                "five forty five in the evening",
            ),
            (21, 1, "einundzwanzig Uhr eins", "nine oh one at night"),
            (1, 0, "ein Uhr nachts", "one at night"),
            (0, 0, "null Uhr", "midnight"),
        ] {
            assert_eq!(time(Lang::De, at(hour, minute)), german);
            assert_eq!(time(Lang::En, at(hour, minute)), english);
        }
    }

    #[test]
    fn names_lose_what_cannot_be_said() {
        assert_eq!(
            name(Lang::De, "Check-up 24 (neu)*"),
            "Check up vierundzwanzig neu"
        );
        assert_eq!(name(Lang::En, "50/50: x\ny"), "fifty and fifty x y");
        assert_eq!(name(Lang::De, "Müller & Söhne"), "Müller und Söhne");
        assert_eq!(name(Lang::De, "Clara's Studio"), "Claras Studio");
        assert_eq!(
            name(Lang::De, "Schnitt (Damen/Herren)"),
            "Schnitt Damen und Herren"
        );
        assert_eq!(
            name(Lang::De, "1234567890123"),
            name(Lang::De, "1234567890123").as_str()
        );
        assert_eq!(
            one_of(Lang::De, &["a".into(), "b".into(), "c".into()]),
            "a, b oder c"
        );
    }
}
