//! Text to tokens: folded words, numbers, marks.

/// A piece of what was said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Token {
    /// Digits, with how many there were (`08` is not `8`).
    Number { value: u32, digits: usize },
    /// A folded word.
    Word(String),
    /// A mark that means something in dates and times.
    Mark(char),
}

impl Token {
    pub(super) fn word(&self) -> Option<&str> {
        match self {
            Self::Word(word) => Some(word),
            _ => None,
        }
    }

    pub(super) fn is(&self, word: &str) -> bool {
        self.word() == Some(word)
    }

    pub(super) fn is_mark(&self, mark: char) -> bool {
        *self == Self::Mark(mark)
    }
}

/// Longest text that is looked at, in characters: nobody says more about a date.
const MAX_CHARS: usize = 200;
/// Marks that carry meaning; all others separate words.
const MARKS: &str = ":.-/,";

/// Lower case, umlauts and `ß` written out: `Nächsten` and `naechsten` become one.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for character in text.trim().chars().flat_map(char::to_lowercase) {
        match character {
            'ä' => folded.push_str("ae"),
            'ö' => folded.push_str("oe"),
            'ü' => folded.push_str("ue"),
            'ß' => folded.push_str("ss"),
            // A combining diaeresis (decomposed text from some keyboards).
            '\u{308}' => folded.push('e'),
            '–' | '—' | '‑' => folded.push('-'),
            _ => folded.push(character),
        }
    }
    folded
}

/// Whether a text stands for "nothing was said": models write such things into empty arguments.
pub fn is_placeholder(text: &str) -> bool {
    let bare = text.trim().trim_matches(['"', '\'', '`']).trim();
    let unset = bare.starts_with("{{") && bare.ends_with("}}");
    bare.is_empty()
        || unset
        || ["none", "null", "undefined", "nil", "n/a", "nan"]
            .iter()
            .any(|it| bare.eq_ignore_ascii_case(it))
}

pub(super) fn tokens(text: &str) -> Vec<Token> {
    let folded: String = fold(text).chars().take(MAX_CHARS).collect();
    let plain = folded
        .replace("a.m.", "am")
        .replace("p.m.", "pm")
        .replace(['\'', '’'], "");
    let mut found = Vec::new();
    let mut rest = plain.as_str();
    while let Some(first) = rest.chars().next() {
        let same = |keep: fn(char) -> bool| rest.find(|c| !keep(c)).unwrap_or(rest.len());
        let length = if first.is_ascii_digit() {
            let length = same(|c| c.is_ascii_digit());
            found.push(number(&rest[..length]));
            length
        } else if first.is_alphabetic() {
            let length = same(char::is_alphabetic);
            found.push(Token::Word(rest[..length].to_owned()));
            length
        } else {
            if MARKS.contains(first) {
                found.push(Token::Mark(first));
            }
            first.len_utf8()
        };
        rest = &rest[length..];
    }
    without_hyphens(found)
}

fn number(digits: &str) -> Token {
    match digits.parse() {
        Ok(value) if digits.len() <= 8 => Token::Number {
            value,
            digits: digits.len(),
        },
        // No date or time has so many digits: an unknown word.
        _ => Token::Word(digits.to_owned()),
    }
}

/// Drops hyphens beside words (`drei-viertel`, `twenty-first`): only between numbers do they mean
/// something.
fn without_hyphens(tokens: Vec<Token>) -> Vec<Token> {
    let is_word = |at: Option<&Token>| matches!(at, Some(Token::Word(_)));
    tokens
        .iter()
        .enumerate()
        .filter(|(at, token)| {
            let before = at.checked_sub(1).and_then(|at| tokens.get(at));
            !(token.is_mark('-') && (is_word(before) || is_word(tokens.get(at + 1))))
        })
        .map(|(_, token)| token.clone())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_makes_spellings_one() {
        assert_eq!(fold(" Übermorgen "), "uebermorgen");
        assert_eq!(fold("dreißig"), "dreissig");
        assert_eq!(fold("U\u{308}bermorgen"), "uebermorgen");
    }

    #[test]
    fn placeholders_are_nothing() {
        for text in [
            "",
            " ",
            "None",
            "null",
            "undefined",
            "{{date}}",
            " {{ x }} ",
            "\"null\"",
            "N/A",
        ] {
            assert!(is_placeholder(text), "{text:?}");
        }
        for text in ["morgen", "0", "Nona", "{{x}} morgen"] {
            assert!(!is_placeholder(text), "{text:?}");
        }
    }

    #[test]
    fn digits_letters_and_marks_part() {
        let found = tokens("8Uhr30, 13.10. drei-viertel 14-16");
        assert_eq!(found.iter().filter(|it| it.is_mark('-')).count(), 1);
        assert!(found.iter().any(|it| it.is("uhr")));
        assert_eq!(tokens(&"9".repeat(30)).len(), 1);
        assert!(tokens(&"x ".repeat(10_000)).len() <= MAX_CHARS);
    }
}
