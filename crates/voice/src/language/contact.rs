//! Telephone numbers and e-mail addresses, as people say them and as models write them.

use booking_domain::contact::{Email, Phone};
use phonenumber::Mode;
use phonenumber::country::Id;

use super::fold;
use super::numbers::number_at;
use super::token::Token;

/// Longest text that is looked at, in characters.
const MAX_CHARS: usize = 200;

/// Words beside a number that are no part of it.
const BESIDE: [&str; 34] = [
    "meine",
    "die",
    "nummer",
    "telefonnummer",
    "handynummer",
    "lautet",
    "ist",
    "vorwahl",
    "und",
    "dann",
    "also",
    "bindestrich",
    "schraegstrich",
    "strich",
    "minus",
    "klammer",
    "auf",
    "zu",
    "my",
    "the",
    "number",
    "phone",
    "mobile",
    "is",
    "its",
    "it",
    "area",
    "code",
    "and",
    "then",
    "dash",
    "slash",
    "bitte",
    "please",
];
/// The next digit comes so many times.
const TIMES: [(&str, usize); 9] = [
    ("double", 2),
    ("doppel", 2),
    ("doppelt", 2),
    ("doppelte", 2),
    ("zweimal", 2),
    ("twice", 2),
    ("triple", 3),
    ("dreifach", 3),
    ("dreimal", 3),
];

/// The number that was said, in international form; `region` completes national ones. `None`: it
/// was not understood, or no such number can be rung.
pub fn hear_phone(text: &str, region: Option<Id>) -> Option<Phone> {
    let text: String = text.chars().take(MAX_CHARS).collect();
    let written = digits(&text.replace("(0)", " "))?;
    let number = phonenumber::parse(region, written).ok()?;
    if !number.is_valid() {
        return None;
    }
    Phone::parse(&number.format().mode(Mode::E164).to_string()).ok()
}

/// Spoken digits as figures; `None` where a word is neither a number nor idle.
fn digits(text: &str) -> Option<String> {
    let words = phone_words(text);
    let mut figures = String::new();
    let (mut at, mut times) = (0, 1);
    while at < words.len() {
        let word = words[at].word().unwrap_or_default();
        if word == "plus" && figures.is_empty() {
            figures.push('+');
            at += 1;
        } else if let Some((_, more)) = TIMES.iter().find(|(name, _)| *name == word) {
            (times, at) = (*more, at + 1);
        } else if let Some((number, len)) = figures_at(&words[at..]) {
            figures.push_str(&number.repeat(times));
            (times, at) = (1, at + len);
        } else if BESIDE.contains(&word) {
            at += 1;
        } else {
            return None;
        }
    }
    (times == 1 && figures.len() > 1).then_some(figures)
}

/// Words and groups of figures; a group stays as it is, its noughts included.
fn phone_words(text: &str) -> Vec<Token> {
    let spaced = fold(text).replace('+', " plus ");
    let words = spaced.split(|it: char| !it.is_alphanumeric());
    words
        .filter(|word| !word.is_empty())
        .map(|word| Token::Word(word.to_owned()))
        .collect()
}

fn figures_at(words: &[Token]) -> Option<(String, usize)> {
    let word = words.first()?.word()?;
    if word.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some((word.to_owned(), 1));
    }
    if ["o", "oh"].contains(&word) {
        return Some(("0".into(), 1));
    }
    let found = number_at(words).filter(|found| found.value < 100)?;
    Some((found.value.to_string(), found.len))
}

/// Words for the signs of an address.
const SIGNS: [(&[&str], &str); 6] = [
    (&["at", "aet", "klammeraffe", "affenschwanz"], "@"),
    (&["punkt", "dot", "point"], "."),
    (&["unterstrich", "underscore"], "_"),
    (&["minus", "bindestrich", "strich", "dash", "hyphen"], "-"),
    (&["plus"], "+"),
    (&["null"], "0"),
];

/// The address that was said: as it is written, or `joerg punkt muessig at mail punkt de`.
pub fn hear_email(text: &str) -> Option<Email> {
    let text: String = text.chars().take(MAX_CHARS).collect();
    if let Ok(email) = Email::parse(&text) {
        return Some(email);
    }
    let folded = fold(&text);
    let said = folded.split_whitespace().map(|word| {
        let sign = SIGNS.iter().find(|(names, _)| names.contains(&word));
        sign.map_or(word, |(_, sign)| *sign)
    });
    Email::parse(&said.collect::<String>()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(text: &str, region: Id) -> Option<String> {
        hear_phone(text, Some(region)).map(String::from)
    }

    /// Red when `zwo` or a doubled digit is lost, when a nought at the front of a group is, or
    /// when a word that is no number is passed over.
    #[test]
    fn numbers_are_heard_however_they_are_said() {
        for (said, region, number) in [
            ("0171 3920042", Id::DE, "+491713920042"),
            ("0171/3920042", Id::DE, "+491713920042"),
            ("+49 (0)171 392 00 42", Id::DE, "+491713920042"),
            ("0049 171 3920042", Id::DE, "+491713920042"),
            ("030 901820", Id::DE, "+4930901820"),
            (
                "null eins sieben eins drei neun zwo null null vier zwo",
                Id::DE,
                "+491713920042",
            ),
            (
                "null eins einundsiebzig neununddreißig zwanzig null zweiundvierzig",
                Id::DE,
                "+491713920042",
            ),
            (
                "Meine Nummer ist null eins sieben eins, dann 39 20 doppel null neun",
                Id::DE,
                "+491713920009",
            ),
            (
                "plus vier neun eins sieben eins drei neun zwei null null vier zwei",
                Id::AT,
                "+491713920042",
            ),
            (
                "null null vier drei eins fünf eins drei vier fünf sechs sieben",
                Id::DE,
                "+4315134567",
            ),
            ("0664 1234567", Id::AT, "+436641234567"),
            ("044 668 18 00", Id::CH, "+41446681800"),
            (
                "oh two oh seven nine four six oh nine five eight",
                Id::GB,
                "+442079460958",
            ),
            (
                "zero seven nine double one one two three four five six",
                Id::GB,
                "+447911123456",
            ),
            ("020 7946 0958", Id::GB, "+442079460958"),
            ("212 555 0123", Id::US, "+12125550123"),
            (
                "two one two triple five zero one two three",
                Id::US,
                "+12125550123",
            ),
        ] {
            assert_eq!(heard(said, region).as_deref(), Some(number), "{said}");
        }
    }

    /// Red when half a number, or one with a word in it, is believed.
    #[test]
    fn what_is_no_number_is_asked_for_again() {
        for said in [
            "",
            "null",
            "12345",
            "null eins sieben",
            "null eins sieben eins drei neun zwei keks null vier zwei",
            "doppel",
            "999999999999999999999",
            "meine Nummer",
            "plus plus",
            "anonymous",
        ] {
            assert_eq!(heard(said, Id::DE), None, "{said}");
        }
        assert_eq!(
            hear_phone("0171 3920042", None),
            None,
            "no region is guessed"
        );
    }

    /// Red when a sign that was said stays a word.
    #[test]
    fn addresses_are_heard_as_written_and_as_said() {
        for (said, address) in [
            ("Joerg@Mail.example", "joerg@mail.example"),
            (
                "joerg punkt muessig at mail punkt example",
                "joerg.muessig@mail.example",
            ),
            ("Jörg Klammeraffe mail Punkt example", "joerg@mail.example"),
            (
                "anna underscore berg at my dash mail dot example",
                "anna_berg@my-mail.example",
            ),
            ("a n n a at mail dot example", "anna@mail.example"),
        ] {
            assert_eq!(
                hear_email(said).map(String::from).as_deref(),
                Some(address),
                "{said}"
            );
        }
        for said in [
            "",
            "anna",
            "anna at",
            "at mail dot example",
            "anna at mail at dot example",
        ] {
            assert_eq!(hear_email(said), None, "{said}");
        }
    }
}
