//! Whether a company's own words may be spoken: checked where they come in, so that no caller
//! hears a mistake.

use booking_domain::tenant::OwnTexts;
use booking_domain::time::{Day, ZoneName};
use strsim::normalized_damerau_levenshtein;

use super::super::line::Line;
use super::samples::samples;
use super::{OURS, Texts, name};
use crate::language::{Lang, Problem, lint_say};

/// Something that is wrong with a company's texts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TextProblem {
    /// The language.
    pub lang: String,
    /// The name of the sentence; none where the language is wrong.
    pub key: Option<String>,
    /// What.
    pub what: WhatIsWrong,
}

/// What is wrong with a text.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum WhatIsWrong {
    /// Neither `de` nor `en`.
    #[error("there is no such language: use de or en")]
    UnknownLanguage,
    /// No sentence has this name.
    #[error("there is no such sentence: did you mean {nearest:?}?")]
    UnknownText {
        /// The name most like it.
        nearest: String,
    },
    /// Not a template.
    #[error("it is no template: {0}")]
    Syntax(String),
    /// A placeholder that this sentence does not have.
    #[error("there is no placeholder {placeholder:?} in this sentence: {known}")]
    UnknownPlaceholder {
        /// What stands there.
        placeholder: String,
        /// What may stand there.
        known: String,
    },
    /// Filled in, it is no sentence for a speech engine.
    #[error("{sentence:?} cannot be said: {}", told(.problems))]
    CannotBeSaid {
        /// With what an answer may hold.
        sentence: String,
        /// What is wrong with it.
        problems: Vec<Problem>,
    },
}

fn told(problems: &[Problem]) -> String {
    let texts: Vec<_> = problems.iter().map(ToString::to_string).collect();
    texts.join("; ")
}

impl std::fmt::Display for TextProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "texts.{}", self.lang)?;
        if let Some(key) = &self.key {
            write!(f, ".{key}")?;
        }
        write!(f, ": {}", self.what)
    }
}

/// Everything that is wrong with a company's texts; empty: they may be spoken.
pub fn check(own: &OwnTexts, zone: ZoneName) -> Vec<TextProblem> {
    if own.is_empty() {
        return Vec::new();
    }
    let (samples, mut problems): (Vec<_>, _) = (samples(zone).collect(), Vec::new());
    for (lang, texts) in own {
        let mut say = |key: Option<&String>, what| {
            problems.push(TextProblem {
                lang: lang.clone(),
                key: key.cloned(),
                what,
            });
        };
        let known = [Lang::De, Lang::En];
        let Some(spoken) = known.into_iter().find(|it| it.code() == lang) else {
            say(None, WhatIsWrong::UnknownLanguage);
            continue;
        };
        for (key, text) in texts {
            let of_this = samples.iter().filter(|(line, _)| line.key() == key);
            let lines = of_this.collect::<Vec<_>>();
            for what in wrong_with(text, (spoken, key), (&lines, zone)) {
                say(Some(key), what);
            }
        }
    }
    problems
}

type Sample = (Line, Day);

fn wrong_with(
    text: &str,
    (lang, key): (Lang, &str),
    (lines, zone): (&[&Sample], ZoneName),
) -> Vec<WhatIsWrong> {
    let Some((first, _)) = lines.first() else {
        return vec![WhatIsWrong::UnknownText {
            nearest: nearest(lang, key),
        }];
    };
    let mut texts = Texts::empty();
    if let Err(error) = texts.add(lang.code(), key, text) {
        return vec![WhatIsWrong::Syntax(error.to_string())];
    }
    let unknown = unknown_placeholders(&texts, (lang, key), &first.placeholders());
    if !unknown.is_empty() {
        return unknown;
    }
    let wrong = lines.iter().find_map(|(line, today)| {
        let sentence = match line.told(&texts, lang, zone, *today) {
            Ok(sentence) => sentence,
            Err(error) => return Some(WhatIsWrong::Syntax(error.to_string())),
        };
        let problems = lint_say(&sentence);
        (!problems.is_empty()).then_some(WhatIsWrong::CannotBeSaid { sentence, problems })
    });
    wrong.into_iter().collect()
}

/// The name of a sentence that is most like what was written.
fn nearest(lang: Lang, key: &str) -> String {
    let names = OURS.keys().filter(|(of, _)| *of == lang.code());
    let like = |name: &str| normalized_damerau_levenshtein(name, key);
    let most = names.max_by(|a, b| like(&a.1).total_cmp(&like(&b.1)));
    most.map(|(_, name)| name.clone()).unwrap_or_default()
}

fn unknown_placeholders(
    texts: &Texts,
    (lang, key): (Lang, &str),
    known: &[&str],
) -> Vec<WhatIsWrong> {
    let Ok(template) = texts.environment.get_template(&name(lang.code(), key)) else {
        return Vec::new();
    };
    let used = template.undeclared_variables(true);
    let mut unknown: Vec<_> = used.into_iter().collect();
    unknown.retain(|it| !known.contains(&it.as_str()));
    unknown.sort_unstable();
    let hint = match known {
        [] => "it has none".to_owned(),
        known => format!("it has {}", known.join(", ")),
    };
    let wrong = |placeholder| WhatIsWrong::UnknownPlaceholder {
        placeholder,
        known: hint.clone(),
    };
    unknown.into_iter().map(wrong).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(lang: &str, key: &str, text: &str) -> Vec<TextProblem> {
        let texts = [(key.to_owned(), text.to_owned())].into();
        let zone = "Europe/Berlin".parse().expect("known");
        check(&[(lang.to_owned(), texts)].into(), zone)
    }

    /// Red when a company's words are not used, or ours are taken for a mistake.
    #[test]
    fn own_words_are_spoken() {
        assert_eq!(
            problems(
                "de",
                "booked",
                "Wunderbar, Ihr Termin {{ when }} steht fest."
            ),
            []
        );
        for ((lang, key), text) in OURS.iter() {
            assert_eq!(problems(lang, key, text), [], "{lang} {key}");
        }
    }

    /// Red when one of the checks is left out.
    #[test]
    fn what_cannot_be_spoken_is_refused_by_name() {
        let kind = |lang, key, text| {
            let problems = problems(lang, key, text);
            match problems.iter().map(|it| &it.what).collect::<Vec<_>>()[..] {
                [WhatIsWrong::UnknownLanguage] => "language",
                [WhatIsWrong::UnknownText { .. }] => "text",
                [WhatIsWrong::Syntax { .. }] => "syntax",
                [WhatIsWrong::UnknownPlaceholder { .. }] => "placeholder",
                [WhatIsWrong::CannotBeSaid { .. }] => "say",
                _ => panic!("{problems:?}"),
            }
        };
        let endless = "{% for a in options %}{% for b in options %}{% for c in options %}x{% endfor %}{% endfor %}{% endfor %}.";
        for (lang, key, text, what) in [
            ("fr", "booked", "Oui.", "language"),
            ("de", "bookd", "Ihr Termin steht.", "text"),
            ("de", "booked", "Ihr Termin {{ when steht.", "syntax"),
            (
                "de",
                "booked",
                "Ihr Termin {{ wenn }} steht.",
                "placeholder",
            ),
            (
                "de",
                "booked",
                "Ihr Termin {% if x %}{{ x }}{% endif %} steht.",
                "placeholder",
            ),
            ("de", "booked", "Ihr Termin um 8 Uhr steht.", "say"),
            ("de", "booked", "Dein Termin {{ when }} steht.", "say"),
            ("de", "booked", "Ihr Termin {{ when }} steht", "say"),
            ("de", "booked", "Ihr Termin {{ when }} steht. *", "say"),
            ("en", "ask_date", "", "say"),
            ("de", "free", endless, "syntax"),
            (
                "de",
                "pending",
                "Liebe Kundin, lieber Kunde, wir haben uns sehr über Ihren Anruf gefreut und freuen uns noch mehr, Ihnen sagen zu dürfen, dass Ihr Termin {{ when }} bei uns vorgemerkt ist und dass wir uns bald melden.",
                "say",
            ),
        ] {
            assert_eq!(kind(lang, key, text), what, "{lang} {key} {text}");
        }
    }

    /// Red when the first mistake hides the others, or when it is not said how to mend one.
    #[test]
    fn every_mistake_is_told_with_its_place_and_what_to_do() {
        let own: OwnTexts = serde_json::from_str(
            r#"{"de": {"booked": "Um 8. *", "bookd": "Ja.", "free": "{{ wann }} {{ wer }}.",
                       "ask_name": "{{ name }}?", "pending": "{{ when }", "ask_date": "Wann willst du kommen?"},
                "deutsch": {"booked": "Ja."}}"#,
        )
        .expect("texts");
        let zone = "Europe/Berlin".parse().expect("known");
        let told: Vec<_> = check(&own, zone).iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                r#"texts.de.ask_date: "Wann willst du kommen?" cannot be said: "du": callers are addressed as Sie"#,
                r#"texts.de.ask_name: there is no placeholder "name" in this sentence: it has none"#,
                r#"texts.de.bookd: there is no such sentence: did you mean "booked"?"#,
                r#"texts.de.booked: "Um 8. *" cannot be said: the digit '8': write numbers as words; the sign '*': only letters, blanks and , . ? ! can be said; no sentence: it begins with a capital letter and ends with . ? or !"#,
                r#"texts.de.free: there is no placeholder "wann" in this sentence: it has options"#,
                r#"texts.de.free: there is no placeholder "wer" in this sentence: it has options"#,
                "texts.de.pending: it is no template: syntax error: unexpected `}`, expected end of variable block (in de/pending:1)",
                "texts.deutsch: there is no such language: use de or en",
            ]
        );
    }
}
