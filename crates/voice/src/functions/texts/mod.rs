//! The sentences as templates: ours in `texts/*.json`, and a company's own words over them.

mod check;
mod own;
mod samples;

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use booking_domain::tenant::OwnTexts;
use minijinja::{Environment, Error, UndefinedBehavior};

use crate::language::Lang;

pub use check::{TextProblem, WhatIsWrong, check};
pub(crate) use own::CompanyTexts;
#[cfg(test)]
pub(crate) use samples::samples;

/// What a template is filled with. A placeholder that does not apply is empty.
pub(crate) type Values = BTreeMap<&'static str, String>;

/// The sentences of a company, ready to be filled in.
pub(crate) struct Texts {
    environment: Environment<'static>,
}

/// A sentence needs some hundred steps; one that needs more does not end.
const MOST_STEPS: u64 = 2_000;

const SOURCES: [(Lang, &str); 2] = [
    (Lang::De, include_str!("../../../texts/de.json")),
    (Lang::En, include_str!("../../../texts/en.json")),
];

/// Our own templates by language and name.
static OURS: LazyLock<BTreeMap<(&str, String), String>> = LazyLock::new(|| {
    let mut found = BTreeMap::new();
    for (lang, source) in SOURCES {
        let texts: BTreeMap<String, String> =
            serde_json::from_str(source).expect("our own texts are JSON, which a test checks");
        found.extend(
            texts
                .into_iter()
                .map(|(key, text)| ((lang.code(), key), text)),
        );
    }
    found
});

/// The sentences of a company without words of its own.
pub(crate) static BUILT_IN: LazyLock<Arc<Texts>> = LazyLock::new(|| {
    let ours = Texts::with(&OwnTexts::new());
    Arc::new(ours.expect("our own templates have no mistakes, as tests show"))
});

impl Texts {
    /// Ours with a company's words over them.
    fn with(own: &OwnTexts) -> Result<Self, Error> {
        let mut texts = Self::empty();
        for ((lang, key), ours) in OURS.iter() {
            let own = own.get(*lang).and_then(|texts| texts.get(key));
            texts.add(lang, key, own.unwrap_or(ours))?;
        }
        Ok(texts)
    }

    fn empty() -> Self {
        let mut environment = Environment::empty();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_fuel(Some(MOST_STEPS));
        Self { environment }
    }

    fn add(&mut self, lang: &str, key: &str, text: &str) -> Result<(), Error> {
        let text = text.to_owned();
        self.environment.add_template_owned(name(lang, key), text)
    }

    /// The sentence with this name.
    pub(crate) fn fill(&self, lang: Lang, key: &str, values: &Values) -> Result<String, Error> {
        let template = self.environment.get_template(&name(lang.code(), key))?;
        template.render(values)
    }
}

fn name(lang: &str, key: &str) -> String {
    format!("{lang}/{key}")
}
