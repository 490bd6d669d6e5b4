//! The page itself: a few sentences and a button, without script, in German and English.

/// The languages of the page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Language {
    German,
    English,
}

impl Language {
    /// The customer's own, else the one that the browser likes best, else the company's.
    pub(super) fn of(own: Option<&str>, accepted: &str, otherwise: &str) -> Self {
        own.and_then(Self::named)
            .or_else(|| Self::accepted(accepted))
            .or_else(|| Self::named(otherwise))
            .unwrap_or(Self::English)
    }

    fn accepted(accepted: &str) -> Option<Self> {
        let mut best: Option<(f32, Self)> = None;
        for wish in accepted.split(',') {
            let mut parts = wish.split(';');
            let language = parts.next().and_then(|tag| Self::named(tag.trim()));
            let weight = parts.find_map(|part| part.trim().strip_prefix("q="));
            let weight = weight.map_or(Some(1.0), |text| text.parse().ok());
            if let (Some(language), Some(weight)) = (language, weight)
                && weight > best.map_or(0.0, |(best, _)| best)
            {
                best = Some((weight, language));
            }
        }
        best.map(|(_, language)| language)
    }

    fn named(tag: &str) -> Option<Self> {
        match tag.split(['-', '_']).next()?.to_ascii_lowercase().as_str() {
            "de" => Some(Self::German),
            "en" => Some(Self::English),
            _ => None,
        }
    }

    const fn tag(self) -> &'static str {
        match self {
            Self::German => "de",
            Self::English => "en",
        }
    }
}

/// What the page says.
#[derive(Clone, Copy, Debug)]
pub(super) enum Said<'a> {
    /// Whether they want no more messages of this company.
    Question(&'a str),
    /// It is noted.
    Done(&'a str),
    /// The link is none of ours.
    Unknown,
}

pub(super) fn page(language: Language, said: Said<'_>) -> String {
    use Language::{English, German};
    let (title, text, button) = match (said, language) {
        (Said::Question(company), German) => (
            "Abmelden",
            format!(
                "Möchten Sie von {} keine Werbung und keine Terminerinnerungen mehr erhalten? \
                 Bestätigungen, Änderungen und Absagen Ihrer Termine bekommen Sie weiterhin.",
                escaped(company)
            ),
            Some("Ja, abmelden"),
        ),
        (Said::Question(company), English) => (
            "Unsubscribe",
            format!(
                "Do you want no more offers and reminders from {}? You will still be told when an \
                 appointment of yours is booked, moved or cancelled.",
                escaped(company)
            ),
            Some("Yes, unsubscribe"),
        ),
        (Said::Done(company), German) => (
            "Abgemeldet",
            format!(
                "Sie erhalten von {} keine Werbung und keine Terminerinnerungen mehr.",
                escaped(company)
            ),
            None,
        ),
        (Said::Done(company), English) => (
            "Unsubscribed",
            format!(
                "You will get no more offers and reminders from {}.",
                escaped(company)
            ),
            None,
        ),
        (Said::Unknown, German) => (
            "Unbekannter Link",
            "Dieser Link ist unvollständig oder nicht von uns. Bitte kopieren Sie ihn ganz aus der \
             Nachricht."
                .to_owned(),
            None,
        ),
        (Said::Unknown, English) => (
            "Unknown link",
            "This link is incomplete, or not one of ours. Please copy the whole of it from the \
             message."
                .to_owned(),
            None,
        ),
    };
    // Without an action the form goes to the address of the page.
    let form = button.map_or_else(String::new, |words| {
        format!("<form method=\"post\"><button>{words}</button></form>\n")
    });
    let tag = language.tag();
    format!(
        "<!doctype html>\n<html lang=\"{tag}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <meta name=\"robots\" content=\"noindex\">\n<title>{title}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<main>\n\
         <h1>{title}</h1>\n<p>{text}</p>\n{form}</main>\n</body>\n</html>\n"
    )
}

/// For light and dark alike.
const STYLE: &str = "\
    :root{color-scheme:light dark;--text:#1f2937;--page:#ffffff;--button:#1d4ed8;--on:#ffffff}\
    @media (prefers-color-scheme:dark){\
    :root{--text:#f3f4f6;--page:#111827;--button:#93c5fd;--on:#111827}}\
    body{font:1.1rem/1.5 system-ui,sans-serif;max-width:34em;margin:3em auto;padding:0 1em;\
    background:var(--page);color:var(--text);overflow-wrap:anywhere}\
    button{font:inherit;padding:.6em 1.2em;border:0;border-radius:.4em;cursor:pointer;\
    background:var(--button);color:var(--on)}\
    button:focus-visible{outline:3px solid var(--text);outline-offset:3px}";

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_customers_language_counts_then_the_browsers_then_the_companys() {
        use Language::{English, German};
        for (accepted, otherwise, expected) in [
            ("de-DE,de;q=0.9,en;q=0.8", "en", German),
            ("fr,en;q=0.3,de;q=0.7", "en", German),
            ("en", "de", English),
            ("fr", "de", German),
            ("", "de-AT", German),
            ("", "tr", English),
            ("de;q=0", "en", English),
            ("de;q=x,en", "de", English),
        ] {
            assert_eq!(
                Language::of(None, accepted, otherwise),
                expected,
                "{accepted}"
            );
        }
        assert_eq!(Language::of(Some("de-AT"), "en", "en"), German);
        assert_eq!(Language::of(Some("tr"), "en", "de"), English);
    }

    /// WCAG 2.2, 1.4.3, by its own formula. Red when words cannot be told from what is behind them,
    /// in light or in dark.
    #[test]
    fn words_stand_out_in_light_and_dark() {
        let light = |colour: &str| {
            let part = |at: usize| {
                let part = u8::from_str_radix(&colour[at..at + 2], 16).expect("hexadecimal");
                let part = f64::from(part) / 255.0;
                match part <= 0.04045 {
                    true => part / 12.92,
                    false => ((part + 0.055) / 1.055).powf(2.4),
                }
            };
            0.2126 * part(0) + 0.7152 * part(2) + 0.0722 * part(4)
        };
        let schemes: Vec<_> = STYLE.split("@media (prefers-color-scheme:dark)").collect();
        assert_eq!(schemes.len(), 2, "light and dark");
        for scheme in schemes {
            let colour = |name: &str| {
                let from = scheme.find(&format!("{name}:#")).expect("a colour");
                light(&scheme[from + name.len() + 2..][..6])
            };
            for (words, behind) in [("--text", "--page"), ("--on", "--button")] {
                let (words, behind) = (colour(words), colour(behind));
                let ratio = (words.max(behind) + 0.05) / (words.min(behind) + 0.05);
                assert!(ratio >= 4.5, "{ratio} in {scheme}");
            }
        }
    }

    /// Red when a company's name can bring markup into the page.
    #[test]
    fn names_are_no_markup() {
        let page = page(Language::English, Said::Question("A & <b>\"B\"</b>"));
        assert!(
            page.contains("A &amp; &lt;b&gt;&quot;B&quot;&lt;/b&gt;"),
            "{page}"
        );
    }
}
