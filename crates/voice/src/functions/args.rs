//! Arguments: model output under German and English names, each of them possibly missing, empty,
//! of another type, or a placeholder. Names count without case, umlauts and separators: `newDate`
//! is `new_date`, and `Bestätigung` is `bestaetigung`.

use serde_json::{Map, Value};

use crate::language::{fold, is_placeholder};

/// What was passed to a function, by plain name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Args(Map<String, Value>);

/// Longest value that is looked at, in characters.
const MAX_CHARS: usize = 1_000;

/// Longest list that is looked at.
const MOST_VALUES: usize = 20;

pub(crate) const DATE: &[&str] = &[
    "date",
    "datum",
    "appointment_date",
    "date_string",
    "datetime",
    "tag",
    "day",
    "wann",
    "start",
    "starts_at",
    "when",
];
pub(crate) const TIME: &[&str] = &[
    "time",
    "uhrzeit",
    "appointment_time",
    "preferred_time",
    "zeit",
];
pub(crate) const PERIOD: &[&str] = &[
    "period",
    "zeitraum",
    "preferred_time_window",
    "time_window",
    "part_of_day",
    "tageszeit",
];
pub(crate) const NEW_DATE: &[&str] = &["new_date", "neues_datum", "new_datum", "new_start"];
pub(crate) const NEW_TIME: &[&str] = &["new_time", "neue_uhrzeit", "new_uhrzeit"];
pub(crate) const OLD_DATE: &[&str] = &["old_date", "altes_datum", "current_date", "old_datum"];
pub(crate) const OLD_TIME: &[&str] = &["old_time", "alte_uhrzeit", "current_time"];
pub(crate) const SERVICE: &[&str] = &[
    "service",
    "dienstleistung",
    "service_name",
    "service_id",
    "leistung",
    "behandlung",
];
pub(crate) const STAFF: &[&str] = &[
    "staff",
    "mitarbeiter",
    "mitarbeiter_wunsch",
    "preferred_staff_id",
    "staff_name",
    "staff_id",
    "mitarbeiterin",
];
pub(crate) const NAME: &[&str] = &["name", "customer_name", "kundenname", "full_name"];
pub(crate) const PHONE: &[&str] = &[
    "phone",
    "telefon",
    "customer_phone",
    "phone_number",
    "telefonnummer",
];
pub(crate) const EMAIL: &[&str] = &["email", "customer_email", "e_mail"];
pub(crate) const NOTES: &[&str] = &["notes", "notizen", "kundenpraeferenzen", "notiz", "note"];
pub(crate) const REASON: &[&str] = &["reason", "grund"];
pub(crate) const OPTION: &[&str] = &["option", "option_id", "auswahl", "choice"];
pub(crate) const LIMIT: &[&str] = &["max_alternatives", "limit", "anzahl"];
pub(crate) const LANGUAGE: &[&str] = &["language", "sprache", "lang", "locale"];
pub(crate) const CONFIRMED: &[&str] = &[
    "bestaetigung",
    "bestaetigt",
    "confirm",
    "confirmed",
    "confirm_reschedule",
];

pub(crate) const REJECTED: &[&str] = &["rejected", "rejected_options", "abgelehnt"];
/// From then on, where no day is wished for.
pub(crate) const AFTER: &[&str] = &["after"];
/// So many days are looked through.
pub(crate) const SEARCH_DAYS: &[&str] = &["search_days"];

/// All names of all arguments.
#[cfg(test)]
pub(crate) const ALL: [&[&str]; 21] = [
    DATE,
    TIME,
    PERIOD,
    NEW_DATE,
    NEW_TIME,
    OLD_DATE,
    OLD_TIME,
    SERVICE,
    STAFF,
    NAME,
    PHONE,
    EMAIL,
    NOTES,
    REASON,
    OPTION,
    LIMIT,
    LANGUAGE,
    CONFIRMED,
    REJECTED,
    AFTER,
    SEARCH_DAYS,
];

/// Whether some function reads an argument of this name.
#[cfg(test)]
pub(crate) fn known_argument(name: &str) -> bool {
    ALL.iter().any(|names| names.contains(&name))
}

/// Arguments in which people's own words stand.
pub(crate) const SPOKEN: [&[&str]; 8] = [
    DATE, TIME, PERIOD, NEW_DATE, NEW_TIME, OLD_DATE, OLD_TIME, AFTER,
];

impl Args {
    pub(crate) fn new(args: Map<String, Value>) -> Self {
        let mut named = Self::default();
        for (name, value) in args {
            if named.value(&name).is_none_or(says_nothing) {
                named.0.insert(plain_name(&name), value);
            }
        }
        named
    }

    /// What holds where under none of these names there is a yes, a no or a number.
    pub(crate) fn assume(&mut self, names: &[&str], value: Value) {
        if self.yes_or_no(names).is_none() && self.number(names).is_none() {
            self.0.insert(plain_name(names[0]), value);
        }
    }

    fn value(&self, name: &str) -> Option<&Value> {
        self.0.get(&plain_name(name))
    }

    /// The first of these names that says something.
    pub(crate) fn text(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| {
            let text = match self.value(name)? {
                // On one line, as it may be read back.
                Value::String(text) => text.split_whitespace().collect::<Vec<_>>().join(" "),
                Value::Number(number) => number.to_string(),
                _ => return None,
            };
            (!is_placeholder(&text)).then(|| text.chars().take(MAX_CHARS).collect())
        })
    }

    /// All that stands under these names: a list, or a text with commas.
    pub(crate) fn texts(&self, names: &[&str]) -> Vec<String> {
        let values = names.iter().filter_map(|name| self.value(name));
        let texts = values.flat_map(|value| match value {
            Value::Array(values) => values.iter().filter_map(Value::as_str).collect(),
            Value::String(text) => text.split([',', ' ']).collect::<Vec<_>>(),
            _ => Vec::new(),
        });
        let said = texts.map(str::trim).filter(|text| !is_placeholder(text));
        said.take(MOST_VALUES).map(str::to_owned).collect()
    }

    /// The first of these names that is a whole number.
    pub(crate) fn number(&self, names: &[&str]) -> Option<i64> {
        self.text(names)?.parse().ok()
    }

    /// The first of these names that says yes or no.
    pub(crate) fn yes_or_no(&self, names: &[&str]) -> Option<bool> {
        names.iter().find_map(|name| match self.value(name)? {
            Value::Bool(value) => Some(*value),
            Value::String(text) => match fold(text).as_str() {
                "true" | "ja" | "yes" => Some(true),
                "false" | "nein" | "no" => Some(false),
                _ => None,
            },
            _ => None,
        })
    }

    /// Whether any of these names says something.
    pub(crate) fn has(&self, names: &[&str]) -> bool {
        self.text(names).is_some()
    }
}

/// Small letters and digits only.
fn plain_name(name: &str) -> String {
    fold(name)
        .chars()
        .filter(|it| it.is_alphanumeric())
        .collect()
}

fn says_nothing(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(is_placeholder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn args(value: Value) -> Args {
        match value {
            Value::Object(map) => Args::new(map),
            _ => Args::default(),
        }
    }

    #[test]
    fn the_first_name_that_says_something_wins() {
        let args = args(
            json!({"date": "None", "datum": " 2025-10-13 ", "uhrzeit": 14, "name": {},
            "service_id": 7, "confirm": "ja", "limit": "3", "email": null, "telefon": "{{number}}"}),
        );
        assert_eq!(args.text(DATE).as_deref(), Some("2025-10-13"));
        assert_eq!(args.text(TIME).as_deref(), Some("14"));
        assert_eq!(args.number(SERVICE), Some(7));
        assert_eq!(args.number(LIMIT), Some(3));
        assert_eq!(args.yes_or_no(CONFIRMED), Some(true));
        for missing in [NAME, EMAIL, PHONE, STAFF] {
            assert!(!args.has(missing), "{missing:?}");
        }
    }
}
