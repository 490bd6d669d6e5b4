//! Turns of phrase that mean what others say plainly: replaced word by word before anybody listens.

use super::names::is_weekday;
use super::numbers::number_at;
use super::token::{Token, begins};

/// Longer ones stand before their beginnings.
const SAME: [(&[&str], &[&str]); 45] = [
    (&["neujahrstag"], &["neujahr"]),
    (&["zwoter"], &["zweiter"]),
    (&["zwote"], &["zweite"]),
    (&["zwoten"], &["zweiten"]),
    (&["weds"], &["wednesday"]),
    (&["ueber", "eine", "woche"], &["in", "einer", "woche"]),
    (&["bis", "um"], &["bis"]),
    (&["bis", "spaetestens"], &["bis"]),
    (&["ein", "viertel", "nach"], &["viertel", "nach"]),
    (&["ein", "viertel", "vor"], &["viertel", "vor"]),
    (&["eine", "viertelstunde", "nach"], &["viertel", "nach"]),
    (&["eine", "viertelstunde", "vor"], &["viertel", "vor"]),
    (
        &["eine", "halbe", "stunde", "nach"],
        &["dreissig", "minuten", "nach"],
    ),
    (
        &["eine", "halbe", "stunde", "vor"],
        &["dreissig", "minuten", "vor"],
    ),
    (
        &["first", "thing", "in", "the", "morning"],
        &["in", "the", "morning"],
    ),
    (&["first", "thing"], &["in", "the", "morning"]),
    (&["first", "available"], &["next", "available"]),
    (&["first", "free"], &["next", "free"]),
    (&["first", "appointment"], &["next", "available"]),
    (&["first", "slot"], &["next", "available"]),
    (&["frueheste", "termin"], &["naechste", "freie"]),
    (&["fruehesten", "termin"], &["naechste", "freie"]),
    (&["erste", "termin"], &["naechste", "freie"]),
    (&["erster", "termin"], &["naechste", "freie"]),
    (&["ersten", "termin"], &["naechste", "freie"]),
    (&["erste", "stunde"], &["morgens"]),
    (&["fruehen", "morgen"], &["morgens"]),
    (&["nach", "der", "arbeit"], &["abends"]),
    (&["nach", "feierabend"], &["abends"]),
    (&["vor", "der", "arbeit"], &["morgens"]),
    (&["nach", "dem", "mittagessen"], &["nachmittags"]),
    (&["nach", "dem", "mittag"], &["nachmittags"]),
    (&["after", "lunch"], &["in", "the", "afternoon"]),
    (&["after", "work"], &["in", "the", "evening"]),
    (&["before", "work"], &["in", "the", "morning"]),
    (&["monatsanfang"], &["anfang", "des", "monats"]),
    (&["monatsmitte"], &["mitte", "des", "monats"]),
    (&["monatsende"], &["ende", "des", "monats"]),
    (&["wochenanfang"], &["anfang", "der", "woche"]),
    (&["wochenmitte"], &["mitte", "der", "woche"]),
    (&["ehestmoeglich"], &["baldmoeglichst"]),
    (&["flexibel"], &["egal"]),
    (&["flexible"], &["any", "time"]),
    (&["no", "preference"], &["any", "time"]),
    (&["tomorrow", "night"], &["tomorrow", "evening"]),
];

/// At the end they say what others say at the beginning.
const AT_THE_END: [(&[&str], &str); 9] = [
    (&["or", "later"], "from"),
    (&["and", "later"], "from"),
    (&["onwards"], "from"),
    (&["onward"], "from"),
    (&["at", "the", "earliest"], "from"),
    (&["at", "the", "latest"], "until"),
    (&["oder", "spaeter"], "ab"),
    (&["fruehestens"], "ab"),
    (&["spaetestens"], "bis"),
];
/// Where one of these stands already, nothing has to be said again.
const BOUNDS: [&str; 10] = [
    "from", "starting", "by", "until", "before", "after", "ab", "bis", "nach", "vor",
];

/// Before these an hour may end in `e`: `um achte`.
const BEFORE_HOURS: [&str; 4] = ["um", "gegen", "halb", "uhr"];
const HOURS: [(&str, &str); 11] = [
    ("zweie", "zwei"),
    ("dreie", "drei"),
    ("viere", "vier"),
    ("fuenfe", "fuenf"),
    ("sechse", "sechs"),
    ("siebene", "sieben"),
    ("achte", "acht"),
    ("neune", "neun"),
    ("zehne", "zehn"),
    ("elfe", "elf"),
    ("zwoelfe", "zwoelf"),
];

/// The same in plain words.
pub(super) fn reworded(tokens: Vec<Token>) -> Vec<Token> {
    let mut plain = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        let rest = &tokens[at..];
        if let Some((said, means)) = SAME.iter().find(|(said, _)| begins(rest, said)) {
            plain.extend(means.iter().map(|it| word(it)));
            at += said.len();
            continue;
        }
        let before = plain.last().and_then(Token::word).unwrap_or_default();
        plain.push(dialect(before, &tokens[at]));
        at += 1;
    }
    with_bound(between(plain))
}

fn word(text: &str) -> Token {
    Token::Word(text.to_owned())
}

fn dialect(before: &str, token: &Token) -> Token {
    let hour = token
        .word()
        .filter(|_| BEFORE_HOURS.contains(&before))
        .and_then(|said| HOURS.iter().find(|(hour, _)| *hour == said));
    hour.map_or_else(|| token.clone(), |(_, hour)| word(hour))
}

/// `a week Tuesday` is a week on Tuesday, `Friday night` its evening, `9 till 11` from nine to eleven.
fn between(mut tokens: Vec<Token>) -> Vec<Token> {
    let mut at = 0;
    while at < tokens.len() {
        let rest = &tokens[at..];
        let weekday = |at: usize| rest.get(at).and_then(Token::word).is_some_and(is_weekday);
        if begins(rest, &["a", "week"]) && weekday(2) {
            tokens.insert(at + 2, word("on"));
        } else if weekday(0) && rest.get(1).is_some_and(|it| it.is("night")) {
            tokens[at + 1] = word("evening");
        } else if let Some(hour) = number_at(rest)
            && hour.value % 5 != 0
            && (rest.get(hour.len)).is_some_and(|it| it.is("till") || it.is("til"))
        {
            tokens[at + hour.len] = word("to");
        }
        at += 1;
    }
    tokens
}

/// `Tuesday or later` is from Tuesday.
fn with_bound(mut tokens: Vec<Token>) -> Vec<Token> {
    let is_bound = |it: &Token| it.word().is_some_and(|word| BOUNDS.contains(&word));
    let ending = AT_THE_END.iter().find(|(words, _)| {
        let at = tokens.len().checked_sub(words.len());
        at.is_some_and(|at| at > 0 && begins(&tokens[at..], words))
    });
    let Some((words, bound)) = ending else {
        return tokens;
    };
    let said = tokens.len() - words.len();
    if tokens[..said].iter().any(is_bound) {
        return tokens;
    }
    tokens.truncate(said);
    tokens.insert(0, word(bound));
    tokens
}
