//! "The second one": which of the options that were offered last is meant, where the agent passes
//! on what was said instead of a handle.

use super::Choice;
use crate::language::fold;

/// What people and models call the options; `0` is the last of them.
const NUMBERS: [(&str, usize); 30] = [
    ("1", 1),
    ("eins", 1),
    ("erste", 1),
    ("ersten", 1),
    ("erster", 1),
    ("erstes", 1),
    ("one", 1),
    ("first", 1),
    ("2", 2),
    ("zwei", 2),
    ("zwo", 2),
    ("zweite", 2),
    ("zweiten", 2),
    ("zweiter", 2),
    ("zweites", 2),
    ("two", 2),
    ("second", 2),
    ("3", 3),
    ("drei", 3),
    ("dritte", 3),
    ("dritten", 3),
    ("dritter", 3),
    ("drittes", 3),
    ("three", 3),
    ("third", 3),
    ("letzte", 0),
    ("letzten", 0),
    ("letzter", 0),
    ("letztes", 0),
    ("last", 0),
];

/// Words beside them that change nothing.
const BESIDE: [&str; 17] = [
    "option",
    "nummer",
    "nr",
    "number",
    "auswahl",
    "choice",
    "moeglichkeit",
    "termin",
    "slot",
    "der",
    "die",
    "das",
    "den",
    "the",
    "bitte",
    "please",
    "say",
];

/// The option that is meant; `None` where the text is not about one of those.
pub(super) fn meant<'a>(said: &str, offers: &'a [Choice]) -> Option<&'a Choice> {
    let folded = fold(said);
    let as_offered = |it: &&Choice| it.start == said || fold(&it.say) == folded;
    offers
        .iter()
        .find(as_offered)
        .or_else(|| match number(&folded)? {
            0 => offers.last(),
            number => offers.get(number - 1),
        })
}

/// `option_2`, `die zweite`, `the second one`.
fn number(folded: &str) -> Option<usize> {
    let head = folded.split_once('_').map(|it| it.0);
    // A handle, or what is left of one.
    if head.is_some_and(|it| it.strip_prefix('o').is_some_and(is_digit)) {
        return None;
    }
    let words = folded.split(|it: char| !it.is_alphanumeric());
    let words = words.map(|it| it.strip_prefix('o').filter(|it| is_digit(it)).unwrap_or(it));
    let mut found = None;
    for word in words.filter(|it| !it.is_empty()) {
        let number = NUMBERS.iter().find(|it| it.0 == word).map(|it| it.1);
        match (number, found) {
            (Some(_), Some(_)) if word == "one" => {}
            (Some(number), None) => found = Some(number),
            (None, _) if BESIDE.contains(&word) => {}
            _ => return None,
        }
    }
    found
}

fn is_digit(text: &str) -> bool {
    text.len() == 1 && text.bytes().all(|it| it.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offers() -> Vec<Choice> {
        let option = |number: u8, say: &str| Choice {
            handle: format!("o{number}_{say}"),
            say: say.into(),
            start: format!("2025-10-13T{number:02}:00:00+02:00"),
        };
        let said = ["Montag, acht Uhr", "Montag, neun Uhr", "Dienstag, zwei Uhr"];
        (1..)
            .zip(said)
            .map(|(number, say)| option(number, say))
            .collect()
    }

    /// Red when a word for an option is unknown, or a word that is none of them is one.
    #[test]
    fn options_have_many_names() {
        for (words, at) in [
            (
                "1|eins|o1|option_1|Option 1|die erste|der erste Termin|the first one|one|number one",
                0,
            ),
            (
                "2|zwei|zwo|option_2|option_2_say|die zweite|den zweiten, bitte|the second|Nr. 2",
                1,
            ),
            (
                "3|drei|OPTION 3|das dritte|third option|die letzte|the last one|letzter",
                2,
            ),
            ("montag, neun uhr|2025-10-13T02:00:00+02:00", 1),
        ] {
            for word in words.split('|') {
                let offers = offers();
                assert_eq!(meant(word, &offers), Some(&offers[at]), "{word}");
            }
        }
        for word in [
            "4",
            "0",
            "o4",
            "option",
            "um zwei Uhr",
            "zwei Uhr",
            "eins oder zwei",
            "die erste oder die zweite",
            "keine",
            "no, two",
            "nicht die zweite",
            "Montag",
            "o2_00",
            "o2_",
            "one two",
            "second one first",
            "",
        ] {
            assert_eq!(meant(word, &offers()), None, "{word}");
        }
        assert_eq!(meant("2", &offers()[..1]), None);
        assert_eq!(meant("letzte", &[]), None);
    }
}
