//! Text to tokens: folded words, numbers, marks.

use super::compounds::apart;

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

/// Whether `tokens` begin with these words.
pub(super) fn begins(tokens: &[Token], words: &[&str]) -> bool {
    tokens.len() >= words.len() && words.iter().zip(tokens).all(|(word, it)| it.is(word))
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
            let ending = ORDINAL_ENDINGS.iter().find(|ending| {
                let behind = rest[length..].strip_prefix(**ending);
                behind.is_some_and(|behind| !behind.starts_with(char::is_alphanumeric))
            });
            if let Some(ending) = ending {
                found.push(Token::Mark('.'));
                length + ending.len()
            } else {
                length
            }
        } else if first.is_alphabetic() {
            let length = same(char::is_alphabetic);
            found.extend(apart(&rest[..length]).into_iter().map(Token::Word));
            length
        } else {
            if MARKS.contains(first) {
                found.push(Token::Mark(first));
            }
            first.len_utf8()
        };
        rest = &rest[length..];
    }
    without_hyphens(meridiems(found))
}

/// `13ten` is `13.`
const ORDINAL_ENDINGS: [&str; 7] = ["ten", "te", "ter", "tes", "sten", "ste", "ster"];

/// `p m` is `pm`.
fn meridiems(tokens: Vec<Token>) -> Vec<Token> {
    let mut found: Vec<Token> = Vec::with_capacity(tokens.len());
    for token in tokens {
        let half = found.last().and_then(Token::word);
        match (half, token.is("m")) {
            (Some(half @ ("a" | "p")), true) => {
                let joined = Token::Word(format!("{half}m"));
                found.pop();
                found.push(joined);
            }
            _ => found.push(token),
        }
    }
    found
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
    // "9am-11am" is a stretch.
    let is_word = |at: Option<&Token>| match at {
        Some(Token::Word(word)) => !["am", "pm", "uhr", "h"].contains(&word.as_str()),
        _ => false,
    };
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
