//! The page itself: a few sentences and a button, without script, in German and English.

/// The languages of the page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Language {
    German,
    English,
}

impl Language {
    /// The one that the browser likes best, else the company's.
    pub(super) fn of(accepted: &str, otherwise: &str) -> Self {
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
        let best = best.map(|(_, language)| language);
        best.or_else(|| Self::named(otherwise))
            .unwrap_or(Self::English)
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
         <style>body{{font:1.1rem/1.5 sans-serif;max-width:34em;margin:3em auto;padding:0 1em}}\
         button{{font:inherit;padding:.6em 1.2em}}</style>\n</head>\n<body>\n<main>\n\
         <h1>{title}</h1>\n<p>{text}</p>\n{form}</main>\n</body>\n</html>\n"
    )
}

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
    fn the_browsers_wish_counts_then_the_companys() {
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
            assert_eq!(Language::of(accepted, otherwise), expected, "{accepted}");
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
