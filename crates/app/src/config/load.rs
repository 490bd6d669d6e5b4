//! Reading the configuration, and saying what is wrong with it.

use std::path::Path;

use booking_application::listeners::CATALOGUE;
use config::{Environment, File, FileFormat, Value, ValueKind};

use super::Config;
use super::keys::{Use, environment_name, look_up, most_like};

const PREFIX: &str = "BOOKING";
const SEPARATOR: &str = "__";

/// What is wrong with the configuration.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    #[error("the configuration file {file} cannot be read: {problem}")]
    File { file: String, problem: String },
    #[error(
        "there is no configuration key {given}. Did you mean {meant}? \
         All keys are listed in docs/configuration.md"
    )]
    UnknownKey { given: String, meant: String },
    #[error("{key} is '{value}', but must be {expected}")]
    Value {
        key: String,
        value: String,
        expected: String,
    },
    #[error("the configuration has a wrong value: {0}")]
    Shape(String),
    #[error("{key} is not set: {remedy}")]
    Missing {
        key: &'static str,
        remedy: &'static str,
    },
}

impl ConfigError {
    pub(crate) fn unknown_listener(name: &str) -> Self {
        let known: Vec<_> = CATALOGUE.iter().map(|(known, _)| *known).collect();
        let given = format!("listeners.{name}, because no listener has that name");
        Self::UnknownKey {
            given,
            meant: format!("one of {}", known.join(", ")),
        }
    }

    pub(crate) fn value(key: &str, value: &str, expected: &str) -> Self {
        let (key, value, expected) = (key.to_owned(), value.to_owned(), expected.to_owned());
        Self::Value {
            key,
            value,
            expected,
        }
    }
}

/// Reads the file, if one is given, and the environment over it.
pub(crate) fn load(file: Option<&Path>) -> Result<Config, ConfigError> {
    let mut sources = config::Config::builder();
    if let Some(file) = file {
        let text = std::fs::read_to_string(file).map_err(|error| ConfigError::File {
            file: file.display().to_string(),
            problem: error.to_string(),
        })?;
        sources = sources.add_source(File::from_str(&text, FileFormat::Toml));
    }
    // Everything stays text until a field asks for a number: leading zeros survive.
    let environment = Environment::with_prefix(PREFIX)
        .prefix_separator(SEPARATOR)
        .separator(SEPARATOR);
    let read = sources
        .add_source(environment)
        .build()
        .map_err(|error| ConfigError::File {
            file: file.map_or_else(|| "(environment)".to_owned(), |it| it.display().to_string()),
            problem: error.to_string(),
        })?;
    let without_effect = check_keys(&read.cache)?;
    let config: Config = read
        .try_deserialize()
        .map_err(|error| ConfigError::Shape(named(&error.to_string())))?;
    Ok(Config {
        without_effect,
        ..config
    })
}

/// Refuses keys that nobody knows; the names of known ones that do nothing yet.
fn check_keys(read: &Value) -> Result<Vec<String>, ConfigError> {
    let (mut keys, mut without_effect) = (Vec::new(), Vec::new());
    flatten("", read, &mut keys);
    for key in keys {
        match look_up(&key) {
            Some(Use::Now) => {}
            Some(Use::Later) => without_effect.push(environment_name(&key)),
            None => {
                return Err(ConfigError::UnknownKey {
                    given: format!("{key} ({} in the environment)", environment_name(&key)),
                    meant: format!(
                        "{} ({})",
                        most_like(&key),
                        environment_name(most_like(&key))
                    ),
                });
            }
        }
    }
    Ok(without_effect)
}

fn flatten(path: &str, value: &Value, keys: &mut Vec<String>) {
    match &value.kind {
        ValueKind::Table(table) => {
            for (name, value) in table {
                let path = if path.is_empty() {
                    name.clone()
                } else {
                    format!("{path}.{name}")
                };
                flatten(&path, value, keys);
            }
        }
        _ => keys.push(path.to_owned()),
    }
}

/// `config` names keys with dots; people set them in the environment more often.
fn named(problem: &str) -> String {
    match problem
        .split('`')
        .nth(1)
        .filter(|key| look_up(key).is_some())
    {
        Some(key) => format!("{problem} ({})", environment_name(key)),
        None => problem.to_owned(),
    }
}
