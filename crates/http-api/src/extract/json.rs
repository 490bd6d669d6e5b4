//! JSON bodies: the right content type, well formed, and exactly the fields that are known.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use serde::de::{DeserializeOwned, IgnoredAny};

use super::RawBody;
use super::object::Object;
use crate::problem::Problem;

/// A body that must be there, and the bytes it was read from.
pub(crate) struct JsonBody<T> {
    pub(crate) value: T,
    pub(crate) raw: Bytes,
}

/// A body that may be left out, and the bytes it was read from.
pub(crate) struct OptionalJson<T> {
    pub(crate) value: T,
    pub(crate) raw: Bytes,
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(not_json());
        }
        let RawBody(raw) = RawBody::from_request(request, state).await?;
        let value = read(&raw)?;
        Ok(Self { value, raw })
    }
}

impl<T: DeserializeOwned + Default, S: Send + Sync> FromRequest<S> for OptionalJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let is_json = is_json(request.headers());
        let RawBody(raw) = RawBody::from_request(request, state).await?;
        let value = match (raw.is_empty(), is_json) {
            (true, _) => T::default(),
            (false, false) => return Err(not_json()),
            (false, true) => read(&raw)?,
        };
        Ok(Self { value, raw })
    }
}

fn not_json() -> Problem {
    Problem::new(
        "unsupported_media_type",
        "send `Content-Type: application/json`",
    )
}

fn is_json(headers: &HeaderMap) -> bool {
    let given = headers.get(CONTENT_TYPE).and_then(|it| it.to_str().ok());
    let Some((kind, subkind)) = given.and_then(|it| it.split(';').next()?.trim().split_once('/'))
    else {
        return false;
    };
    let json = subkind.eq_ignore_ascii_case("json");
    let suffixed = subkind.to_ascii_lowercase().ends_with("+json");
    kind.eq_ignore_ascii_case("application") && (json || suffixed)
}

/// Reads the value, or says which field is wrong.
fn read<T: DeserializeOwned>(raw: &[u8]) -> Result<T, Problem> {
    // First whether it is JSON at all: a wrong field before the break must not hide the break.
    serde_json::from_slice::<IgnoredAny>(raw).map_err(|error| {
        let detail = format!(
            "not JSON at line {}, column {}",
            error.line(),
            error.column()
        );
        Problem::new("malformed_json", detail)
    })?;
    let mut reader = serde_json::Deserializer::from_slice(raw);
    let read: Result<Object<T>, _> = serde_path_to_error::deserialize(&mut reader);
    read.map(|object| object.0).map_err(|error| {
        let path = error.path().to_string();
        let text = error.into_inner().to_string();
        let message = text.split(" at line ").next().unwrap_or(&text);
        Problem::field(&field(&path, message), message)
    })
}

/// The field a message is about: a missing or doubled one is named by the message alone.
fn field(path: &str, message: &str) -> String {
    let parent = path.trim_matches('.');
    let named = ["missing field `", "duplicate field `"]
        .iter()
        .find_map(|words| message.strip_prefix(words)?.strip_suffix('`'));
    match (named, parent) {
        (Some(name), "") => name.to_owned(),
        (Some(name), parent) => format!("{parent}.{name}"),
        (None, "") => "body".to_owned(),
        (None, parent) => parent.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dto::NewBooking;

    fn refused(body: &str) -> (&'static str, String) {
        let Err(problem) = read::<NewBooking>(body.as_bytes()) else {
            panic!("{body} is accepted");
        };
        (problem.code(), format!("{problem:?}"))
    }

    #[test]
    fn what_is_wrong_is_named() {
        let start = r#""start":"2025-10-13T08:00:00Z""#;
        let name = r#""customer":{"name":"A"}"#;
        for (body, field) in [
            ("{}".to_owned(), "service_id"),
            ("[]".to_owned(), "body"),
            (format!(r#"{{"service_id":1,{start}}}"#), "customer"),
            (
                format!(r#"{{"service_id":"1",{start},{name}}}"#),
                "service_id",
            ),
            (
                format!(r#"{{"service_id":1,{start},{name},"colour":1}}"#),
                "colour",
            ),
            (
                format!(r#"{{"service_id":1,{start},"customer":{{}}}}"#),
                "customer.name",
            ),
            (
                format!(r#"{{"service_id":1,{start},"customer":{{"nam":1}}}}"#),
                "customer.nam",
            ),
            (
                format!(r#"{{"service_id":1,"service_id":1,{start},{name}}}"#),
                "service_id",
            ),
        ] {
            let (code, problem) = refused(&body);
            assert_eq!(code, "validation_failed", "{body}");
            assert!(
                problem.contains(&format!("field: \"{field}\"")),
                "{body}: {problem}"
            );
        }
    }

    #[test]
    fn broken_json_is_no_field_error() {
        for body in ["", "{", "{\"colour\":1,", "{} {}", "\u{0}", "[1,]"] {
            assert_eq!(refused(body).0, "malformed_json", "{body}");
        }
    }

    /// Turns red when `Object` is left out: derived structs also read themselves from arrays.
    #[test]
    fn arrays_are_no_objects() {
        let customer = r#"["A","a@mail.example",null,null]"#;
        let start = "2025-10-13T08:00:00Z";
        let all = format!(r#"[1,"{start}",{{"name":"A"}},null,null,null,null]"#);
        let inner = format!(r#"{{"service_id":1,"start":"{start}","customer":{customer}}}"#);
        for (body, field) in [(all, "body"), (inner, "customer")] {
            let (_, problem) = refused(&body);
            assert!(
                problem.contains(&format!("field: \"{field}\"")),
                "{body}: {problem}"
            );
        }
    }

    #[test]
    fn content_types() {
        let is = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, text.parse().expect("plain"));
            is_json(&headers)
        };
        assert!(is("application/json") && is("Application/JSON; charset=utf-8"));
        assert!(is("application/merge-patch+json"));
        assert!(!is("text/json") && !is("text/plain") && !is("application/x-www-form-urlencoded"));
        assert!(!is_json(&HeaderMap::new()));
    }
}
