//! The sentences as templates: ours in `texts/*.json`, and a company's own words over them.

mod check;
mod samples;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use minijinja::{Environment, Error, UndefinedBehavior};
use serde::{Deserialize, Serialize};

use crate::language::Lang;

pub use check::{TextProblem, check};
#[cfg(test)]
pub(crate) use samples::samples;

/// What a template is filled with. A placeholder that does not apply is empty.
pub(crate) type Values = BTreeMap<&'static str, String>;

/// A company's own words: language (`de`, `en`), name of the sentence, template. The names and
/// their placeholders are those of `texts/*.json`.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Overrides(pub BTreeMap<String, BTreeMap<String, String>>);

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
pub(crate) static BUILT_IN: LazyLock<Texts> = LazyLock::new(|| {
    Texts::with(&Overrides::default()).expect("our own templates have no mistakes, as tests show")
});

impl Texts {
    /// Ours with a company's words over them.
    pub(crate) fn with(overrides: &Overrides) -> Result<Self, Error> {
        let mut environment = Environment::empty();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_fuel(Some(MOST_STEPS));
        for ((lang, key), ours) in OURS.iter() {
            let own = overrides.0.get(*lang).and_then(|texts| texts.get(key));
            let text = own.unwrap_or(ours).clone();
            environment.add_template_owned(name(lang, key), text)?;
        }
        Ok(Self { environment })
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
