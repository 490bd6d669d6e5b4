//! The forms of a function call, told apart by `args` and `parameters` being objects — never by
//! `name`, which in a flat body is the customer's.

use serde_json::{Map, Value};

use super::RetellCall;
use crate::port::short;

/// Which form a body had.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Form {
    /// `{name, args, call}`, with or without `call`.
    Native,
    /// `{function_name, call_id, parameters}`.
    Legacy,
    /// The arguments alone ("Payload: args only").
    #[default]
    Flat,
}

/// A function call, whatever its form.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct FunctionCall {
    /// How it came.
    pub form: Form,
    /// What the body says is to be done; `None`: the path must say it.
    pub function: Option<String>,
    /// What was said.
    pub args: Map<String, Value>,
    /// The call, as the voice platform describes it. The only source of identity.
    pub call: Option<RetellCall>,
    /// A call id from outside `call`: written by a model, good for telling conversations apart,
    /// never for saying who is calling.
    pub claimed_call_id: Option<String>,
}

/// A body that is no function call.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// Not JSON.
    #[error("the body is not JSON")]
    NotJson(#[source] serde_json::Error),
    /// JSON, but not an object.
    #[error("the body is not a JSON object")]
    NotAnObject,
}

/// Where the arguments stand, and in which form then.
const ARGUMENTS: [(&str, Form); 3] = [
    ("args", Form::Native),
    ("arguments", Form::Native),
    ("parameters", Form::Legacy),
];

impl FunctionCall {
    /// Reads a body.
    pub fn parse(body: &[u8]) -> Result<Self, BodyError> {
        let root = match serde_json::from_slice(body).map_err(BodyError::NotJson)? {
            Value::Object(root) => root,
            _ => return Err(BodyError::NotAnObject),
        };
        Ok(Self::of(root))
    }

    fn of(mut root: Map<String, Value>) -> Self {
        let chat = || root.get("chat").and_then(RetellCall::chat);
        let call = root.get("call").and_then(RetellCall::read).or_else(chat);
        let (name, function_name) = (short(&root, "name"), short(&root, "function_name"));
        let claimed = short(&root, "call_id");
        for (key, form) in ARGUMENTS {
            let args = match root.get_mut(key) {
                Some(Value::Object(args)) => std::mem::take(args),
                // Some write nothing where there are no arguments.
                Some(Value::Null) if call.is_some() => Map::new(),
                _ => continue,
            };
            // A body with `function_name` is of the older make, whatever it calls its arguments.
            let older = function_name.is_some() && name.is_none();
            let function = match form {
                Form::Native => name.or(function_name),
                _ => function_name.or(name),
            };
            let claimed_call_id = claimed.or_else(|| short(&args, "call_id"));
            return Self {
                form: if older { Form::Legacy } else { form },
                function,
                args,
                call,
                claimed_call_id,
            };
        }
        // Flat: `name` is the customer's. What describes the call is not an argument.
        root.retain(|key, value| !(["call", "chat"].contains(&key.as_str()) && value.is_object()));
        Self {
            form: Form::Flat,
            function: function_name,
            args: root,
            call,
            claimed_call_id: claimed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(body: &str) -> FunctionCall {
        FunctionCall::parse(body.as_bytes()).expect("a function call")
    }

    #[test]
    fn the_four_forms() {
        for (body, form, function, has_call) in [
            (
                r#"{"name":"book_appointment","args":{"datum":"x"},"call":{"call_id":"c"}}"#,
                Form::Native,
                Some("book_appointment"),
                true,
            ),
            (
                r#"{"call":{"call_id":"c"},"args":{},"name":"book_appointment"}"#,
                Form::Native,
                Some("book_appointment"),
                true,
            ),
            (
                r#"{"name":"query_appointment","args":{"call_id":"c"}}"#,
                Form::Native,
                Some("query_appointment"),
                false,
            ),
            (
                r#"{"args":{"datum":"x"},"call":{"call_id":"c"}}"#,
                Form::Native,
                None,
                true,
            ),
            (
                r#"{"function_name":"get_alternatives","call_id":"c","parameters":{"datum":"x"}}"#,
                Form::Legacy,
                Some("get_alternatives"),
                false,
            ),
            (
                r#"{"function_name":"get_alternatives","args":{"datum":"x"}}"#,
                Form::Legacy,
                Some("get_alternatives"),
                false,
            ),
            (
                r#"{"function_name":"f","parameters":{},"call":{"call_id":"c"}}"#,
                Form::Legacy,
                Some("f"),
                true,
            ),
            (
                r#"{"datum":"2025-10-15","name":"Jörg Müßig"}"#,
                Form::Flat,
                None,
                false,
            ),
            (
                r#"{"datum":"x","name":"Jörg","function_name":"book_appointment"}"#,
                Form::Flat,
                Some("book_appointment"),
                false,
            ),
        ] {
            let call = parse(body);
            assert_eq!(
                (call.form, call.function.as_deref(), call.call.is_some()),
                (form, function, has_call),
                "{body}"
            );
        }
    }

    /// Turns red when the form is decided by `name`.
    #[test]
    fn a_customer_called_like_a_function_is_still_a_customer() {
        let call =
            parse(r#"{"name":"book_appointment","datum":"morgen","args":"x","parameters":[1]}"#);
        assert_eq!(call.args.len(), 4, "nothing of it is lost");
        assert_eq!((call.form, call.function), (Form::Flat, None));
        assert_eq!(
            call.args.get("name").and_then(Value::as_str),
            Some("book_appointment")
        );
    }

    #[test]
    fn an_invented_call_id_is_only_a_claim() {
        let call =
            parse(r#"{"name":"f","args":{"call_id":"12345"},"call":{"call_id":"call_real"}}"#);
        assert_eq!(
            call.call.and_then(|it| it.facts.call_id).as_deref(),
            Some("call_real")
        );
        assert_eq!(call.claimed_call_id.as_deref(), Some("12345"));
    }

    #[test]
    fn no_function_call() {
        for body in ["", "{", "[]", "1", "\"x\"", "null", "\u{feff}{}"] {
            assert!(FunctionCall::parse(body.as_bytes()).is_err(), "{body}");
        }
        assert!(FunctionCall::parse(&[0xff, 0xfe]).is_err());
    }
}
