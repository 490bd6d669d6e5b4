//! Who is who among the people on one telephone number or address: a mother and her child are two,
//! `Frau Müller` and `Anna Mueller` may be one.

mod evidence;

use std::collections::BTreeSet;

use crate::contact::PersonName;

pub use evidence::{Acquaintance, Evidence, whose_contact};

/// What stands before or behind a name and says nothing about who it is.
const TITLES: [&str; 23] = [
    "dr",
    "doktor",
    "doctor",
    "prof",
    "professor",
    "professorin",
    "dipl",
    "ing",
    "med",
    "dent",
    "vet",
    "phil",
    "jur",
    "rer",
    "nat",
    "mag",
    "magister",
    "bsc",
    "msc",
    "mba",
    "phd",
    "sir",
    "lady",
];
const WOMEN: [&str; 7] = ["frau", "fraulein", "mrs", "ms", "miss", "madame", "fr"];
const MEN: [&str; 4] = ["herr", "herrn", "mr", "hr"];

/// So many people on one number or address are looked at, those of exactly the said name first.
pub const MOST_ON_ONE_NUMBER: usize = 100;

/// Which of the known people a name means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Meant {
    /// The one at this place of the list.
    Known {
        /// Its place.
        at: usize,
        /// Whether what was said is more of the same person's name than is known.
        fuller: bool,
    },
    /// Nobody of them, or nobody knows which.
    Stranger,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Salutation {
    Woman,
    Man,
}

/// A name taken apart: how it is written, its order and its titles do not matter.
#[derive(PartialEq, Eq, Debug)]
struct Parts {
    words: BTreeSet<String>,
    salutation: Option<Salutation>,
}

/// The same for all spellings of one name. Two people with the same key are one person where they
/// share a number or an address.
pub fn name_key(name: &PersonName) -> String {
    Parts::of(name).key()
}

/// Which of `known`, who share a number or an address, is meant by `said`. Nobody is ever taken for
/// somebody else: where two could be meant, the one of exactly this name is, or somebody new.
pub fn who_is_meant<'a>(
    known: impl IntoIterator<Item = &'a PersonName>,
    said: &PersonName,
) -> Meant {
    let (known, said): (Vec<_>, _) = (known.into_iter().map(Parts::of).collect(), Parts::of(said));
    let key = said.key();
    if let Some(at) = known.iter().position(|it| it.key() == key) {
        return Meant::Known { at, fuller: false };
    }
    let mut fits = (0..known.len()).filter(|at| known[*at].may_be(&said));
    let (Some(at), None) = (fits.next(), fits.next()) else {
        return Meant::Stranger;
    };
    let fuller = said.is_fuller_than(&known[at]);
    // `Müller` may already be short for somebody else of them.
    let is_short_for_another = fuller
        && (0..known.len()).any(|other| other != at && known[other].is_fuller_than(&known[at]));
    if is_short_for_another {
        return Meant::Stranger;
    }
    Meant::Known { at, fuller }
}

impl Parts {
    fn of(name: &PersonName) -> Self {
        let folded = fold(name.expose());
        let said: Vec<_> = folded
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .collect();
        let is_one = |list: &[&str]| said.iter().any(|word| list.contains(word));
        let salutation = match (is_one(&WOMEN), is_one(&MEN)) {
            (true, false) => Some(Salutation::Woman),
            (false, true) => Some(Salutation::Man),
            _ => None,
        };
        let before: Vec<_> = [&WOMEN[..], &MEN[..], &TITLES[..]].concat();
        let words: BTreeSet<_> = said
            .iter()
            .filter(|word| !before.contains(*word))
            .map(|word| (*word).to_owned())
            .collect();
        if !words.is_empty() {
            return Self { words, salutation };
        }
        // Somebody called `Ing`, or a name without a letter.
        let all = if said.is_empty() {
            vec![folded.as_str()]
        } else {
            said
        };
        Self {
            words: all.into_iter().map(str::to_owned).collect(),
            salutation: None,
        }
    }

    /// With a first name the salutation adds nothing; without one it tells husband from wife.
    fn key(&self) -> String {
        let words: Vec<_> = self.words.iter().map(String::as_str).collect();
        let ending = match self.salutation {
            Some(Salutation::Woman) if words.len() == 1 => "+f",
            Some(Salutation::Man) if words.len() == 1 => "+m",
            _ => "",
        };
        format!("{}{ending}", words.join(" "))
    }

    fn may_be(&self, other: &Self) -> bool {
        let agree = match (self.salutation, other.salutation) {
            (Some(mine), Some(theirs)) => mine == theirs,
            _ => true,
        };
        agree && (self.words.is_subset(&other.words) || self.words.is_superset(&other.words))
    }

    fn is_fuller_than(&self, other: &Self) -> bool {
        let says_more = self.words.len() > other.words.len()
            || (self.words == other.words && other.salutation.is_none());
        says_more && self.may_be(other)
    }
}

/// Lower case, without accents; `ä`, `ae` and `a` are one, for one hears no difference.
fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        match c {
            'ß' => folded.push_str("ss"),
            '\'' | '’' | '`' | '´' | '\u{300}'..='\u{36f}' => {}
            c => folded.push(unaccented(c).unwrap_or(c)),
        }
    }
    let folded = folded.trim().replace("ae", "a");
    folded.replace("oe", "o").replace("ue", "u")
}

/// The letter under the accent of a small one; `None` where there is none.
pub const fn unaccented(letter: char) -> Option<char> {
    Some(match letter {
        'ä' | 'à' | 'á' | 'â' | 'ã' | 'å' | 'ā' | 'ă' | 'ą' | 'æ' => 'a',
        'ç' | 'ć' | 'č' => 'c',
        'ď' | 'đ' | 'ð' => 'd',
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ė' | 'ę' | 'ě' => 'e',
        'ğ' => 'g',
        'ì' | 'í' | 'î' | 'ï' | 'ī' | 'ı' => 'i',
        'ł' => 'l',
        'ñ' | 'ń' | 'ň' => 'n',
        'ö' | 'ò' | 'ó' | 'ô' | 'õ' | 'ø' | 'ő' | 'œ' => 'o',
        'ř' => 'r',
        'ś' | 'š' | 'ş' | 'ș' => 's',
        'ť' | 'ţ' | 'ț' => 't',
        'ü' | 'ù' | 'ú' | 'û' | 'ū' | 'ů' | 'ű' => 'u',
        'ý' | 'ÿ' => 'y',
        'ź' | 'ż' | 'ž' => 'z',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn name(text: &str) -> PersonName {
        PersonName::parse(text).expect("a name")
    }

    fn meant(known: &[&str], said: &str) -> Meant {
        let known: Vec<_> = known.iter().map(|it| name(it)).collect();
        who_is_meant(&known, &name(said))
    }

    const fn known(at: usize) -> Meant {
        Meant::Known { at, fuller: false }
    }

    const fn fuller(at: usize) -> Meant {
        Meant::Known { at, fuller: true }
    }

    /// Red when titles, order or umlauts tell people apart, or when anything else does not.
    #[test]
    fn one_person_is_told_from_another() {
        use Meant::Stranger;
        for (people, said, expected) in [
            (&["Anna Müller"][..], "Anna Müller", known(0)),
            (&["Anna Müller"], "anna mueller", known(0)),
            (&["Anna Müller"], "ANNA MULLER", known(0)),
            (&["Anna Müller"], "Anna Mu\u{308}ller", known(0)),
            (&["Anna Müller"], "Frau Dr. Anna Müller", known(0)),
            (&["Anna Müller"], "Müller, Anna", known(0)),
            (&["Anna Müller"], "Frau Müller", known(0)),
            (&["Anna Müller"], "Müller", known(0)),
            (&["Anna Müller"], "Anna", known(0)),
            (&["Anna-Lena Groß"], "Anna Lena Gross", known(0)),
            (&["Sean O'Brien"], "Sean OBrien", known(0)),
            (&["Renée Łukasz"], "Renee Lukasz", known(0)),
            (&["Frau Müller"], "Anna Müller", fuller(0)),
            (&["Müller"], "Frau Müller", fuller(0)),
            (&["Müller"], "Dr. Müller", known(0)),
            (&["Anna Müller"], "Anna Maria Müller", fuller(0)),
            (&["Anna Müller"], "Ben Müller", Stranger),
            (&["Anna Müller"], "Anna Schmidt", Stranger),
            (&["Anna Müller"], "Annabell Müller", Stranger),
            (&["Frau Müller"], "Herr Müller", Stranger),
            (&["Herr Müller"], "Frau Anna Müller", Stranger),
            (&["Anna Müller", "Ben Müller"], "Müller", Stranger),
            (&["Anna Müller", "Ben Müller"], "Herr Müller", Stranger),
            (&["Anna Müller", "Ben Müller"], "Ben", known(1)),
            (&["Anna Müller", "Ben Müller", "Müller"], "Müller", known(2)),
            (&["Anna Müller", "Müller"], "Ben Müller", Stranger),
            (&["Anna Müller", "Müller"], "Anna Müller", known(0)),
            (&["Dr. Ing"], "Ing", known(0)),
            (&["???"], "???", known(0)),
            (&["???"], "!!!", Stranger),
            (&["李小龍"], "李小龍", known(0)),
            (&[], "Anna", Stranger),
        ] {
            assert_eq!(meant(people, said), expected, "{said} of {people:?}");
        }
    }

    proptest! {
        /// Whoever is known by exactly this name is meant, whoever else is on the number; and two
        /// of one key never are two.
        #[test]
        fn the_same_name_is_the_same_person(
            people in prop::collection::vec("(Frau |Herr |Dr\\. )?[A-Cä]{1,3}( [A-C]{1,2})?", 1..6),
            at in 0usize..6,
        ) {
            let people: Vec<_> = people.iter().map(|it| name(it)).collect();
            let said = &people[at % people.len()];
            let Meant::Known { at, fuller } = who_is_meant(&people, said) else {
                panic!("a stranger");
            };
            prop_assert_eq!(name_key(&people[at]), name_key(said));
            prop_assert!(!fuller);
        }

        /// Whoever is meant shares a word with what was said, all of the shorter name's.
        #[test]
        fn nobody_is_taken_for_somebody_else(
            people in prop::collection::vec("[A-D]{1,2}( [A-D]{1,2})?", 1..6),
            said in "[A-D]{1,2}( [A-D]{1,2})?",
        ) {
            let people: Vec<_> = people.iter().map(|it| name(it)).collect();
            let said = name(&said);
            if let Meant::Known { at, .. } = who_is_meant(&people, &said) {
                prop_assert!(Parts::of(&people[at]).may_be(&Parts::of(&said)));
            }
        }
    }
}
