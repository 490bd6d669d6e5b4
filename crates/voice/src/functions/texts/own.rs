//! The sentences of each company, made ready once for each set-up.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use booking_domain::ids::CompanyId;
use booking_domain::tenant::{CompanySetup, OwnTexts};

use super::{BUILT_IN, Texts, check};

/// What was made ready, and from what.
struct Ready {
    from: Arc<CompanySetup>,
    texts: Arc<Texts>,
}

/// The sentences of each company that has some of its own.
#[derive(Default)]
pub(crate) struct CompanyTexts(RwLock<HashMap<CompanyId, Ready>>);

impl CompanyTexts {
    /// The sentences of this set-up's company.
    pub(crate) fn of(&self, setup: &Arc<CompanySetup>) -> Arc<Texts> {
        let company = &setup.company;
        if company.texts.is_empty() {
            return BUILT_IN.clone();
        }
        {
            let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(ready) = known.get(&company.id)
                && Arc::ptr_eq(&ready.from, setup)
            {
                return ready.texts.clone();
            }
        }
        // Under the lock, so that a text that does not pass is warned of once.
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let unchanged = known.get(&company.id).filter(|ready| {
            let before = &ready.from.company;
            before.texts == company.texts && before.time_zone == company.time_zone
        });
        let texts = match unchanged {
            Some(ready) => ready.texts.clone(),
            None => made_ready(setup),
        };
        let ready = Ready {
            from: setup.clone(),
            texts: texts.clone(),
        };
        known.insert(company.id, ready);
        texts
    }
}

/// A company's words where they may be spoken, ours where not: what was imported passed the check of
/// its time, which was perhaps another release's.
fn made_ready(setup: &CompanySetup) -> Arc<Texts> {
    let company = &setup.company;
    let problems = check(&company.texts, company.time_zone);
    let mut own: OwnTexts = company.texts.clone();
    for problem in &problems {
        if let Some(texts) = own.get_mut(&problem.lang)
            && let Some(key) = &problem.key
        {
            texts.remove(key);
        }
    }
    if !problems.is_empty() {
        let at: Vec<_> = problems.iter().map(ToString::to_string).collect();
        let (company, problems) = (company.id.get(), at.join("; "));
        tracing::warn!(
            company,
            problems,
            "some of a company's own sentences cannot be spoken; ours are"
        );
    }
    Texts::with(&own).map_or_else(
        |error| {
            tracing::error!(%error, "a company's own sentences could not be made ready");
            BUILT_IN.clone()
        },
        Arc::new,
    )
}

#[cfg(test)]
mod tests {
    use booking_domain::time::ZoneName;

    use super::super::super::line::Line;
    use super::super::super::plain::Plain;
    use super::*;
    use crate::language::Lang;
    use crate::testing::setup;

    fn with(texts: &[(&str, &str, &str)]) -> Arc<CompanySetup> {
        let mut setup = setup();
        for (lang, key, text) in texts {
            let texts = setup.company.texts.entry((*lang).to_owned()).or_default();
            texts.insert((*key).to_owned(), (*text).to_owned());
        }
        Arc::new(setup)
    }

    fn says(texts: &Texts, line: &Line) -> String {
        let today = crate::testing::friday();
        let today = ZoneName::UTC.local(today).day;
        line.told(texts, Lang::De, ZoneName::UTC, today)
            .expect("a sentence")
    }

    /// Red when one text that cannot be spoken takes the others with it, or is spoken.
    #[test]
    fn a_text_that_no_longer_passes_is_ours_again() {
        let setup = with(&[
            ("de", "ask_name", "Wie heißen Sie?"),
            ("de", "ask_date", "Wann, um 8?"),
            ("de", "gone_with_an_upgrade", "Ja."),
            ("fr", "ask_name", "Oui."),
        ]);
        let texts = CompanyTexts::default().of(&setup);
        assert_eq!(
            says(&texts, &Line::Plain(Plain::AskName)),
            "Wie heißen Sie?"
        );
        assert_eq!(
            says(&texts, &Line::Plain(Plain::AskDate)),
            "An welchem Tag möchten Sie kommen?"
        );
    }

    /// Red when sentences are made ready for every answer, or when a changed set-up is not heard.
    #[test]
    fn they_are_made_ready_once_for_each_set_up() {
        let all = CompanyTexts::default();
        let first = with(&[("de", "ask_name", "Wie heißen Sie?")]);
        let texts = all.of(&first);
        assert!(Arc::ptr_eq(&texts, &all.of(&first)));
        // Loaded anew without a change in the words.
        assert!(Arc::ptr_eq(&texts, &all.of(&Arc::new((*first).clone()))));
        let second = with(&[("de", "ask_name", "Ihr Name bitte?")]);
        let changed = all.of(&second);
        assert_eq!(
            says(&changed, &Line::Plain(Plain::AskName)),
            "Ihr Name bitte?"
        );
        assert!(Arc::ptr_eq(&*BUILT_IN, &all.of(&Arc::new(setup()))));
    }
}
