//! The shapes around Cal.com's data: one for success, two for errors.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::verdict::Problem;

/// What surrounds the data of a success.
#[derive(Deserialize)]
pub(crate) struct Envelope<T> {
    status: String,
    data: Option<T>,
    #[serde(default)]
    pub(crate) pagination: Value,
}

impl<T: DeserializeOwned> Envelope<T> {
    /// Reads a body; `what` names what was expected in it.
    pub(crate) fn read(body: &[u8], what: &'static str) -> Result<(T, Value), Problem> {
        // The parser's own message may quote the body.
        let envelope: Self = serde_json::from_slice(body).map_err(|_| Problem::Unreadable(what))?;
        match envelope {
            Self {
                status,
                data: Some(data),
                pagination,
            } if status == "success" => Ok((data, pagination)),
            _ => Err(Problem::Unreadable(what)),
        }
    }
}

/// Who speaks in an error body.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Speaker {
    /// The framework: validation, keys, limits, unknown things.
    Framework,
    /// The booking engine, past all of that.
    Engine,
    /// Neither: a proxy, or something that is not Cal.com.
    Stranger,
}

/// The message of an error body and who speaks.
pub(crate) fn error_text(body: &[u8]) -> (Speaker, String) {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let framework = [
        &body["error"]["message"],
        &body["error"]["details"]["message"],
    ];
    if let Some(text) = framework.into_iter().find_map(text) {
        return (Speaker::Framework, text);
    }
    match text(&body["message"]) {
        Some(text) => (Speaker::Engine, text),
        None => (Speaker::Stranger, String::new()),
    }
}

/// Messages are texts or lists of texts.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Array(parts) => {
            let parts: Vec<_> = parts.iter().filter_map(Value::as_str).collect();
            (!parts.is_empty()).then(|| parts.join(", "))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_error_shapes_are_read() {
        for (body, speaker, expected) in [
            (
                r#"{"status":"error","path":"/v2/bookings","error":{"code":"BadRequestException","message":"Too late","details":{"message":"Other"}}}"#,
                Speaker::Framework,
                "Too late",
            ),
            (
                r#"{"error":{"details":{"message":["a","b"]}}}"#,
                Speaker::Framework,
                "a, b",
            ),
            (
                r#"{"statusCode":409,"message":"booking_conflict_error"}"#,
                Speaker::Engine,
                "booking_conflict_error",
            ),
            ("<html>502</html>", Speaker::Stranger, ""),
            ("[]", Speaker::Stranger, ""),
            (r#"{"error":"no"}"#, Speaker::Stranger, ""),
        ] {
            assert_eq!(error_text(body.as_bytes()), (speaker, expected.to_owned()));
        }
    }

    /// Turns red when the HTTP status alone is believed.
    #[test]
    fn a_success_says_so_and_has_data() {
        let read = |body: &str| Envelope::<Vec<u8>>::read(body.as_bytes(), "a list").is_ok();
        assert!(read(r#"{"data":[1],"status":"success","new":true}"#));
        for bad in [
            r#"{"status":"error","data":[1]}"#,
            r#"{"status":"success","data":null}"#,
            r#"{"status":"success"}"#,
            r#"{"data":[1]}"#,
            r#"{"status":"success","data":{}}"#,
            r#"{"status":"success","data":[1]"#,
            "",
        ] {
            assert!(!read(bad), "{bad}");
        }
    }
}
