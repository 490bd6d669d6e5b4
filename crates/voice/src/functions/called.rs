//! What somebody is called, out of what a model wrote into the argument for it.

use booking_domain::contact::PersonName;

use super::catalogue::plain;

/// What models write for a name that nobody told them.
const NOBODY: [&str; 24] = [
    "kunde",
    "kundin",
    "anrufer",
    "anruferin",
    "der anrufer",
    "die anruferin",
    "der kunde",
    "die kundin",
    "patient",
    "patientin",
    "unbekannt",
    "customer",
    "the customer",
    "caller",
    "the caller",
    "unknown",
    "anonymous",
    "not provided",
    "nicht angegeben",
    "keine angabe",
    "ja",
    "nein",
    "yes",
    "no",
];
/// How people begin when they are asked for their name.
const BEGINNINGS: [&str; 14] = [
    "guten tag, mein name ist ",
    "mein name ist ",
    "mein name lautet ",
    "ich heiße ",
    "ich heisse ",
    "ich bin die ",
    "ich bin der ",
    "ich bin ",
    "hier ist ",
    "hier spricht ",
    "my name is ",
    "this is ",
    "i am ",
    "i'm ",
];

/// The name that was said; `None` where it is none.
pub(super) fn called(text: &str) -> Option<PersonName> {
    let visible: String = text.chars().filter(|it| !is_hidden(*it)).collect();
    let name = without_beginning(visible.trim());
    let is_name = name.chars().any(char::is_alphabetic)
        && !name.contains(['@', '<', '>', '{', '}'])
        && !name.contains("://")
        && !NOBODY.contains(&plain(name).as_str());
    is_name.then(|| PersonName::parse(name).ok()).flatten()
}

/// Signs that nobody sees, and that turn round what stands behind them.
const fn is_hidden(it: char) -> bool {
    matches!(it, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

fn without_beginning(name: &str) -> &str {
    let said = |beginning: &&&str| {
        let head = name.get(..beginning.len());
        head.is_some_and(|head| head.to_lowercase() == **beginning)
    };
    let beginning = BEGINNINGS.iter().find(said);
    beginning.map_or(name, |it| name[it.len()..].trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Red when something that nobody is called is booked for, or a name loses a part.
    #[test]
    fn names_are_kept_as_said_and_nothing_else_is_one() {
        for (said, name) in [
            ("Jörg Müßig", Some("Jörg Müßig")),
            (" Dr. Anna-Lena O'Brien ", Some("Dr. Anna-Lena O'Brien")),
            ("李小龍", Some("李小龍")),
            ("Kunde Weber", Some("Kunde Weber")),
            ("Ja Rule", Some("Ja Rule")),
            ("Mein Name ist Max Muster", Some("Max Muster")),
            ("ICH HEISSE Max", Some("Max")),
            ("Ich heiße Max Muster", Some("Max Muster")),
            ("I'm Max", Some("Max")),
            ("Ich bin", Some("Ich bin")),
            ("Ha\u{202e}cker", Some("Hacker")),
            ("5", None),
            ("12345", None),
            ("?", None),
            ("😀", None),
            ("", None),
            ("ja", None),
            ("Der Anrufer", None),
            ("Mein Name ist unbekannt", None),
            ("max@muster.example", None),
            ("http://evil.example/x", None),
            ("<script>alert(1)</script>", None),
        ] {
            let heard = called(said);
            assert_eq!(heard.as_ref().map(PersonName::expose), name, "{said}");
        }
    }
}
