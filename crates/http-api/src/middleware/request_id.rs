//! `x-request-id`: taken over from the request if it is sane, else made.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use booking_domain::ports::IdSource;

const HEADER: HeaderName = HeaderName::from_static("x-request-id");
const MAX: usize = 128;

/// The id of a request: printable ASCII without blanks, so that it can stand in any log line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct RequestId(HeaderValue);

impl RequestId {
    /// The one the request brought.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let given = headers.get(HEADER)?;
        let text = given.as_bytes();
        let sane = (1..=MAX).contains(&text.len()) && text.iter().all(u8::is_ascii_graphic);
        sane.then(|| Self(given.clone()))
    }

    /// A new one.
    pub(super) fn made(ids: &dyn IdSource) -> Self {
        let text = ids.uuid().to_string();
        Self(HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("none")))
    }

    pub(crate) fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    pub(crate) fn write(&self, headers: &mut HeaderMap) {
        headers.insert(HEADER, self.0.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sane_ids_are_taken_over() {
        let of = |value: &[u8]| {
            let mut headers = HeaderMap::new();
            headers.insert(HEADER, HeaderValue::from_bytes(value).expect("a header"));
            RequestId::of(&headers).map(|id| id.as_str().to_owned())
        };
        assert_eq!(of(b"abc-1").as_deref(), Some("abc-1"));
        assert!(of(&[b'x'; MAX]).is_some());
        for bad in [&b""[..], b"a b", b"a\tb", &[b'x'; MAX + 1], "ä".as_bytes()] {
            assert_eq!(of(bad), None, "{bad:?}");
        }
    }
}
