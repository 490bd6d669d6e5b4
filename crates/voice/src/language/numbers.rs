//! Numbers as words, and words as numbers. Each table is made by the function that speaks, so
//! that what we say we also understand.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::Lang;
use super::token::{Token, fold};

const DE_SMALL: [&str; 20] = [
    "null",
    "eins",
    "zwei",
    "drei",
    "vier",
    "fünf",
    "sechs",
    "sieben",
    "acht",
    "neun",
    "zehn",
    "elf",
    "zwölf",
    "dreizehn",
    "vierzehn",
    "fünfzehn",
    "sechzehn",
    "siebzehn",
    "achtzehn",
    "neunzehn",
];
const DE_TENS: [&str; 10] = [
    "", "zehn", "zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig",
    "neunzig",
];
const EN_SMALL: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const EN_TENS: [&str; 10] = [
    "", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
];
const EN_ORDINALS: [&str; 20] = [
    "",
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
];

/// A number in words; from 10 000 on, digit by digit.
pub(super) fn cardinal(lang: Lang, n: u32) -> String {
    match lang {
        Lang::De => de(n),
        Lang::En => en(n),
    }
}

/// How a year is said.
pub(super) fn year(lang: Lang, year: u32) -> String {
    match (lang, year / 100, year % 100) {
        (Lang::De, 11..=19, rest) => {
            let rest = if rest == 0 { String::new() } else { de(rest) };
            format!("{}hundert{rest}", de(year / 100))
        }
        (Lang::En, 11..=19 | 21..=99, rest @ 10..) => format!("{} {}", en(year / 100), en(rest)),
        (Lang::En, 20, rest @ 10..) => format!("twenty {}", en(rest)),
        (lang, ..) => cardinal(lang, year),
    }
}

fn de(n: u32) -> String {
    // Before another word "eins" loses its s.
    let stem = |n: u32| if n == 1 { "ein".to_owned() } else { de(n) };
    let rest = |n: u32| if n == 0 { String::new() } else { de(n) };
    match n {
        0..20 => DE_SMALL[n as usize].to_owned(),
        20..100 if n.is_multiple_of(10) => DE_TENS[n as usize / 10].to_owned(),
        20..100 => format!("{}und{}", stem(n % 10), DE_TENS[n as usize / 10]),
        100..1_000 => format!("{}hundert{}", stem(n / 100), rest(n % 100)),
        1_000..10_000 => format!("{}tausend{}", stem(n / 1_000), rest(n % 1_000)),
        _ => digit_by_digit(Lang::De, n),
    }
}

fn en(n: u32) -> String {
    let and = |head: String, n: u32| match n {
        0 => head,
        1..100 => format!("{head} and {}", en(n)),
        _ => format!("{head} {}", en(n)),
    };
    match n {
        0..20 => EN_SMALL[n as usize].to_owned(),
        20..100 if n.is_multiple_of(10) => EN_TENS[n as usize / 10].to_owned(),
        20..100 => format!("{} {}", EN_TENS[n as usize / 10], EN_SMALL[n as usize % 10]),
        100..1_000 => and(format!("{} hundred", en(n / 100)), n % 100),
        1_000..10_000 => and(format!("{} thousand", en(n / 1_000)), n % 1_000),
        _ => digit_by_digit(Lang::En, n),
    }
}

fn digit_by_digit(lang: Lang, n: u32) -> String {
    let words: Vec<_> = n
        .to_string()
        .bytes()
        .map(|digit| cardinal(lang, u32::from(digit - b'0')))
        .collect();
    words.join(" ")
}

/// `dreizehnt`, to which the case adds `e` or `en`; for days of the month.
pub(super) fn ordinal_stem_de(n: u32) -> String {
    match n {
        1 => "erst".into(),
        3 => "dritt".into(),
        7 => "siebt".into(),
        8 => "acht".into(),
        0..20 => format!("{}t", de(n)),
        _ => format!("{}st", de(n)),
    }
}

/// `thirteenth`, `twenty first`; for days of the month.
pub(super) fn ordinal_en(n: u32) -> String {
    match (n / 10, n % 10) {
        (0 | 1, _) => EN_ORDINALS[n as usize].to_owned(),
        (tens, 0) => format!("{}ieth", EN_TENS[tens as usize % 10].trim_end_matches('y')),
        (tens, ones) => format!(
            "{} {}",
            EN_TENS[tens as usize % 10],
            EN_ORDINALS[ones as usize]
        ),
    }
}

static CARDINALS: LazyLock<HashMap<String, (u32, Lang)>> = LazyLock::new(|| {
    let mut words = HashMap::new();
    for n in 0..100 {
        words.insert(fold(&de(n)), (n, Lang::De));
        if n < 20 || n % 10 == 0 {
            words.insert(en(n), (n, Lang::En));
        }
    }
    for year in 2020..2100 {
        words.insert(fold(&de(year)), (year, Lang::De));
    }
    for (word, n) in [
        ("ein", 1),
        ("zwo", 2),
        ("zwoo", 2),
        ("dreissg", 30),
        ("fuffzehn", 15),
    ] {
        words.insert(word.into(), (n, Lang::De));
    }
    words
});

static ORDINALS: LazyLock<HashMap<String, (u32, Lang)>> = LazyLock::new(|| {
    let mut words = HashMap::new();
    for n in 1..=31 {
        for ending in ["e", "en", "er", "em", "es"] {
            words.insert(
                format!("{}{ending}", fold(&ordinal_stem_de(n))),
                (n, Lang::De),
            );
        }
        if n <= 20 || n == 30 {
            words.insert(ordinal_en(n), (n, Lang::En));
        }
    }
    words
});

/// A number that was understood.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Found {
    pub value: u32,
    /// How many tokens it took.
    pub len: usize,
    /// How many digits it was written with; 0: in words.
    pub digits: usize,
    /// The language, where that shows.
    pub lang: Option<Lang>,
}

/// The value of one folded word.
pub(super) fn cardinal_of(word: &str) -> Option<u32> {
    CARDINALS.get(word).map(|it| it.0)
}

/// The number at the beginning of `tokens`: digits, `fünfundvierzig`, `twenty one`.
pub(super) fn number_at(tokens: &[Token]) -> Option<Found> {
    match tokens.first()? {
        Token::Number { value, digits } => Some(Found {
            value: *value,
            len: 1,
            digits: *digits,
            lang: None,
        }),
        Token::Word(word) => {
            let &(value, lang) = CARDINALS.get(word)?;
            Some(compound(tokens, value, lang))
        }
        Token::Mark(_) => None,
    }
}

/// `twenty one`, and `fünf und vierzig` as some recognisers write it.
fn compound(tokens: &[Token], value: u32, lang: Lang) -> Found {
    let word_at = |at: usize| {
        let word = tokens.get(at).and_then(Token::word)?;
        CARDINALS.get(word).filter(|it| it.1 == lang).map(|it| it.0)
    };
    let found = |value, len| Found {
        value,
        len,
        digits: 0,
        lang: Some(lang),
    };
    let ends_a_compound = |n: &u32| (20..100).contains(n) && n.is_multiple_of(10);
    match lang {
        Lang::En if ends_a_compound(&value) => match word_at(1) {
            Some(ones @ 1..=9) => found(value + ones, 2),
            _ => found(value, 1),
        },
        Lang::De if (1..=9).contains(&value) && tokens.get(1).is_some_and(|it| it.is("und")) => {
            match word_at(2).filter(ends_a_compound) {
                Some(tens) => found(value + tens, 3),
                None => found(value, 1),
            }
        }
        _ => found(value, 1),
    }
}

/// The ordinal in words at the beginning of `tokens`: `dreizehnten`, `twenty first`.
pub(super) fn ordinal_at(tokens: &[Token]) -> Option<Found> {
    let word = tokens.first()?.word()?;
    let found = |value, len, lang| {
        Some(Found {
            value,
            len,
            digits: 0,
            lang: Some(lang),
        })
    };
    if let Some(&(value, lang)) = ORDINALS.get(word) {
        return found(value, 1, lang);
    }
    let &(tens, lang) = CARDINALS.get(word)?;
    let next = tokens.get(1).and_then(Token::word);
    let &(ones, _) = next.and_then(|next| ORDINALS.get(next))?;
    if lang == Lang::En && matches!((tens, ones), (20, 1..=9) | (30, 1)) {
        found(tens + ones, 2, lang)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::super::token::tokens;
    use super::*;

    #[test]
    fn every_number_up_to_99_is_understood_as_it_is_said() {
        for lang in [Lang::De, Lang::En] {
            for n in 0..100 {
                let said = cardinal(lang, n);
                let found = number_at(&tokens(&said)).expect("understood");
                assert_eq!((found.value, found.len), (n, tokens(&said).len()), "{said}");
            }
        }
    }

    #[test]
    fn every_day_of_the_month_is_understood_as_it_is_said() {
        for n in 1..=31 {
            for said in [format!("{}en", ordinal_stem_de(n)), ordinal_en(n)] {
                let found = ordinal_at(&tokens(&said)).expect("understood");
                assert_eq!((found.value, found.len), (n, tokens(&said).len()), "{said}");
            }
        }
    }

    #[test]
    fn known_words() {
        for (lang, n, word) in [
            (Lang::De, 1, "eins"),
            (Lang::De, 21, "einundzwanzig"),
            (Lang::De, 100, "einhundert"),
            (Lang::De, 2025, "zweitausendfünfundzwanzig"),
            (Lang::En, 45, "forty five"),
            (Lang::En, 108, "one hundred and eight"),
            (Lang::De, 12_345, "eins zwei drei vier fünf"),
        ] {
            assert_eq!(cardinal(lang, n), word);
        }
        assert_eq!(year(Lang::De, 1999), "neunzehnhundertneunundneunzig");
        assert_eq!(year(Lang::En, 2025), "twenty twenty five");
        assert_eq!(year(Lang::En, 2005), "two thousand and five");
        assert_eq!(ordinal_stem_de(20), "zwanzigst");
        assert_eq!(ordinal_stem_de(3), "dritt");
        assert_eq!(ordinal_en(20), "twentieth");
        assert_eq!(ordinal_en(30), "thirtieth");
    }
}
