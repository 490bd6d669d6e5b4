//! What callers and companies wrote, made fit for a line, a greeting, a telephone.

/// Most text messages that one text may become.
pub const MOST_SEGMENTS: usize = 10;

/// The characters of a text message that take one place each (3GPP TS 23.038).
const GSM: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡\
    ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// Those that take two.
const GSM_EXTENDED: &str = "^{}\\[~]|€";

/// The text in one line: breaks and other control characters become blanks, and characters that
/// turn the direction of writing are left out.
pub(crate) fn one_line(text: &str) -> String {
    let kept = text.chars().filter(|c| !turns(*c));
    let blanked: String = kept
        .map(|c| if c.is_control() || breaks(c) { ' ' } else { c })
        .collect();
    blanked.split_whitespace().collect::<Vec<_>>().join(" ")
}

const fn breaks(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}')
}

const fn turns(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Titles that a full stop joins to what follows, as in `Dr.Berg`.
const TITLES_BEFORE: &[&str] = &["dipl", "dr", "mag", "med", "prof", "st"];
/// Titles that are joined to what goes before, as in `Dr.med.`
const TITLES_AFTER: &[&str] = &["dent", "habil", "jur", "med", "nat", "phil", "rer", "vet"];

/// What to call somebody; `None` when the name could be read as an address, a link or markup:
/// whoever books for others could have us send them.
pub(crate) fn polite_name(name: &str) -> Option<String> {
    let name = one_line(name);
    let odd = name.contains(['/', '\\', ':', '@', '<', '>', '{', '}', '[', ']']);
    (!name.is_empty() && !odd && !has_link(&name)).then_some(name)
}

/// Whether something hangs together with full stops, as in `evil.example`, that is no title.
fn has_link(name: &str) -> bool {
    name.match_indices('.').any(|(at, _)| {
        let (before, after) = (&name[..at], &name[at + 1..]);
        let word = |it: char| !it.is_alphanumeric();
        let before = before.rsplit(word).next().unwrap_or_default();
        let after = after.split(word).next().unwrap_or_default();
        let is = |titles: &[&str], it: &str| titles.contains(&it.to_lowercase().as_str());
        let titled = is(TITLES_BEFORE, before) && after.starts_with(char::is_uppercase);
        after.chars().count() >= 2 && !titled && !is(TITLES_AFTER, after)
    })
}

/// With the signs of typography that every telephone can show in a short text.
pub(super) fn for_a_phone(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in one_line(text).chars() {
        match c {
            '\u{2010}'..='\u{2015}' => plain.push('-'),
            '\u{2018}'..='\u{201b}' | '`' | '´' => plain.push('\''),
            '\u{201c}'..='\u{201f}' | '«' | '»' => plain.push('"'),
            '…' => plain.push_str("..."),
            '\u{a0}' | '\u{2009}' | '\u{202f}' => plain.push(' '),
            other => plain.push(other),
        }
    }
    plain
}

/// The first `most` characters, the last three dots when there were more.
pub(super) fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most - 3).collect();
    format!("{}...", kept.trim_end())
}

/// How many text messages a text becomes.
pub fn segments(text: &str) -> usize {
    let width = |c: char| match c {
        _ if GSM.contains(c) => Some(1),
        _ if GSM_EXTENDED.contains(c) => Some(2),
        _ => None,
    };
    let (length, alone, each) = match text.chars().map(width).sum::<Option<usize>>() {
        Some(length) => (length, 160, 153),
        None => (text.encode_utf16().count(), 70, 67),
    };
    if length <= alone {
        1
    } else {
        length.div_ceil(each)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Red when a line break, or a character that turns the writing round, is kept.
    #[test]
    fn lines_are_lines() {
        assert_eq!(
            one_line(" Jörg\r\nBcc: x\u{202e}\t\u{2028}y\u{1b}z "),
            "Jörg Bcc: x y z"
        );
    }

    /// Red when a link counts as a name, or a person's title as a link.
    #[test]
    fn names_that_are_none_are_not_said() {
        for name in [
            "Jörg Müßig",
            "Dr. Anna Berg",
            "Prof. Dr.med. Öz",
            "Dr.Berg",
            "O'Neill-Àgh",
            "A. B. C.",
        ] {
            assert_eq!(polite_name(name).as_deref(), Some(name));
        }
        for name in [
            "http://evil.example",
            "gewinn auf evil.example",
            "sub.evil.example.",
            "WWW.Evil",
            "Evil.Example",
            "a@evil",
            "<script>alert(1)</script>",
            "{{ company }}",
            "  ",
        ] {
            assert_eq!(polite_name(name), None, "{name}");
        }
    }

    /// Red when umlauts count as foreign, a brace as one place, or parts as whole messages.
    #[test]
    fn segments_are_those_of_gsm() {
        let of = |c: &str, n: usize| segments(&c.repeat(n));
        assert_eq!([of("ä", 160), of("ä", 161), of("ä", 307)], [1, 2, 3]);
        assert_eq!([of("{", 80), of("{", 81)], [1, 2]);
        assert_eq!([of("ł", 70), of("ł", 71), of("😀", 36)], [1, 2, 2]);
    }

    proptest! {
        #[test]
        fn no_line_breaks_ever(text in "(?s).{0,60}") {
            prop_assert!(!one_line(&text).chars().any(char::is_control));
            prop_assert!(cut(&text, 12).chars().count() <= 12);
        }
    }
}
