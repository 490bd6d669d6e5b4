//! Whether a speech engine can read a sentence aloud, and whether it is well said.

use super::names::is_weekday;
use super::token::fold;

/// Longest answer, in words: more is not remembered on the telephone.
pub const MAX_WORDS: usize = 35;

/// What is wrong with a sentence.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Problem {
    /// Nothing to say.
    #[error("there is nothing to say")]
    Empty,
    /// More than [`MAX_WORDS`].
    #[error("{0} words, and 35 are the most")]
    TooManyWords(usize),
    /// A digit: engines read them as they like.
    #[error("the digit {0:?}: write numbers as words")]
    Digit(char),
    /// Anything that is not a letter, a blank, `,`, `.`, `?` or `!`.
    #[error("the sign {0:?}: only letters, blanks and , . ? ! can be said")]
    Sign(char),
    /// The wrong German case: `am Montag, der …`, `dem dreizehnte`.
    #[error("the wrong case in {0:?}")]
    Case(String),
    /// `du` instead of `Sie`.
    #[error("{0:?}: callers are addressed as Sie")]
    Familiar(String),
    /// Does not begin with a capital, or does not end with a full stop or a question mark.
    #[error("no sentence: it begins with a capital letter and ends with . ? or !")]
    NoSentence,
}

/// How many words a sentence has.
pub fn word_count(text: &str) -> usize {
    text.split_whitespace().count()
}

const FAMILIAR: [&str; 10] = [
    "du", "dir", "dich", "dein", "deine", "deinen", "deinem", "deiner", "euch", "euer",
];

/// Everything that is wrong with what is to be said; empty: it can be said.
pub fn lint_say(text: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    if text.trim().is_empty() {
        return vec![Problem::Empty];
    }
    if word_count(text) > MAX_WORDS {
        problems.push(Problem::TooManyWords(word_count(text)));
    }
    for character in text.chars() {
        if character.is_numeric() {
            problems.push(Problem::Digit(character));
        } else if !(character.is_alphabetic() || " ,.?!".contains(character)) {
            problems.push(Problem::Sign(character));
        }
    }
    if !text.starts_with(char::is_uppercase) || !text.ends_with(['.', '?', '!']) {
        problems.push(Problem::NoSentence);
    }
    let words: Vec<_> = text.split_whitespace().collect();
    problems.extend(words.iter().filter_map(|word| {
        let bare = fold(word.trim_matches([',', '.', '?', '!']));
        FAMILIAR
            .contains(&bare.as_str())
            .then_some(Problem::Familiar(bare))
    }));
    problems.extend(words.windows(3).filter_map(wrong_case));
    problems
}

/// `am Montag, der` and `am Montag, den` for `dem`; `dem …te` and `der …ten Oktober` alike.
fn wrong_case(words: &[&str]) -> Option<Problem> {
    let [first, second, third] = words else {
        return None;
    };
    let ordinal = |word: &str, ending: &str| {
        let folded = fold(word);
        super::numbers::ordinal_at(&[super::token::Token::Word(folded.clone())]).is_some()
            && folded.ends_with(ending)
    };
    let weekday = is_weekday(&fold(second.trim_end_matches(',')));
    let dative = weekday && second.ends_with(',') && *first == "am" && *third != "dem";
    let weak = matches!(*second, "dem" | "den") && ordinal(third, "te");
    let strong = *second == "der" && ordinal(third, "ten");
    (dative && matches!(*third, "der" | "den") || weak || strong)
        .then(|| Problem::Case(words.join(" ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_good_sentence_passes() {
        for good in [
            "Frei ist am Montag, dem dreizehnten Oktober, um acht Uhr dreißig. Passt Ihnen das?",
            "Der nächste freie Termin ist Montag, der dreizehnte Oktober, um acht Uhr.",
            "Monday the thirteenth of October at eight in the morning is free.",
        ] {
            assert_eq!(lint_say(good), [], "{good}");
        }
    }

    #[test]
    fn each_problem_is_named() {
        let long = format!("Eins{}.", " zwei".repeat(MAX_WORDS));
        for (bad, problem) in [
            ("", Problem::Empty),
            (long.as_str(), Problem::TooManyWords(MAX_WORDS + 1)),
            ("Um 8 Uhr.", Problem::Digit('8')),
            ("Um acht: ja.", Problem::Sign(':')),
            ("Acht/neun.", Problem::Sign('/')),
            ("Acht *Uhr*.", Problem::Sign('*')),
            ("Acht.\nNeun.", Problem::Sign('\n')),
            ("Passt dir das?", Problem::Familiar("dir".into())),
            (
                "Am besten am Montag, der dreizehnte Mai.",
                Problem::Case("am Montag, der".into()),
            ),
            (
                "Frei am Montag, dem dreizehnte Mai.",
                Problem::Case("Montag, dem dreizehnte".into()),
            ),
            ("acht Uhr", Problem::NoSentence),
        ] {
            assert!(
                lint_say(bad).contains(&problem),
                "{bad:?}: {:?}",
                lint_say(bad)
            );
        }
    }
}
