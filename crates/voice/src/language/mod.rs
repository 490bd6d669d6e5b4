//! Spoken German and English: understanding dates and times, and saying them.
//!
//! Pure and table-driven: nothing here reads a clock or knows a company. Understanding takes a
//! zone and `now` and answers with enums that name every way of not being sure; speaking writes
//! every number as a word, in the right case.
//!
//! | question | where |
//! |---|---|
//! | what day, what time did they mean? | [`hear`], [`Heard`] |
//! | which number, which address? | [`hear_phone`], [`hear_email`] |
//! | which stretch of a day is that? | [`DayWindow::on`] |
//! | how is a day or a time said? | [`speak`] |
//! | may a speech engine read this sentence? | [`lint_say`] |

mod ahead;
mod clock;
mod compounds;
mod contact;
mod date;
mod hear;
mod lint;
mod names;
mod numbers;
mod rewording;
pub mod speak;
mod token;

#[cfg(test)]
mod phrases;
#[cfg(test)]
mod round_trip;

pub use clock::{DayWindow, PartOfDay, TimeReading};
pub use contact::{hear_email, hear_phone};
pub use date::{DateProblem, DateReading};
pub use hear::{Field, Heard, hear};
pub use lint::{MAX_WORDS, Problem, lint_say, word_count};

pub use token::{fold, is_placeholder};

/// A language we speak.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Lang {
    /// German.
    De,
    /// English.
    En,
}

impl Lang {
    /// The code used in answers.
    pub const fn code(self) -> &'static str {
        match self {
            Self::De => "de",
            Self::En => "en",
        }
    }

    /// From a code or a name (`de`, `de-DE`, `German`, `englisch`); `None` for other languages.
    pub fn parse(text: &str) -> Option<Self> {
        let text = fold(text);
        let starts = |prefixes: &[&str]| prefixes.iter().any(|it| text.starts_with(it));
        if text == "de" || starts(&["de-", "de_", "deutsch", "german"]) {
            Some(Self::De)
        } else if text == "en" || starts(&["en-", "en_", "engl"]) {
            Some(Self::En)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_have_many_names() {
        for text in ["de", "DE", "de-AT", "Deutsch", "german"] {
            assert_eq!(Lang::parse(text), Some(Lang::De), "{text}");
        }
        for text in ["en", "en-GB", "en_US", "English", "englisch"] {
            assert_eq!(Lang::parse(text), Some(Lang::En), "{text}");
        }
        for text in ["", "fr", "denmark", "entlang"] {
            assert_eq!(Lang::parse(text), None, "{text}");
        }
    }
}
