//! Names of weekdays and months, as said and as understood.

use booking_domain::time::Weekday;

use super::Lang;
use super::token::Token;

/// A name and the language it shows; `None`: it is spelled alike in both.
pub(super) type Name = (&'static str, Option<Lang>);

const DE: Option<Lang> = Some(Lang::De);
const EN: Option<Lang> = Some(Lang::En);

/// Folded names per weekday, Monday first.
const WEEKDAYS: [&[Name]; 7] = [
    &[
        ("montag", DE),
        ("montags", DE),
        ("monday", EN),
        ("mon", None),
    ],
    &[
        ("dienstag", DE),
        ("dienstags", DE),
        ("tuesday", EN),
        ("tue", EN),
        ("tues", EN),
    ],
    &[
        ("mittwoch", DE),
        ("mittwochs", DE),
        ("wednesday", EN),
        ("wed", EN),
    ],
    &[
        ("donnerstag", DE),
        ("donnerstags", DE),
        ("thursday", EN),
        ("thu", EN),
        ("thur", EN),
        ("thurs", EN),
    ],
    &[
        ("freitag", DE),
        ("freitags", DE),
        ("friday", EN),
        ("fri", EN),
    ],
    &[
        ("samstag", DE),
        ("samstags", DE),
        ("sonnabend", DE),
        ("saturday", EN),
        ("sat", EN),
    ],
    &[
        ("sonntag", DE),
        ("sonntags", DE),
        ("sunday", EN),
        ("sun", EN),
    ],
];
/// Two letters; words of their own elsewhere (`so`, `do`), so they count only where they stand
/// like a weekday.
const SHORT: [&str; 7] = ["mo", "di", "mi", "do", "fr", "sa", "so"];

/// Folded names per month, January first.
const MONTHS: [&[Name]; 12] = [
    &[
        ("januar", DE),
        ("jaenner", DE),
        ("january", EN),
        ("jan", None),
    ],
    &[
        ("februar", DE),
        ("feber", DE),
        ("february", EN),
        ("feb", None),
    ],
    &[
        ("maerz", DE),
        ("marz", DE),
        ("march", EN),
        ("mar", EN),
        ("mrz", DE),
    ],
    &[("april", None), ("apr", None)],
    &[("mai", DE), ("may", EN)],
    &[("juni", DE), ("juno", DE), ("june", EN), ("jun", None)],
    &[("juli", DE), ("julei", DE), ("july", EN), ("jul", None)],
    &[("august", None), ("aug", None)],
    &[("september", None), ("sept", None), ("sep", None)],
    &[("oktober", DE), ("okt", DE), ("october", EN), ("oct", EN)],
    &[("november", None), ("nov", None)],
    &[("dezember", DE), ("dez", DE), ("december", EN), ("dec", EN)],
];

const SAY_WEEKDAYS_DE: [&str; 7] = [
    "Montag",
    "Dienstag",
    "Mittwoch",
    "Donnerstag",
    "Freitag",
    "Samstag",
    "Sonntag",
];
const SAY_WEEKDAYS_EN: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];
const SAY_MONTHS_DE: [&str; 12] = [
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
];
const SAY_MONTHS_EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// What the weekday is called.
pub(super) fn weekday(lang: Lang, weekday: Weekday) -> &'static str {
    match lang {
        Lang::De => SAY_WEEKDAYS_DE[weekday as usize],
        Lang::En => SAY_WEEKDAYS_EN[weekday as usize],
    }
}

/// What the month (1–12) is called.
pub(super) fn month(lang: Lang, month: u32) -> &'static str {
    let at = month.clamp(1, 12) as usize - 1;
    match lang {
        Lang::De => SAY_MONTHS_DE[at],
        Lang::En => SAY_MONTHS_EN[at],
    }
}

/// Whether a folded word is the name of a month.
pub(super) fn is_month(word: &str) -> bool {
    let mut names = MONTHS.iter().flat_map(|names| names.iter());
    names.any(|(name, _)| *name == word)
}

/// Whether the word is the name of a weekday in either language (written out).
pub(super) fn is_weekday(word: &str) -> bool {
    position(&WEEKDAYS, word).is_some()
}

/// The weekday at the beginning of `tokens`; a dot after an abbreviation belongs to it.
pub(super) fn weekday_at(
    tokens: &[Token],
    at_start: bool,
) -> Option<(Weekday, usize, Option<Lang>)> {
    let word = tokens.first()?.word()?;
    let dot = usize::from(tokens.get(1).is_some_and(|it| it.is_mark('.')));
    if let Some((at, lang)) = position(&WEEKDAYS, word) {
        return Some((Weekday::ALL[at], 1 + dot, lang));
    }
    let at = SHORT.iter().position(|short| *short == word)?;
    let stands_like_one = match tokens.get(1) {
        None => at_start,
        Some(Token::Mark(mark)) => matches!(mark, '.' | ','),
        Some(Token::Number { .. }) => at_start,
        Some(Token::Word(_)) => false,
    };
    stands_like_one.then_some((Weekday::ALL[at], 1 + dot, DE))
}

/// The month (1–12) at the beginning of `tokens`.
pub(super) fn month_at(tokens: &[Token]) -> Option<(u32, usize, Option<Lang>)> {
    let word = tokens.first()?.word()?;
    let (at, lang) = position(&MONTHS, word)?;
    let dot = usize::from(tokens.get(1).is_some_and(|it| it.is_mark('.')));
    Some((at as u32 + 1, 1 + dot, lang))
}

fn position(table: &[&[Name]], word: &str) -> Option<(usize, Option<Lang>)> {
    table.iter().enumerate().find_map(|(at, names)| {
        let (_, lang) = names.iter().find(|(name, _)| *name == word)?;
        Some((at, *lang))
    })
}
