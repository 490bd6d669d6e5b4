//! Reads bodies and queries the way Cal.com validates them, in its two dialects of complaint.

use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde_json::{Map, Value, json};

use crate::error::ApiError;
use crate::format;

/// A bag of named values with a list of what is wrong with them.
#[derive(Debug)]
pub(crate) struct Fields {
    values: Map<String, Value>,
    prefix: &'static str,
    wrong: Vec<Wrong>,
}

#[derive(Debug)]
struct Wrong {
    property: String,
    constraint: &'static str,
    text: String,
}

impl Fields {
    /// The members of a JSON object body; an empty body is an empty object.
    pub(crate) fn from_body(body: &[u8]) -> Result<Self, ApiError> {
        if body.is_empty() {
            return Ok(Self::new(Map::new(), ""));
        }
        match serde_json::from_slice::<Value>(body) {
            Ok(Value::Object(values)) => Ok(Self::new(values, "")),
            Ok(_) => Err(ApiError::bad_request("Request body must be a JSON object")),
            Err(error) => Err(ApiError::bad_request(format!("Invalid JSON body: {error}"))),
        }
    }

    /// The pairs of a query string; the last of equal names wins.
    pub(crate) fn from_query(query: &str) -> Self {
        let pairs = url::form_urlencoded::parse(query.as_bytes());
        let values =
            pairs.map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())));
        Self::new(values.collect(), "")
    }

    /// The members of a nested object; `prefix` names it in complaints.
    pub(crate) fn nested(values: Map<String, Value>, prefix: &'static str) -> Self {
        Self::new(values, prefix)
    }

    fn new(mut values: Map<String, Value>, prefix: &'static str) -> Self {
        // A null member counts as absent.
        values.retain(|_, value| !value.is_null());
        Self {
            values,
            prefix,
            wrong: Vec::new(),
        }
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// Complains about every name that is not listed.
    pub(crate) fn only(&mut self, known: &[&str]) {
        let unknown: Vec<String> = self
            .values
            .keys()
            .filter(|name| !known.contains(&name.as_str()))
            .cloned()
            .collect();
        for name in unknown {
            self.complain(&name, "whitelistValidation", "property {} should not exist");
        }
    }

    /// Writes down a complaint; `{}` in the text stands for the property.
    pub(crate) fn complain(&mut self, name: &str, constraint: &'static str, text: &str) {
        let text = text.replace("{}", name);
        let property = format!("{}{name}", self.prefix);
        self.wrong.push(Wrong {
            property,
            constraint,
            text,
        });
    }

    pub(crate) fn string(&mut self, name: &str) -> Option<String> {
        match self.values.get(name) {
            None => None,
            Some(Value::String(text)) => Some(text.clone()),
            Some(_) => {
                self.complain(name, "isString", "{} must be a string");
                None
            }
        }
    }

    pub(crate) fn required_string(&mut self, name: &str) -> String {
        if !self.has(name) {
            self.complain(name, "isString", "{} must be a string");
        }
        self.string(name).unwrap_or_default()
    }

    /// A whole number; numeric text counts, as queries have nothing else.
    pub(crate) fn integer(&mut self, name: &str) -> Option<u64> {
        let number = match self.values.get(name)? {
            Value::Number(number) => number.as_u64(),
            Value::String(text) => text.parse().ok(),
            _ => None,
        };
        if number.is_none() {
            self.complain(name, "isInt", "{} must be an integer number");
        }
        number
    }

    /// Minutes: a whole number of at least one and at most a year.
    pub(crate) fn minutes(&mut self, name: &str) -> Option<u32> {
        let number = self.integer(name)?;
        match u32::try_from(number) {
            Ok(minutes @ 1..=525_600) => Some(minutes),
            _ => {
                self.complain(name, "min", "{} must be between 1 and 525600");
                None
            }
        }
    }

    pub(crate) fn boolean(&mut self, name: &str) -> Option<bool> {
        match self.values.get(name)? {
            Value::Bool(flag) => Some(*flag),
            _ => {
                self.complain(name, "isBoolean", "{} must be a boolean value");
                None
            }
        }
    }

    pub(crate) fn object(&mut self, name: &str) -> Option<Map<String, Value>> {
        match self.values.get(name)? {
            Value::Object(members) => Some(members.clone()),
            _ => {
                self.complain(name, "isObject", "{} must be an object");
                None
            }
        }
    }

    pub(crate) fn array(&mut self, name: &str) -> Option<Vec<Value>> {
        match self.values.get(name)? {
            Value::Array(items) => Some(items.clone()),
            _ => {
                self.complain(name, "isArray", "{} must be an array");
                None
            }
        }
    }

    pub(crate) fn strings(&mut self, name: &str) -> Option<Vec<String>> {
        let items = self.array(name)?;
        let texts: Option<Vec<String>> = items
            .iter()
            .map(|item| item.as_str().map(str::to_owned))
            .collect();
        if texts.is_none() {
            self.complain(name, "isString", "each value in {} must be a string");
        }
        texts
    }

    pub(crate) fn instant(&mut self, name: &str) -> Option<DateTime<Utc>> {
        self.parsed(name, format::parse_instant)
    }

    pub(crate) fn date_or_instant(&mut self, name: &str) -> Option<DateTime<Utc>> {
        self.parsed(name, format::parse_date_or_instant)
    }

    fn parsed(
        &mut self,
        name: &str,
        parse: fn(&str) -> Option<DateTime<Utc>>,
    ) -> Option<DateTime<Utc>> {
        let text = self.string(name)?;
        let instant = parse(&text);
        if instant.is_none() {
            self.complain(
                name,
                "isDateString",
                "{} must be a valid ISO 8601 date string",
            );
        }
        instant
    }

    pub(crate) fn zone(&mut self, name: &str) -> Option<Tz> {
        let text = self.string(name)?;
        let zone = text.parse().ok();
        if zone.is_none() {
            self.complain(name, "isTimeZone", "{} must be a valid IANA time-zone");
        }
        zone
    }

    /// Takes over the complaints about a nested object.
    pub(crate) fn absorb(&mut self, nested: Self) {
        self.wrong.extend(nested.wrong);
    }

    /// The dialect of slots, create, reschedule and cancel: everything in one message.
    pub(crate) fn check(self) -> Result<(), ApiError> {
        if self.wrong.is_empty() {
            return Ok(());
        }
        let items: Vec<String> = self
            .wrong
            .iter()
            .map(|wrong| format!("{} property is wrong,{} ", wrong.property, wrong.text))
            .collect();
        Err(ApiError::bad_request(items.join(", ")))
    }

    /// The dialect of lists, webhooks and reservations: a fixed message with details.
    pub(crate) fn check_globally(self) -> Result<(), ApiError> {
        if self.wrong.is_empty() {
            return Ok(());
        }
        let errors: Vec<Value> = self
            .wrong
            .iter()
            .map(|wrong| {
                json!({"property": wrong.property, "children": [],
                    "constraints": {wrong.constraint: wrong.text}})
            })
            .collect();
        Err(ApiError::framework(
            StatusCode::BAD_REQUEST,
            "BadRequestException",
            "Bad Request Exception",
            json!({"errors": errors}),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_properties_are_named() {
        let mut fields = Fields::from_body(br#"{"start":null,"foo":1}"#).unwrap();
        fields.only(&["start"]);
        assert!(!fields.has("start"));
        let error = fields.check().unwrap_err();
        assert_eq!(
            error.message(),
            "foo property is wrong,property foo should not exist "
        );
    }

    #[test]
    fn several_complaints_are_joined() {
        let mut fields = Fields::from_query("eventTypeId=x&start=nope");
        fields.integer("eventTypeId");
        fields.date_or_instant("start");
        let error = fields.check().unwrap_err();
        assert!(
            error
                .message()
                .starts_with("eventTypeId property is wrong,")
        );
        assert!(error.message().contains(" , start property is wrong,"));
    }
}
