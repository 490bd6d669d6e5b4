//! The `Idempotency-Key` header: doing the same request twice does it once.

use axum::http::HeaderMap;
use booking_domain::idempotency::{Fingerprint, IdempotencyKey};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::problem::Problem;

/// Keeps the keys of this entry point apart from those of others.
const SCOPE: &str = "api";
const HEADER: &str = "idempotency-key";

/// The key and what the request says, if the client wants to be able to repeat it.
pub(crate) fn idempotency(
    headers: &HeaderMap,
    operation: &str,
    body: &[u8],
) -> Result<Option<(IdempotencyKey, Fingerprint)>, Problem> {
    let mut given = headers.get_all(HEADER).iter();
    let key = match (given.next(), given.next()) {
        (None, _) => return Ok(None),
        (Some(only), None) => only.to_str().ok(),
        (Some(_), Some(_)) => None,
    };
    let key = key
        .and_then(|key| IdempotencyKey::parse(SCOPE, key))
        .ok_or_else(|| {
            let most = IdempotencyKey::MAX_BYTES;
            Problem::field(
                "Idempotency-Key",
                format!("send it once, with 1 to {most} plain characters"),
            )
        })?;
    Ok(Some((key, fingerprint(operation, body))))
}

/// SHA-256 over method, path and the body in canonical form: neither the order of members nor
/// blanks make it another request.
fn fingerprint(operation: &str, body: &[u8]) -> Fingerprint {
    let mut text = format!("{operation}\n");
    // The body was read before, so it is JSON; were it not, it would count as it is.
    match serde_json::from_slice(body) {
        Ok(value) => canonical(&value, &mut text),
        Err(_) => text.push_str(&String::from_utf8_lossy(body)),
    }
    Fingerprint(hex::encode(Sha256::digest(text.as_bytes())))
}

/// JSON with sorted members and no blanks.
fn canonical(value: &Value, text: &mut String) {
    match value {
        Value::Object(members) => {
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_unstable_by_key(|(name, _)| *name);
            text.push('{');
            for (name, member) in sorted {
                text.push_str(&Value::from(name.as_str()).to_string());
                text.push(':');
                canonical(member, text);
                text.push(',');
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for item in items {
                canonical(item, text);
                text.push(',');
            }
            text.push(']');
        }
        plain => text.push_str(&plain.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn order_and_blanks_do_not_count_but_values_do() {
        let of = |body: &str| fingerprint("POST /x", body.as_bytes());
        let one = of(r#"{"a":1,"b":{"c":[1,2],"d":"ä\""}}"#);
        assert_eq!(
            one,
            of(r#" { "b" : {"d":"\u00e4\"", "c":[1, 2]}, "a":1 } "#)
        );
        for other in [
            r#"{"a":2,"b":{"c":[1,2],"d":"ä\""}}"#,
            r#"{"a":1,"b":{"c":[2,1],"d":"ä\""}}"#,
            r#"{"a":1,"b":{"c":[1,2],"d":"ä\"","e":null}}"#,
            r#"{"a":1}"#,
        ] {
            assert_ne!(one, of(other), "{other}");
        }
        assert_ne!(fingerprint("POST /x", b"{}"), fingerprint("POST /y", b"{}"));
    }

    #[test]
    fn the_header_is_optional_single_and_plain() {
        let with = |values: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(HEADER, HeaderValue::from_static(value));
            }
            idempotency(&headers, "POST /x", b"{}")
                .map(|found| found.is_some())
                .ok()
        };
        assert_eq!(with(&[]), Some(false));
        assert_eq!(with(&["k-1"]), Some(true));
        assert_eq!(with(&[""]), None);
        assert_eq!(with(&["k-1", "k-1"]), None);
    }
}
