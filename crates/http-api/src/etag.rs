//! Validators: what a client may keep, as long as it asks whether it is still true.

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use sha2::{Digest, Sha256};

/// A copy may be kept, and must be asked about before every use.
pub(crate) const ALWAYS_ASK: HeaderValue = HeaderValue::from_static("private, no-cache");

/// About as many as there will be, those of the middleware included: room is made once.
const MOST_HEADERS: usize = 14;
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// A digest of everything that an answer depends on, short enough for a header.
pub(crate) fn digest<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        // The length keeps "ab" + "c" and "a" + "bc" apart.
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    hex::encode(&hasher.finalize()[..16])
}

/// A validator, quoted, as the value of a header.
pub(crate) fn value(quoted: String) -> HeaderValue {
    HeaderValue::try_from(quoted).expect("made of digests and numbers")
}

/// Answers 304 if the client has it already, else the JSON with its validator. The body is made
/// only if it is sent.
pub(crate) fn conditional(
    headers: &HeaderMap,
    etag: &HeaderValue,
    caching: HeaderValue,
    body: impl FnOnce() -> Body,
) -> Response {
    let mut response = Response::default();
    let answer = response.headers_mut();
    answer.reserve(MOST_HEADERS);
    answer.insert(ETAG, etag.clone());
    answer.insert(CACHE_CONTROL, caching);
    answer.insert(VARY, HeaderValue::from_static("authorization"));
    if matches(headers, etag) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    } else {
        answer.insert(CONTENT_TYPE, JSON);
        *response.body_mut() = body();
    }
    response
}

/// Whether `If-None-Match` names the validator (compared weakly, as RFC 9110 says).
fn matches(headers: &HeaderMap, etag: &HeaderValue) -> bool {
    fn plain(tag: &str) -> &str {
        tag.trim().trim_start_matches("W/")
    }
    let known = etag.to_str().map(plain).unwrap_or_default();
    headers
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|tag| tag.trim() == "*" || plain(tag) == known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_validator_saves_the_body() {
        let status = |sent: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(IF_NONE_MATCH, HeaderValue::from_static(sent));
            let etag = value("W/\"abc\"".to_owned());
            conditional(&headers, &etag, ALWAYS_ASK, || Body::from("body"))
                .status()
                .as_u16()
        };
        for known in ["W/\"abc\"", "\"abc\"", "\"x\", W/\"abc\"", "*"] {
            assert_eq!(status(known), 304, "{known}");
        }
        for other in ["\"abd\"", "abc", ""] {
            assert_eq!(status(other), 200, "{other}");
        }
    }

    #[test]
    fn digests_depend_on_where_parts_end() {
        let parts = |parts: [&'static [u8]; 2]| digest(parts);
        assert_ne!(parts([b"ab", b"c"]), parts([b"a", b"bc"]));
    }
}
