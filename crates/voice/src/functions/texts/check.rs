//! Whether a company's own words may be spoken: checked where they come in, so that no caller
//! hears a mistake.

use booking_domain::time::ZoneName;

use super::super::line::Line;
use super::samples::samples;
use super::{OURS, Overrides, Texts, name};
use crate::language::{Lang, Problem, lint_say};

/// What is wrong with a text.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TextProblem {
    /// Neither `de` nor `en`.
    #[error("texts: there is no language {0:?}: use de or en")]
    UnknownLanguage(String),
    /// No sentence has this name.
    #[error("texts.{lang}.{key}: there is no such sentence: see texts/{lang}.json for their names")]
    UnknownText {
        /// The language.
        lang: String,
        /// The name.
        key: String,
    },
    /// Not a template.
    #[error("texts.{lang}.{key}: {detail}")]
    Syntax {
        /// The language.
        lang: String,
        /// The name.
        key: String,
        /// Where it stops being one.
        detail: String,
    },
    /// A placeholder that this sentence does not have.
    #[error("texts.{lang}.{key}: there is no placeholder {placeholder:?} here: use {known}")]
    UnknownPlaceholder {
        /// The language.
        lang: String,
        /// The name.
        key: String,
        /// What stands there.
        placeholder: String,
        /// What may stand there.
        known: String,
    },
    /// Filled in, it is no sentence for a speech engine.
    #[error("texts.{lang}.{key}: {sentence:?} cannot be said: {problem:?}")]
    CannotBeSaid {
        /// The language.
        lang: String,
        /// The name.
        key: String,
        /// With what an answer may hold.
        sentence: String,
        /// What is wrong with it.
        problem: Problem,
    },
}

/// Everything that is wrong with a company's texts; empty: they may be spoken.
pub fn check(overrides: &Overrides, zone: ZoneName) -> Vec<TextProblem> {
    let mut problems = Vec::new();
    for (lang, texts) in &overrides.0 {
        let Some(spoken) = [Lang::De, Lang::En]
            .into_iter()
            .find(|it| it.code() == lang)
        else {
            problems.push(TextProblem::UnknownLanguage(lang.clone()));
            continue;
        };
        for key in texts.keys() {
            // One by one: a mistake in one text must not hide those of another.
            let alone =
                Overrides([(lang.clone(), [(key.clone(), texts[key].clone())].into())].into());
            problems.extend(problem_of(&alone, spoken, key, zone));
        }
    }
    problems
}

fn problem_of(alone: &Overrides, spoken: Lang, key: &str, zone: ZoneName) -> Option<TextProblem> {
    let (lang, key) = (spoken.code().to_owned(), key.to_owned());
    if !OURS.contains_key(&(spoken.code(), key.clone())) {
        return Some(TextProblem::UnknownText { lang, key });
    }
    let texts = match Texts::with(alone) {
        Ok(texts) => texts,
        Err(error) => {
            let detail = error.to_string();
            return Some(TextProblem::Syntax { lang, key, detail });
        }
    };
    let lines: Vec<_> = samples(zone)
        .filter(|(line, _)| line.key() == key)
        .collect();
    if let Some(placeholder) = unknown(&texts, spoken, &key, &lines) {
        let known = placeholders(&lines).join(", ");
        return Some(TextProblem::UnknownPlaceholder {
            lang,
            key,
            placeholder,
            known,
        });
    }
    lines.iter().find_map(|(line, today)| {
        let sentence = match line.told(&texts, spoken, zone, *today) {
            Ok(sentence) => sentence,
            Err(error) => {
                let (lang, key, detail) = (lang.clone(), key.clone(), error.to_string());
                return Some(TextProblem::Syntax { lang, key, detail });
            }
        };
        let problem = lint_say(&sentence).into_iter().next()?;
        Some(TextProblem::CannotBeSaid {
            lang: lang.clone(),
            key: key.clone(),
            sentence,
            problem,
        })
    })
}

type Sample = (Line, booking_domain::time::Day);

fn placeholders(lines: &[Sample]) -> Vec<&'static str> {
    lines
        .first()
        .map_or_else(Vec::new, |(line, _)| line.placeholders())
}

fn unknown(texts: &Texts, lang: Lang, key: &str, lines: &[Sample]) -> Option<String> {
    let template = texts
        .environment
        .get_template(&name(lang.code(), key))
        .ok()?;
    let known = placeholders(lines);
    let mut used: Vec<_> = template.undeclared_variables(true).into_iter().collect();
    used.sort_unstable();
    used.into_iter().find(|it| !known.contains(&it.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(lang: &str, key: &str, text: &str) -> Vec<TextProblem> {
        let texts = [(key.to_owned(), text.to_owned())].into();
        let zone = "Europe/Berlin".parse().expect("known");
        check(&Overrides([(lang.to_owned(), texts)].into()), zone)
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
        let kind = |lang, key, text| match problems(lang, key, text).as_slice() {
            [TextProblem::UnknownLanguage(_)] => "language",
            [TextProblem::UnknownText { .. }] => "text",
            [TextProblem::Syntax { .. }] => "syntax",
            [TextProblem::UnknownPlaceholder { .. }] => "placeholder",
            [TextProblem::CannotBeSaid { .. }] => "say",
            other => panic!("{other:?}"),
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
        let both: std::collections::BTreeMap<_, _> = [
            ("booked".to_owned(), "Um 8.".to_owned()),
            ("free".to_owned(), "Um 9.".to_owned()),
        ]
        .into();
        let zone = "Europe/Berlin".parse().expect("known");
        let all = check(&Overrides([("de".to_owned(), both)].into()), zone);
        assert_eq!(all.len(), 2, "every text is judged");
    }
}
