//! Reading back: numbers digit by digit, addresses sign by sign, names letter by letter.

use booking_domain::person::unaccented;

use super::super::Lang;
use super::super::numbers::cardinal;

/// Digits that are said in one breath.
const GROUP: usize = 3;

/// The words for letters that people know from the telephone.
const GERMAN: [(char, &str); 30] = [
    ('a', "Anton"),
    ('b', "Berta"),
    ('c', "Cäsar"),
    ('d', "Dora"),
    ('e', "Emil"),
    ('f', "Friedrich"),
    ('g', "Gustav"),
    ('h', "Heinrich"),
    ('i', "Ida"),
    ('j', "Julius"),
    ('k', "Kaufmann"),
    ('l', "Ludwig"),
    ('m', "Martha"),
    ('n', "Nordpol"),
    ('o', "Otto"),
    ('p', "Paula"),
    ('q', "Quelle"),
    ('r', "Richard"),
    ('s', "Siegfried"),
    ('t', "Theodor"),
    ('u', "Ulrich"),
    ('v', "Viktor"),
    ('w', "Wilhelm"),
    ('x', "Xanthippe"),
    ('y', "Ypsilon"),
    ('z', "Zeppelin"),
    ('ä', "Ärger"),
    ('ö', "Ökonom"),
    ('ü', "Übermut"),
    ('ß', "Eszett"),
];
const ENGLISH: [(char, &str); 26] = [
    ('a', "Alfa"),
    ('b', "Bravo"),
    ('c', "Charlie"),
    ('d', "Delta"),
    ('e', "Echo"),
    ('f', "Foxtrot"),
    ('g', "Golf"),
    ('h', "Hotel"),
    ('i', "India"),
    ('j', "Juliett"),
    ('k', "Kilo"),
    ('l', "Lima"),
    ('m', "Mike"),
    ('n', "November"),
    ('o', "Oscar"),
    ('p', "Papa"),
    ('q', "Quebec"),
    ('r', "Romeo"),
    ('s', "Sierra"),
    ('t', "Tango"),
    ('u', "Uniform"),
    ('v', "Victor"),
    ('w', "Whiskey"),
    ('x', "Xray"),
    ('y', "Yankee"),
    ('z', "Zulu"),
];

fn digit(lang: Lang, digit: char) -> String {
    cardinal(lang, digit.to_digit(10).unwrap_or_default())
}

/// `plus vier neun, eins sieben eins, drei neun zwei, …`: the country's code, then groups of three.
pub fn phone(lang: Lang, number: &str) -> String {
    let digits: Vec<_> = number.chars().filter(char::is_ascii_digit).collect();
    let country = phonenumber::parse(None, number).ok();
    let country = country.map_or(2, |it| it.code().value().to_string().len());
    let (country, rest) = digits.split_at(digits.len().min(country));
    let said = |group: &[char]| {
        let words: Vec<_> = group.iter().map(|it| digit(lang, *it)).collect();
        words.join(" ")
    };
    let mut groups = vec![said(country)];
    let mut rest = rest;
    while !rest.is_empty() {
        // No digit stands alone at the end.
        let take = if rest.len() == GROUP + 1 { 2 } else { GROUP };
        let (group, more) = rest.split_at(take.min(rest.len()));
        groups.push(said(group));
        rest = more;
    }
    format!("plus {}", groups.join(", "))
}

/// `joerg Punkt muessig at mail Punkt de`.
pub fn email(lang: Lang, address: &str) -> String {
    let mut said = String::new();
    for character in address.chars() {
        let word = match (character, lang) {
            ('@', Lang::De) => "ät".to_owned(),
            ('@', Lang::En) => "at".to_owned(),
            ('.', Lang::De) => "Punkt".to_owned(),
            ('.', Lang::En) => "dot".to_owned(),
            ('-', Lang::De) => "Bindestrich".to_owned(),
            ('-', Lang::En) => "dash".to_owned(),
            ('_', Lang::De) => "Unterstrich".to_owned(),
            ('_', Lang::En) => "underscore".to_owned(),
            ('+', _) => "plus".to_owned(),
            (it, _) if it.is_ascii_digit() => digit(lang, it),
            (it, _) if it.is_alphabetic() => {
                said.push(it);
                continue;
            }
            (_, Lang::De) => "Sonderzeichen".to_owned(),
            (_, Lang::En) => "special character".to_owned(),
        };
        said.push_str(&format!(" {word} "));
    }
    said.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `M wie Martha, Ü wie Übermut`; between the words of a name a longer pause.
pub fn name(lang: Lang, name: &str) -> String {
    let words = name.split(|it: char| !it.is_alphabetic());
    let spelled = words.filter(|word| !word.is_empty()).map(|word| {
        let letters: Vec<_> = word.chars().map(|it| letter(lang, it)).collect();
        letters.join(", ")
    });
    spelled.collect::<Vec<_>>().join(". ")
}

fn letter(lang: Lang, letter: char) -> String {
    let small = letter.to_lowercase().next().unwrap_or(letter);
    let (table, like): (&[(char, &str)], _) = match lang {
        Lang::De => (&GERMAN, "wie"),
        Lang::En => (&ENGLISH, "for"),
    };
    let word = table.iter().find(|(known, _)| *known == small);
    match (word, letter) {
        (Some((_, word)), 'ß') => (*word).to_owned(),
        (Some((_, word)), _) => format!("{} {like} {word}", letter.to_uppercase()),
        (None, _) => match unaccented(small) {
            Some(plain) => self::letter(lang, plain),
            None => letter.to_string(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::lint_say;
    use super::*;

    /// Red when digits are said as one number, or a digit is left out.
    #[test]
    fn numbers_are_read_back_in_groups() {
        for (lang, number, said) in [
            (
                Lang::De,
                "+491713920042",
                "plus vier neun, eins sieben eins, drei neun zwei, null null, vier zwei",
            ),
            (
                Lang::En,
                "+4930901820",
                "plus four nine, three zero nine, zero one, eight two zero",
            ),
        ] {
            let told = phone(lang, number);
            let words = |text: &str| text.replace(',', "");
            assert_eq!(words(&told), words(said));
            let digits = told.split_whitespace().count() - 1;
            assert_eq!(digits, number.len() - 1, "{told}");
            assert!(
                told.split(", ").all(|group| group.split(' ').count() > 1),
                "{told}"
            );
        }
    }

    /// Red when every country's code has two digits.
    #[test]
    fn the_countrys_code_stands_alone() {
        for (number, begins) in [
            ("+13105550100", "plus eins, drei eins null, "),
            ("+491713920042", "plus vier neun, eins sieben eins, "),
            ("+3545812345", "plus drei fünf vier, fünf acht eins, "),
        ] {
            let told = phone(Lang::De, number);
            assert!(told.starts_with(begins), "{told}");
        }
    }

    /// Red when a sign is kept as a sign.
    #[test]
    fn addresses_are_read_back_in_words() {
        assert_eq!(
            email(Lang::De, "j.muessig-2_x@mail.de"),
            "j Punkt muessig Bindestrich zwei Unterstrich x ät mail Punkt de"
        );
        assert_eq!(email(Lang::En, "a+b@c.io"), "a plus b at c dot io");
    }

    #[test]
    fn names_are_spelled() {
        assert_eq!(
            name(Lang::De, "Jörg Müß"),
            "J wie Julius, Ö wie Ökonom, R wie Richard, G wie Gustav. \
             M wie Martha, Ü wie Übermut, Eszett"
        );
        assert_eq!(
            name(Lang::En, "Al-B"),
            "A for Alfa, L for Lima. B for Bravo"
        );
        assert_eq!(name(Lang::De, "Þór"), "Þ, O wie Otto, R wie Richard");
        assert_eq!(name(Lang::En, "Zoë"), "Z for Zulu, O for Oscar, E for Echo");
    }

    /// Red when something is read back that a speech engine cannot say.
    #[test]
    fn what_is_read_back_can_be_said() {
        for lang in [Lang::De, Lang::En] {
            let texts = [
                phone(lang, "+4315134567"),
                email(lang, "x_1!y@z-1.example"),
                name(lang, "Anna-Lena O'Neill 3"),
            ];
            for text in texts {
                let sentence = format!("Ja, {text}.");
                let problems = lint_say(&sentence);
                let long = |it: &_| matches!(it, super::super::super::Problem::TooManyWords(_));
                assert!(problems.iter().all(long), "{sentence}: {problems:?}");
            }
        }
    }
}
